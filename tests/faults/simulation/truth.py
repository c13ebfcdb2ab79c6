"""What was told of the street against what happened in it, with what could be seen in mind.

Every fact is told by one event, in order, at its time. Left out may only be pairs that cancel each other out within one time in which
nothing could be seen. An event that says between which bounds a change happened must be right about that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
    at = 0
    for event in told:
        reach, wrong = _found(facts, at, event, unseen, tolerance)
        if reach is not None:
            verdict.cancelled += reach - at
            at = reach + 1
        elif wrong is not None and facts[at].what == event.what:
            verdict.wrongly_dated.append(f"{event.who} {wrong}")
            at += 1
        else:
            verdict.invented.append(f"{event.who} {event.id} {event.what} {event.reason} dated {event.dated} onset {event.onset}")
    while at < len(facts):
        if _cancel(facts, at, unseen):
            verdict.cancelled += 2
            at += 2
            continue
        if facts[at].t <= until:
            verdict.lost.append(f"{facts[at].who} {facts[at].what} at {facts[at].t:.1f}")
        at += 1


def _found(facts: Sequence[Fact], at: int, event: Told, unseen: Sequence[Period], tolerance: Tolerance) -> tuple[int | None, str | None]:
    """The fact that this event tells, else why the first that it might tell is not the one."""
    first_wrong: str | None = None
    while at < len(facts):
        fact = facts[at]
        if fact.what == event.what:
            wrong = _wrong(event, fact, tolerance, poorly=_zone(unseen, fact.t) is not None)
            if wrong is None:
                return at, None
            first_wrong = first_wrong or f"{event.id} {event.what} {event.reason} at {fact.t:.1f}: {wrong}"
        if not _cancel(facts, at, unseen):
            break
        at += 2
    return None, first_wrong


def _cancel(facts: Sequence[Fact], at: int, unseen: Sequence[Period]) -> bool:
    if at + 1 >= len(facts):
        return False
    zone = _zone(unseen, facts[at].t)
    return zone is not None and facts[at + 1].t <= zone[1]
