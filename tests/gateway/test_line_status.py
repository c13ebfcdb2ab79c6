"""What is shown of a line is what was counted of it, each count under its own name."""

from dataclasses import asdict

from drivers.counters import BusCounters, LinkCounters, Tally
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitRefused, UnitSilent
from drivers.links.faults import BusStopped
from drivers.standing import State
from gateway.line_status import bus_status
from tests.drivers.things import device


def test_every_count_stands_under_its_own_name() -> None:
    tally = Tally(requests=20, late=7)
    tally.answered(0.0101)
    tally.answered(0.0302)
    for times, error in enumerate((UnitSilent(unit=3), FrameCorrupt(unit=3), UnitRefused(unit=3, code=2), AnswerMismatched(unit=3)), 1):
        for _ in range(times):
            tally.failed(error)
    tally.lateness_s += [0.001, 0.002, 0.1]
    counted = tally.snapshot(device("d", 3, sub_unit=4), State.FAILING)
    link = LinkCounters(up=False, opened=2, last_error=BusStopped(bus="east"), stray_octets=11, skipped_polls=13)
    shown = asdict(bus_status(BusCounters(bus="east", link=link, devices=(counted,), quarantined=())))
    assert shown.pop("units") == (
        {
            "device": "d",
            "unit": 3,
            "sub_unit": 4,
            "state": "failing",
            "requests": 20,
            "answers": 2,
            "timeouts": 1,
            "crc_errors": 2,
            "refused": 3,
            "mismatched": 4,
            "late": 7,
            "round_trip_p50_ms": 10.1,
            "round_trip_p95_ms": 30.2,
            "lateness_p50_ms": 2.0,
            "lateness_p95_ms": 100.0,
        },
    )
    assert shown == {"bus": "east", "up": False, "fault": BusStopped.sentence, "opened": 2, "stray_octets": 11, "skipped_polls": 13}
