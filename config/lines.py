"""Rules about lines: nobody shares a wire, and every wire can carry its polls."""

import os
from collections.abc import Callable, Iterable, Iterator

from config.budget import COMFORTABLE_MS_PER_S, FULL_MS_PER_S, Load, load_of
from config.catalogue import Profiles
from config.finding import Finding, finding
from config.mistakes import shown
from config.parts import Parts, Placed
from config.site import Bus, Device, SerialLine, Wire


def load_of_bus(bus: Bus, devices: Iterable[Device], profiles: Profiles) -> Load | None:
    """None for Modbus TCP: there is no line rate. Devices of other buses and of unknown profiles are passed over."""
    if not isinstance(bus.line, Wire):
        return None
    members = [(device, profiles.get(device.profile)) for device in devices if device.bus == bus.name]
    return load_of(bus.line, ((device, profile) for device, profile in members if profile is not None))


def overloaded(parts: Parts) -> Iterator[Finding]:
    for placed, load in _loads(parts):
        if load.ms_per_s > FULL_MS_PER_S:
            yield _said(placed, load, "config.bus_overloaded")


def nearly_full(parts: Parts) -> Iterator[Finding]:
    for placed, load in _loads(parts):
        if COMFORTABLE_MS_PER_S < load.ms_per_s <= FULL_MS_PER_S:
            yield _said(placed, load, "config.bus_nearly_full")


def _loads(parts: Parts) -> Iterator[tuple[Placed[Bus], Load]]:
    devices = [placed.item for placed in parts.devices]
    for placed in parts.buses:
        load = load_of_bus(placed.item, devices, parts.profiles)
        if load is not None:
            yield placed, load


def _said(placed: Placed[Bus], load: Load, sentence: str) -> Finding:
    line = placed.item.line
    at = "baud" if "baud" in line.model_fields_set else "kind"
    return finding(
        (*placed.path, "line", at),
        sentence,
        bus=placed.item.name,
        percent=round(load.percent),
        needed=round(load.ms_per_s),
        over=round(load.ms_per_s - FULL_MS_PER_S),
        poll_s=f"{load.fitting_poll_s:g}",
        baud=line.baud if isinstance(line, Wire) else 0,
    )


def shared_wires(parts: Parts, real: Callable[[str], str] = os.path.realpath) -> Iterator[Finding]:
    """Each wire has one owner. Two names of one serial port (by-id and ttyUSB0) are one port."""
    first: dict[tuple[object, ...], Placed[Bus]] = {}
    for placed in parts.buses:
        line = placed.item.line
        wire: tuple[object, ...] = (real(line.port),) if isinstance(line, SerialLine) else (line.host.lower(), line.port)
        at = (*placed.path, "line", "port" if isinstance(line, SerialLine) else "host")
        if wire in first:
            other = first[wire]
            sentence = "config.port_shared" if isinstance(line, SerialLine) else "config.endpoint_shared"
            where = line.port if isinstance(line, SerialLine) else f"{line.host}:{line.port}"
            yield finding(at, sentence, port=shown(where), bus=other.item.name, other=(*other.path, "line"))
        first.setdefault(wire, placed)


def lonely(parts: Parts) -> Iterator[Finding]:
    """No mistake, yet hardly meant: a bus without devices, a device that nothing is bound to."""
    bound = {name for bay in parts.bays for name in bay.item.watched_by} | {
        pile for station in parts.stations for pile in station.item.piles
    }
    for bus in parts.buses:
        if not any(parts.members(bus.item.name)):
            yield finding((*bus.path, "name"), "config.bus_without_devices", name=bus.item.name)
    for device in parts.devices:
        if device.item.name not in bound:
            yield finding((*device.path, "name"), "config.device_unbound", name=device.item.name)
