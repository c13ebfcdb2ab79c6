"""How often what was told of a row is what stood there, for each bay: what agrees, what is missed, and vehicles that are none.

as told     the sessions that are billed in the end, from onset to onset; unknown agrees with nothing
at once     what was told of the bay when the row had just come
likely      what was thought most likely then, sure or not: for whoever looks at the map of the street
invented    events for which nothing happened, a bay-day, and how many of those that a row showed were found; a node does not report all
            that it feels, so any moment between the two rows around a change is right
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from time import process_time

from config.site import BayDetection
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Occupancy
from gateway.scoring.judging import judged
from gateway.scoring.measures import Measures, measures
from gateway.scoring.told import Says, told_of
from gateway.scoring.truth import Device, Fact, What
from tests.benchmarks.months_of.plain import PLAIN
from tests.benchmarks.months_of.rows import Months

_OCCUPIED = {Occupancy.OCCUPIED: True, Occupancy.VACANT: False, Occupancy.UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class Rows:
    agreed: float
    missed: float
    false: float
    unknown: float


@dataclass(frozen=True, slots=True)
class Scored:
    bay: str
    told: Rows
    at_once: Rows
    likely: Rows
    events: Measures | None
    """None for detectors that tell states and no events."""
    us: float
    """CPU a row."""


def ours(months: Months) -> tuple[Scored, list[BayChange]]:
    machine, changes = BayMachine(months.name, BayDetection(), now=0.0), list[BayChange]()
    at_once, likely = list[bool | None](), list[bool | None]()
    began = process_time()
    for row in months.rows:
        reading = row.reading
        while (due := machine.deadline()) is not None and due < reading.t:
            changes += machine.tick(due)
        changes += machine.feed(reading, reading.t)
        at_once.append(_OCCUPIED[machine.state])
        likely.append(_OCCUPIED[machine.likely])
    us = 1e6 * (process_time() - began) / len(months.rows)
    told = states(months, changes)
    scored = Scored(months.name, _rows(months, told), _rows(months, at_once), _rows(months, likely), events(months, changes), us)
    return scored, changes


def plain(name: str, months: Months) -> Scored:
    detector = PLAIN[name]()
    began = process_time()
    said: list[bool | None] = [detector.feed(row.reading) for row in months.rows]
    us = 1e6 * (process_time() - began) / len(months.rows)
    rows = _rows(months, said)
    return Scored(months.name, rows, rows, rows, None, us)


def states(months: Months, changes: Sequence[BayChange]) -> list[bool | None]:
    """What was told of each row in the end."""
    times = [row.reading.t for row in months.rows]
    said: list[bool | None] = [False] * len(times)
    for told in filter(None, map(told_of, changes)):
        first = bisect_right(times, told.onset_s - 1e-6)
        said[first:] = [None if told.says is Says.LOST else told.occupied] * (len(times) - first)
    return said


def _rows(months: Months, said: Sequence[bool | None]) -> Rows:
    pairs = [(row.occupied, each) for row, each in zip(months.rows, said, strict=True)]
    occupied = sum(true for true, _ in pairs)
    return Rows(
        sum(true is each for true, each in pairs) / len(pairs),
        sum(true and each is not True for true, each in pairs) / max(occupied, 1),
        sum(not true and each is True for true, each in pairs) / max(len(pairs) - occupied, 1),
        sum(each is None for _, each in pairs) / len(pairs),
    )


def events(months: Months, changes: Sequence[BayChange]) -> Measures:
    name, times, facts = months.name, [row.reading.t for row in months.rows], list[Fact]()
    for stay in months.stays:
        shown = bisect_right(times, stay.depart_s) - bisect_right(times, stay.arrive_s)
        facts.append(_fact(name, What.ARRIVED, stay.arrive_s, stay.parked_s, times, shown))
        facts.append(_fact(name, What.LEFT, stay.depart_s, stay.gone_s, times, 1))
    told = [each for each in map(told_of, changes) if each is not None]
    return measures([judged(name, Device(on_change=True), facts, told, months.until_s)])


def _fact(device: str, what: What, t: float, settled_s: float, times: Sequence[float], readings: int) -> Fact:
    before, after = bisect_right(times, t) - 1, bisect_right(times, settled_s)
    blind_s = times[min(after, len(times) - 1)] - times[max(before, 0)]
    return Fact(t=t, device=device, what=what, settled_s=settled_s, blind_s=blind_s, readings=readings)
