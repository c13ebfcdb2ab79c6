"""What concerns two places of a site at once: names, addresses, and who is bound to whom."""

from collections.abc import Iterator, Sequence
from typing import Any

from config.finding import Finding, finding
from config.mistakes import shown
from config.nearest import nearest
from config.parts import Parts, Placed
from config.profile import Key, Profile
from config.protocols import VOCABULARY
from config.site import Bay, BayDetection, Device
from config.speaking import windows_of, wrong_addresses, wrong_settings
from config.tree import Path

TELLS_A_VEHICLE = frozenset({Key.OCCUPIED, Key.LEVEL, Key.X_UT, Key.Y_UT, Key.Z_UT, Key.B_UT, Key.DISTANCE_MM})
"""Values from which a bay's detector can tell its occupancy."""


def wrong_bindings(parts: Parts) -> Iterator[Finding]:
    for placed, key, sentence in (
        (parts.buses, "name", "config.bus_twice"),
        (parts.devices, "name", "config.device_twice"),
        (parts.bays, "id", "config.bay_twice"),
        (parts.stations, "id", "config.station_twice"),
        (parts.operators, "name", "config.operator_twice"),
    ):
        yield from _twice(placed, key, sentence)
    yield from _unknown_names(parts)
    for device in parts.devices:
        yield from _wrong_sub_unit(device, parts)
    yield from wrong_addresses(parts)
    yield from wrong_settings(parts)
    yield from _one_address(parts)
    yield from _bindings(parts)
    yield from _detection(parts)
    yield from _neighbours(parts)
    yield from _operators(parts)


def _twice(items: Sequence[Placed[Any]], key: str, sentence: str) -> Iterator[Finding]:
    first: dict[str, Path] = {}
    for placed in items:
        name = getattr(placed.item, key)
        path = (*placed.path, key)
        if name in first:
            yield finding(path, sentence, name=name, other=first[name])
        first.setdefault(name, path)


def _unknown_names(parts: Parts) -> Iterator[Finding]:
    for bus in parts.buses_of_devices:
        if parts.bus_names is not None and bus.name not in parts.bus_names:
            yield _unknown(bus.path, "config.unknown_bus", bus.name, parts.bus_names)
    for profile in parts.profiles_of_devices:
        if parts.profiles.get(profile.name) is None and profile.name not in parts.broken_profiles:
            yield _unknown(profile.path, "config.unknown_profile", profile.name, frozenset(parts.profiles.names))


def _unknown(path: Path, sentence: str, name: str, known: frozenset[str]) -> Finding:
    meant = nearest(name, sorted(known))
    return finding(
        path, sentence, name=shown(name), nearest=meant, known=", ".join(sorted(known)[:10]), hint="config.did_you_mean" if meant else None
    )


def _wrong_sub_unit(placed: Placed[Device], parts: Parts) -> Iterator[Finding]:
    device, profile = placed.item, parts.profiles.get(placed.item.profile)
    if profile is None:
        return
    windows = windows_of(profile)
    values: tuple[tuple[str, object], ...] = (("profile", profile.profile), ("sub_unit", device.sub_unit))
    if windows is not None:
        values += (("first", windows.first), ("last", windows.last))
    if windows is None and device.sub_unit is not None:
        yield Finding((*placed.path, "sub_unit"), "config.sub_unit_needless", values, at_key=True)
    elif windows is not None and device.sub_unit is None:
        yield Finding(placed.path, "config.sub_unit_missing", values)
    elif windows is not None and device.sub_unit is not None and not windows.first <= device.sub_unit <= windows.last:
        yield Finding((*placed.path, "sub_unit"), "config.sub_unit_outside", values)


def _one_address(parts: Parts) -> Iterator[Finding]:
    """State is kept by (bus, unit, sub-unit): two devices at one would be one device with two names."""
    first: dict[tuple[str, int, int | None], Placed[Device]] = {}
    for placed in parts.devices:
        device = placed.item
        address = (device.bus, device.unit, device.sub_unit)
        if address in first:
            sentence = "config.unit_twice" if device.sub_unit is None else "config.sub_unit_twice"
            at = (*placed.path, "unit" if device.sub_unit is None else "sub_unit")
            other = first[address]
            values = (("unit", device.unit), ("sub_unit", device.sub_unit), ("bus", device.bus), ("name", other.item.name))
            yield Finding(at, sentence, values, other=(*other.path, "unit"))
        first.setdefault(address, placed)


def _bindings(parts: Parts) -> Iterator[Finding]:
    """Every device serves one bay or one station, and can tell what that needs."""
    first: dict[str, Path] = {}
    wanted = [(device, True) for device in parts.devices_of_bays] + [(pile, False) for pile in parts.piles_of_stations]
    for reference, by_bay in wanted:
        path, name = reference.path, reference.name
        if parts.device_names is not None and name not in parts.device_names:
            yield _unknown(path, "config.unknown_device", name, parts.device_names)
            continue
        if name in first:
            yield finding(path, "config.bound_twice", name=name, other=first[name])
        first.setdefault(name, path)
        placed = parts.device(name)
        profile = parts.profiles.get(placed.item.profile) if placed is not None else None
        if profile is not None and not (_tells_a_vehicle(profile) if by_bay else _tells_a_bike(profile)):
            yield finding(path, "config.tells_no_vehicle" if by_bay else "config.tells_no_bike", name=name, profile=profile.profile)


def _tells_a_vehicle(profile: Profile) -> bool:
    return any(point.key in TELLS_A_VEHICLE for point in profile.points)


def _tells_a_bike(profile: Profile) -> bool:
    return profile.tags is not None or VOCABULARY[profile.protocol].tags or any(point.key is Key.OCCUPIED for point in profile.points)


def _detection(parts: Parts) -> Iterator[Finding]:
    yield from _hysteresis(("detection",), parts.detection)
    for bay in parts.bays:
        if bay.item.detection is not None:
            yield from _hysteresis((*bay.path, "detection"), bay.item.detection)
        limits = bay.item.detection or parts.detection
        for name in bay.item.watched_by:
            at = (*bay.path, "detection", "silent_s") if bay.item.detection else (*bay.path, "device" if bay.item.device else "devices")
            yield from _silent_before_polled(at, limits.silent_s, name, parts)
        yield from _empty_field(bay, parts)
    for station in parts.stations:
        seconds = (station.item.detection or parts.station_detection).silent_s
        for index, pile in enumerate(station.item.piles):
            yield from _silent_before_polled((*station.path, "piles", index), seconds, pile, parts)


def _hysteresis(path: Path, limits: BayDetection) -> Iterator[Finding]:
    for occupied, vacant in (("occupied_ut", "vacant_ut"), ("occupied_level", "vacant_level")):
        upper, lower = getattr(limits, occupied), getattr(limits, vacant)
        if lower >= upper:
            at = vacant if vacant in limits.model_fields_set else occupied
            yield finding((*path, at), "config.no_hysteresis", vacant=vacant, lower=lower, occupied=occupied, upper=upper)


def _silent_before_polled(path: Path, silent_s: float, name: str, parts: Parts) -> Iterator[Finding]:
    """A device that is asked more seldom than it may be silent is unknown between two good answers."""
    placed = parts.device(name)
    profile = parts.profiles.get(placed.item.profile) if placed is not None else None
    if placed is None or profile is None:
        return
    poll_s = placed.item.poll_s or profile.poll_s
    if silent_s < 2 * poll_s:
        yield finding(path, "config.silent_before_polled", name=name, silent_s=silent_s, poll_s=poll_s, least_s=2 * poll_s)


def _empty_field(bay: Placed[Bay], parts: Parts) -> Iterator[Finding]:
    placed = parts.device(bay.item.watched_by[0])
    profile = parts.profiles.get(placed.item.profile) if placed is not None else None
    if bay.item.empty_field is None or profile is None:
        return
    if not {Key.X_UT, Key.Y_UT, Key.Z_UT} <= {point.key for point in profile.points}:
        yield finding((*bay.path, "empty_field"), "config.empty_field_needless", at_key=True, profile=profile.profile)


def _neighbours(parts: Parts) -> Iterator[Finding]:
    for reference in parts.neighbours_of_bays:
        if parts.bay_names is not None and reference.name not in parts.bay_names:
            yield _unknown(reference.path, "config.unknown_bay", reference.name, parts.bay_names)


def _operators(parts: Parts) -> Iterator[Finding]:
    for index, placed in enumerate(parts.operators):
        for earlier in parts.operators[:index]:
            one, other = placed.item.tag_prefix, earlier.item.tag_prefix
            if one.startswith(other) or other.startswith(one):
                path = (*placed.path, "tag_prefix")
                yield finding(path, "config.prefixes_overlap", prefix=one, name=earlier.item.name, other=(*earlier.path, "tag_prefix"))
                break
