"""The tables of `watch`, and what a crew should do."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from config.sentences import catalogue, say
from gateway.console.speech import language, tell
from gateway.console.table import Column, print_table
from gateway.line_status import BusStatus, UnitStatus
from gateway.status import BayStatus, DeviceStatus, StationStatus, WorkStatus

_BAYS = (("watch.bay", False), ("watch.state", False), ("watch.since", False))
_STATIONS = (("watch.station", False), ("watch.bikes", True), ("watch.capacity", True))
_DEVICES = (
    ("watch.device", False),
    ("watch.polled", True),
    ("watch.decoded", True),
    ("watch.settled", True),
    ("watch.journalled", True),
    ("watch.acknowledged", False),
    ("watch.age", True),
    ("watch.fault", False),
)
_LINES = (("watch.bus", False), ("watch.link", False), ("watch.opened", True), ("watch.stray", True), ("watch.skipped", True))
_UNITS = (
    ("watch.bus", False),
    ("watch.unit", True),
    ("watch.device", False),
    ("watch.state", False),
    ("watch.requests", True),
    ("watch.answers", True),
    ("watch.timeouts", True),
    ("watch.crc_errors", True),
    ("watch.refused", True),
    ("watch.mismatched", True),
    ("watch.late", True),
    ("watch.round_trip", True),
    ("watch.lateness", True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of the daemon's snapshot is shown."""

    gateway: str
    time: str
    bays: tuple[BayStatus, ...]
    stations: tuple[StationStatus, ...]
    devices: tuple[DeviceStatus, ...]
    buses: tuple[BusStatus, ...]
    work: tuple[WorkStatus, ...]


def show(shown: Shown) -> None:
    """Tables without rows are left out."""
    tell("watch.head", gateway=shown.gateway, time=shown.time)
    _table(_BAYS, [(bay.bay, _word(f"watch.{bay.state}"), bay.since or "") for bay in shown.bays])
    _table(_STATIONS, [(each.station, str(each.total), "" if each.capacity is None else str(each.capacity)) for each in shown.stations])
    _table(_DEVICES, [_device(device) for device in shown.devices])
    _table(_LINES, [_line(bus) for bus in shown.buses])
    _table(_UNITS, [_unit(bus.bus, unit) for bus in shown.buses for unit in bus.units])
    _work(shown.work)


def _work(work: Sequence[WorkStatus]) -> None:
    """Last, where a terminal's reader looks first: each device with what is wrong and what to do."""
    if work:
        click.echo()
        tell("work.head")
    for place, each in enumerate(work, 1):
        if each.watches is None:
            tell("work.device_alone", place=place, device=each.device)
        else:
            tell("work.device", place=place, device=each.device, watches=each.watches)
        for cause in each.causes:
            sentence = f"work.cause.{cause}"
            known = sentence if sentence in catalogue() else "work.cause.other"
            click.echo(f"   {say(known, language(), cause=cause)} {say(known + '.next', language())}")


def _table(titles: Sequence[tuple[str, bool]], rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        click.echo()
        print_table([Column(_word(title), right=right) for title, right in titles], rows)


def _word(sentence: str) -> str:
    return say(sentence, language())


def _device(device: DeviceStatus) -> tuple[str, ...]:
    counts = (device.polled, device.decoded, device.settled, device.journalled)
    age = "" if device.age_s is None else f"{device.age_s:.1f}"
    return (device.device, *map(str, counts), _word("watch.yes" if device.acknowledged else "watch.no"), age, device.fault or "")


def _line(bus: BusStatus) -> tuple[str, ...]:
    return (bus.bus, _word("watch.up" if bus.up else "watch.down"), str(bus.opened), str(bus.stray_octets), str(bus.skipped_polls))


def _unit(bus: str, unit: UnitStatus) -> tuple[str, ...]:
    address = str(unit.unit) if unit.sub_unit is None else f"{unit.unit}/{unit.sub_unit}"
    counts = (unit.requests, unit.answers, unit.timeouts, unit.crc_errors, unit.refused, unit.mismatched, unit.late)
    return (
        bus,
        address,
        unit.device,
        _word(f"watch.{unit.state}"),
        *map(str, counts),
        _spread(unit.round_trip_p50_ms, unit.round_trip_p95_ms),
        _spread(unit.lateness_p50_ms, unit.lateness_p95_ms),
    )


def _spread(p50_ms: float | None, p95_ms: float | None) -> str:
    return "" if p50_ms is None or p95_ms is None else f"{p50_ms:.1f} / {p95_ms:.1f}"
