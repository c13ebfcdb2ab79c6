"""Rules about what a device speaks: its address is one that the protocol has, its line can carry it, its settings are the profile's."""

from collections.abc import Iterator

from config.finding import Finding, finding
from config.mistakes import shown
from config.nearest import nearest
from config.parts import Parts, Placed
from config.profile import Profile, SubUnits
from config.protocols import VOCABULARY, Protocol
from config.site import Bus, Device, TcpLine


def windows_of(profile: Profile) -> SubUnits | None:
    """The sub-units that a device of this profile has to choose from."""
    numbers = VOCABULARY[profile.protocol].sub_units
    return profile.sub_units if numbers is None else SubUnits(first=numbers[0], last=numbers[-1], stride=1)


def wrong_addresses(parts: Parts) -> Iterator[Finding]:
    spoken: dict[str, tuple[Protocol, Placed[Device]]] = {}
    buses: dict[str, Bus] = {placed.item.name: placed.item for placed in parts.buses}
    for placed in parts.devices:
        device, profile = placed.item, parts.profiles.get(placed.item.profile)
        protocol = Protocol.MODBUS if profile is None else profile.protocol
        units = VOCABULARY[protocol].units
        if device.unit not in units:
            below = device.unit < units[0]
            sentence, bound = ("config.must_be_at_least", units[0]) if below else ("config.must_be_at_most", units[-1])
            yield finding((*placed.path, "unit"), sentence, key="unit", value=device.unit, bound=bound)
        bus = buses.get(device.bus)
        if profile is None or bus is None:
            continue
        at = (*placed.path, "profile")
        if protocol is not Protocol.MODBUS and isinstance(bus.line, TcpLine):
            yield finding(at, "config.protocol_not_on_tcp", profile=profile.profile, protocol=protocol.value, bus=bus.name)
        first, other = spoken.setdefault(bus.name, (protocol, placed))
        if first is not protocol and not bus.mixed_protocols:
            yield finding(
                at, "config.protocols_mixed", bus=bus.name, protocol=protocol.value, first=first.value, other=(*other.path, "profile")
            )


def wrong_settings(parts: Parts) -> Iterator[Finding]:
    for placed in parts.devices:
        profile = parts.profiles.get(placed.item.profile)
        if profile is None:
            continue
        known = {setting.name: setting for setting in profile.settings}
        for name, value in placed.item.settings.items():
            at = (*placed.path, "settings", name)
            setting = known.get(name)
            if setting is None:
                meant = nearest(name, sorted(known))
                hint = "config.did_you_mean" if meant else None
                yield finding(
                    at,
                    "config.unknown_setting",
                    at_key=True,
                    hint=hint,
                    name=shown(name),
                    profile=profile.profile,
                    nearest=meant,
                    known=", ".join(sorted(known)) or "-",
                )
            elif not setting.minimum <= value <= setting.maximum:
                yield finding(at, "config.setting_range", name=name, value=value, least=setting.minimum, most=setting.maximum)
