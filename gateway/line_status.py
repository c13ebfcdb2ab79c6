"""What each line has seen, as people and programs are shown it: counts since the start, times of the last exchanges."""

from dataclasses import dataclass

from drivers.counters import BusCounters, DeviceCounters
from drivers.standing import State


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStatus:
    """Exchanges that concerned one device; those shared by several devices count for each of them."""

    device: str
    unit: int
    sub_unit: int | None
    state: State
    requests: int
    answers: int
    timeouts: int
    crc_errors: int
    """Answers that were damaged, whatever tells it: CRC, length, noise."""
    refused: int
    """Exceptions that the device answered."""
    mismatched: int
    late: int
    round_trip_p50_ms: float | None
    round_trip_p95_ms: float | None
    lateness_p50_ms: float | None
    lateness_p95_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusStatus:
    bus: str
    up: bool
    fault: str | None
    """Why it is down, or was the last time: the id of its sentence."""
    opened: int
    stray_octets: int
    skipped_polls: int
    units: tuple[UnitStatus, ...]


def bus_status(counted: BusCounters) -> BusStatus:
    link = counted.link
    return BusStatus(
        bus=counted.bus,
        up=link.up,
        fault=None if link.last_error is None else link.last_error.sentence,
        opened=link.opened,
        stray_octets=link.stray_octets,
        skipped_polls=link.skipped_polls,
        units=tuple(_unit(device) for device in counted.devices),
    )


def _unit(counted: DeviceCounters) -> UnitStatus:
    return UnitStatus(
        device=counted.device,
        unit=counted.unit,
        sub_unit=counted.sub_unit,
        state=counted.state,
        requests=counted.requests,
        answers=counted.answers,
        timeouts=counted.timeouts,
        crc_errors=counted.corrupt,
        refused=counted.refused,
        mismatched=counted.mismatched,
        late=counted.late,
        round_trip_p50_ms=_ms(counted.round_trip.p50_ms),
        round_trip_p95_ms=_ms(counted.round_trip.p95_ms),
        lateness_p50_ms=_ms(counted.lateness.p50_ms),
        lateness_p95_ms=_ms(counted.lateness.p95_ms),
    )


def _ms(measured: float | None) -> float | None:
    return None if measured is None else round(measured, 1)
