"""Stays, from the arrivals and departures of one bay: in how many pieces they were told, and for how long the told state was true."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from gateway.scoring.told import Says, Told
from gateway.scoring.truth import Fact, What


@dataclass(frozen=True, slots=True)
class Stay:
    """None where it began before the trace, or lasts beyond it."""

    arrived: Fact | None
    left: Fact | None


def stays_of(facts: Sequence[Fact]) -> list[Stay]:
    stays: list[Stay] = []
    arrived: Fact | None = None
    for fact in facts:
        if fact.what is What.ARRIVED:
            if arrived is not None:
                stays.append(Stay(arrived, None))
            arrived = fact
        elif fact.what is What.LEFT:
            stays.append(Stay(arrived, fact))
            arrived = None
    return stays if arrived is None else [*stays, Stay(arrived, None)]


def splits_of(stays: Sequence[Stay], starts: Sequence[Told], extra_ends: Sequence[Told]) -> int:
    """Of the ends that match no departure: those within a stay, with a start after them in it."""
    count = 0
    for end in extra_ends:
        for stay in stays:
            from_s = -inf if stay.arrived is None else stay.arrived.t
            to_s = inf if stay.left is None else stay.left.t
            if from_s < end.onset_s < to_s:
                count += any(end.onset_s < start.onset_s <= to_s for start in starts)
                break
    return count


def agreement(stays: Sequence[Stay], told: Sequence[Told], until_s: float) -> tuple[float, float]:
    """For how long the told state was the true one, and for how long it was unknown, s. What is told counts from its onset."""
    moments: list[tuple[float, int, bool | None]] = []
    for stay in stays:
        moments.append((0.0 if stay.arrived is None else stay.arrived.t, 0, True))
        if stay.left is not None:
            moments.append((stay.left.t, 0, False))
    # A told state is that of its onset: park_start and park_end are billed from there, lost and known say when.
    moments += [(each.onset_s, 1, None if each.says is Says.LOST else each.occupied) for each in told]
    agreed = unknown = 0.0
    true: bool | None = False
    says: bool | None = False
    last = 0.0
    for t, which, state in sorted(moments, key=lambda moment: moment[0]):
        passed = min(max(t, 0.0), until_s) - last
        agreed += passed * (says is true)
        unknown += passed * (says is None)
        last += passed
        if which:
            says = state
        else:
            true = state
    passed = max(until_s - last, 0.0)
    return agreed + passed * (says is true), unknown + passed * (says is None)
