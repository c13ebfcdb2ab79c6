"""What was told of the street against what happened in it, with what could be seen in mind.

Every fact is told by one event, in order, at its time. Left out may only be pairs that cancel each other out within one time in which
nothing could be seen. An event that says between which bounds a change happened must be right about that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

Period = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Between a fact and its date, in seconds."""

    well_seen_s: float
    poorly_seen_s: float
    """Within a time in which not everything could be seen."""


@dataclass(frozen=True, slots=True)
class Fact:
    who: str
    what: str
    t: float
    """Street time."""


@dataclass(frozen=True, slots=True)
class Told:
    """Times are street time; None where there is none, or where the machine's clock can't be held to it."""

    who: str
    what: str
    dated: float | None
    onset: float | None
    """On the monotonic clock; None where it belongs to another process."""
    earliest: float | None
    latest: float | None
    bounded: bool
    recorded: float | None
    id: str
    reason: str


@dataclass(slots=True)
class TruthVerdict:
    facts: int = 0
    cancelled: int = 0
    """Facts that nobody could see and that left no trace."""
    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    wrongly_dated: list[str] = field(default_factory=list)


def merged(periods: Iterable[Period]) -> list[Period]:
    found: list[Period] = []
    for begins, ends in sorted(periods):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return found


def _zone(periods: Sequence[Period], t: float) -> Period | None:
    return next((period for period in periods if period[0] <= t <= period[1]), None)


def _wrong(told: Told, fact: Fact, tolerance: Tolerance, *, poorly: bool) -> str | None:
    """Why this event does not date this fact rightly."""
    allowed_s = tolerance.poorly_seen_s if poorly else tolerance.well_seen_s
    if told.bounded:
        if told.earliest is not None and fact.t < told.earliest - tolerance.well_seen_s:
            return f"before time_min by {told.earliest - fact.t:.1f} s"
        if told.latest is not None and fact.t > told.latest + tolerance.well_seen_s:
            return f"behind time_max by {fact.t - told.latest:.1f} s"
        return None
    for name, value in (("time", told.dated), ("onset_s", told.onset)):
        if value is not None and abs(value - fact.t) > allowed_s:
            return f"{name} is wrong by {value - fact.t:+.1f} s"
    return None


def judge_truth(
    facts: Sequence[Fact], told: Sequence[Told], unseen: Mapping[str, Sequence[Period]], until: float, tolerance: Tolerance
) -> TruthVerdict:
    """Of what happened until then."""
    verdict = TruthVerdict(facts=sum(fact.t <= until for fact in facts))
    happened: dict[str, list[Fact]] = defaultdict(list)
    for fact in sorted(facts, key=lambda each: each.t):
        happened[fact.who].append(fact)
    said: dict[str, list[Told]] = defaultdict(list)
    for event in told:
        said[event.who].append(event)
    for who in sorted(happened.keys() | said.keys()):
        subject = "/".join(who.split("/")[:2])
        _judge_one(happened[who], said[who], unseen.get(subject, ()), until, tolerance, verdict)
    return verdict


def _judge_one(
    facts: Sequence[Fact], told: Sequence[Told], unseen: Sequence[Period], until: float, tolerance: Tolerance, verdict: TruthVerdict
) -> None:
    at = event = 0
    for move in _cheapest(facts, told, unseen, until, tolerance):
        match move:
            case _Move.TELLS:
                wrong = _wrong(told[event], facts[at], tolerance, poorly=_zone(unseen, facts[at].t) is not None)
                if wrong is not None:
                    verdict.wrongly_dated.append(f"{_named(told[event])} at {facts[at].t:.1f}: {wrong}")
                at, event = at + 1, event + 1
            case _Move.CANCELLED:
                verdict.cancelled += 2
                at += 2
            case _Move.LOST:
                if facts[at].t <= until:
                    verdict.lost.append(f"{facts[at].who} {facts[at].what} at {facts[at].t:.1f}")
                at += 1
            case _Move.INVENTED:
                verdict.invented.append(f"{_named(told[event])} dated {told[event].dated} onset {told[event].onset}")
                event += 1


def _named(event: Told) -> str:
    return f"{event.who} {event.id} {event.what} {event.reason}"


class _Move(Enum):
    """What becomes of the next fact, or the next event."""

    TELLS = auto()
    CANCELLED = auto()
    LOST = auto()
    INVENTED = auto()


_WRONG, _MISSING = 3, 4
"""A wrong date is a better explanation than a loss and an invention."""


def _cheapest(facts: Sequence[Fact], told: Sequence[Told], unseen: Sequence[Period], until: float, tolerance: Tolerance) -> list[_Move]:
    """Which event tells which fact, so that the least is wrong: an event without a date that can be held to the truth may tell several."""
    zones = [_zone(unseen, fact.t) for fact in facts]
    costs: dict[tuple[int, int], tuple[int, _Move | None]] = {(len(facts), len(told)): (0, None)}
    for at in range(len(facts), -1, -1):
        for event in range(len(told), -1, -1):
            ways: list[tuple[int, _Move | None]] = []
            if at < len(facts) and event < len(told) and facts[at].what == told[event].what:
                wrong = _wrong(told[event], facts[at], tolerance, poorly=zones[at] is not None)
                ways.append((costs[at + 1, event + 1][0] + (0 if wrong is None else _WRONG), _Move.TELLS))
            if at + 1 < len(facts) and (zone := zones[at]) is not None and facts[at + 1].t <= zone[1]:
                ways.append((costs[at + 2, event][0], _Move.CANCELLED))
            if at < len(facts):
                ways.append((costs[at + 1, event][0] + (_MISSING if facts[at].t <= until else 0), _Move.LOST))
            if event < len(told):
                ways.append((costs[at, event + 1][0] + _MISSING, _Move.INVENTED))
            if ways:
                costs[at, event] = min(ways, key=lambda way: way[0])
    moves, at, event = list[_Move](), 0, 0
    while (move := costs[at, event][1]) is not None:
        moves.append(move)
        at += {_Move.TELLS: 1, _Move.CANCELLED: 2, _Move.LOST: 1, _Move.INVENTED: 0}[move]
        event += move in (_Move.TELLS, _Move.INVENTED)
    return moves
