"""One device as its bus sees it: where it answers, how its registers read, how often it is asked."""

from dataclasses import dataclass
from typing import Protocol

from config.profile import Profile, Setting
from config.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class BusDevice:
    name: str
    unit: int
    sub_unit: int | None
    profile: Profile
    poll_s: float
    timeout_s: float
    bound: bool = True
    """Its readings become events of a bay or a station."""
    settings: tuple[tuple[Setting, int], ...] = ()
    """What it shall be configured to."""

    @property
    def window(self) -> int:
        """What is added to the profile's addresses for this device."""
        windows = self.profile.sub_units
        if windows is None:
            return 0
        sub_unit = windows.first if self.sub_unit is None else self.sub_unit
        return windows.base + (sub_unit - windows.first) * windows.stride


class Profiles(Protocol):
    """Profiles by name, however they are kept."""

    def get(self, name: str, /) -> Profile | None: ...


def devices_of(bus: str, site: Site, profiles: Profiles) -> tuple[BusDevice, ...]:
    """The devices of one bus, with what their profiles say where the site is silent. Raises KeyError for an unknown profile."""
    bound = {name for bay in site.bays for name in bay.watched_by} | {pile for station in site.stations for pile in station.piles}
    devices = []
    for device in site.devices:
        if device.bus != bus:
            continue
        profile = profiles.get(device.profile)
        if profile is None:
            raise KeyError(device.profile)
        devices.append(
            BusDevice(
                name=device.name,
                unit=device.unit,
                sub_unit=device.sub_unit,
                profile=profile,
                poll_s=profile.poll_s if device.poll_s is None else device.poll_s,
                timeout_s=profile.limits.timeout_s if device.timeout_s is None else device.timeout_s,
                bound=device.name in bound,
                settings=tuple(
                    (setting, value)
                    for setting in profile.settings
                    if (value := device.settings.get(setting.name, setting.value)) is not None
                ),
            )
        )
    return tuple(devices)
