"""What was told of one bay, judged by the truth: each fact found or missed, each thing told right or invented, and how sessions fared.

    found, missed   an arrival or departure that readings showed, with and without its match (`matching.py` states the tolerances)
    unseen          one that too few readings could show, or that lies in a fault of the sensor: neither found nor missed
    invented        a start or an end without a match, outside of faults; `near` says what happened then, if anything
    split           an end told in the middle of one stay, with a start after it
    merged          a gap between two stays of which neither end was told

Too few are fewer than two: of two the second may confirm what the first shows, a single one never makes an event. Of a device that
reports on change one is enough, for its silence says that nothing has changed since.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from gateway.scoring.matching import TOLERANCE_S, pairs
from gateway.scoring.stays import Stay, agreement, splits_of, stays_of
from gateway.scoring.told import Says, Told
from gateway.scoring.truth import Device, Fact, What

_SHOWN_BY, _SHOWN_BY_ON_CHANGE = 2, 1
_DISTURBING = (What.DRIVE_OVER, What.BUS, What.SHUFFLED, What.NEIGHBOUR_MOVED)


@dataclass(frozen=True, slots=True)
class Found:
    """An arrival or departure, and what was told of it."""

    fact: Fact
    told: Told | None
    unseen: bool


@dataclass(frozen=True, slots=True)
class Invented:
    told: Told
    near: What | None
    """What disturbed the bay then; None for nothing that the truth knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One bay over one trace."""

    device: str
    how: Device
    span_s: float
    found: tuple[Found, ...]
    invented: tuple[Invented, ...]
    disturbed: tuple[What, ...]
    """Every drive-over, bus, shuffling and neighbour of the trace."""
    faults: int
    """How often its sensor was not to be believed."""
    stays: int
    """Whole stays that could be seen."""
    splits: int
    merged: int
    durations: tuple[tuple[float, float], ...]
    """True and told length of the stays of which both ends were told, s."""
    agreed_s: float
    unknown_s: float


def judged(device: str, how: Device, facts: Sequence[Fact], told: Sequence[Told], until_s: float) -> Judged:
    """`facts` and `told` of one bay, in the order of time; the trace begins at zero and ends at `until_s`."""
    faults = tuple(_faults(facts, until_s))
    stays = stays_of(facts)
    starts = sorted((each for each in told if each.says is Says.START), key=lambda each: each.onset_s)
    ends = sorted((each for each in told if each.says is Says.END), key=lambda each: each.onset_s)
    # What stood there when the trace began is no arrival of it, but a start told of it is right.
    arrivals = [stay.arrived for stay in stays if stay.arrived is not None]
    departures = [stay.left for stay in stays if stay.left is not None]
    found_starts = {id(arrivals[i]): starts[j] for i, j in pairs(arrivals, starts)}
    found_ends = {id(departures[i]): ends[j] for i, j in pairs(departures, ends)}
    unseen = _unseen(stays, faults, _SHOWN_BY_ON_CHANGE if how.on_change else _SHOWN_BY)
    matched = {id(each) for each in (*found_starts.values(), *found_ends.values())}
    found = [
        Found(fact, matches.get(id(fact)), id(fact) in unseen)
        for stay in stays
        for fact, matches in ((stay.arrived, found_starts), (stay.left, found_ends))
        if fact is not None and fact.t >= 0
    ]
    extra = [each for each in (*starts, *ends) if id(each) not in matched and not _within(each.onset_s, faults)]
    first = [each for each in extra if each.says is Says.START and _stood_at_zero(stays, each)]
    invented = [Invented(each, _near(each, facts)) for each in sorted(extra, key=lambda each: each.onset_s) if each not in first[:1]]
    both = [
        (stay.left.t - stay.arrived.t, found_ends[id(stay.left)].onset_s - found_starts[id(stay.arrived)].onset_s)
        for stay in stays
        if stay.arrived is not None and stay.left is not None and id(stay.left) in found_ends and id(stay.arrived) in found_starts
    ]
    agreed_s, unknown_s = agreement(stays, told, until_s)
    return Judged(
        device=device,
        how=how,
        span_s=until_s,
        found=tuple(found),
        invented=tuple(invented),
        disturbed=tuple(fact.what for fact in facts if fact.what in _DISTURBING),
        faults=len(faults),
        stays=sum(stay.arrived is not None and id(stay.arrived) not in unseen for stay in stays),
        splits=splits_of(stays, starts, [each for each in ends if id(each) not in matched]),
        merged=sum(_merged(before, after, unseen, found_ends, found_starts) for before, after in pairwise(stays)),
        durations=tuple(both),
        agreed_s=agreed_s,
        unknown_s=unknown_s,
    )


def _unseen(stays: Sequence[Stay], faults: Sequence[tuple[float, float]], shown_by: int) -> set[int]:
    """Ids of facts that nobody could tell."""
    hidden = [stay.arrived is not None and _few(stay.arrived, shown_by) for stay in stays]
    hidden_gaps = [stay.left is not None and _few(stay.left, shown_by) for stay in stays]
    unseen: set[int] = set()
    for index, stay in enumerate(stays):
        after_hidden_gap = index > 0 and hidden_gaps[index - 1]
        if stay.arrived is not None and (hidden[index] or after_hidden_gap or _within(stay.arrived.t, faults)):
            unseen.add(id(stay.arrived))
        if stay.left is not None and (hidden[index] or hidden_gaps[index] or _within(stay.left.t, faults)):
            unseen.add(id(stay.left))
    return unseen


def _few(fact: Fact, shown_by: int) -> bool:
    return fact.readings is not None and fact.readings < shown_by


def _faults(facts: Sequence[Fact], until_s: float) -> Iterator[tuple[float, float]]:
    began: float | None = None
    for fact in facts:
        if fact.what is What.FAULT_FROM:
            began = fact.t
        elif fact.what is What.FAULT_TO and began is not None:
            yield began, fact.t
            began = None
    if began is not None:
        yield began, until_s


def _within(t: float, spans: Sequence[tuple[float, float]]) -> bool:
    return any(from_s - TOLERANCE_S <= t <= to_s + TOLERANCE_S for from_s, to_s in spans)


def _stood_at_zero(stays: Sequence[Stay], told: Told) -> bool:
    """Whether this start may be what stood there when the trace began."""
    if not stays or (stays[0].arrived is not None and stays[0].arrived.t >= 0):
        return False
    return stays[0].left is None or told.onset_s < stays[0].left.t


def _near(told: Told, facts: Sequence[Fact]) -> What | None:
    """The nearest disturbance of which the told change may have been made."""
    best, nearest = inf, None
    for fact in facts:
        if fact.what not in _DISTURBING or not fact.t - TOLERANCE_S <= told.onset_s <= fact.settled_s + TOLERANCE_S:
            continue
        far = 0.0 if fact.t <= told.onset_s <= fact.settled_s else min(abs(fact.t - told.onset_s), abs(fact.settled_s - told.onset_s))
        if far < best:
            best, nearest = far, fact.what
    return nearest


def _merged(before: Stay, after: Stay, unseen: set[int], ends: dict[int, Told], starts: dict[int, Told]) -> bool:
    facts = (before.left, after.arrived)
    return all(fact is not None and id(fact) not in unseen and id(fact) not in ends and id(fact) not in starts for fact in facts)
