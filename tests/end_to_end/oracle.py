"""What the platform received against what happened in the street: every fact told once, in order, and nothing else told.

Lost: a fact that no event tells. Invented: an event that tells no fact. Doubled: a fact told by two events of different ids.
Disordered: of one subject, events whose sequence or whose order of facts goes backwards. Events of one id count once.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

TOLERANCE_S = 5.0
"""Onset against truth: polls come once a second, and a car that creeps in is felt only once it is near. Far less than the shortest stay
(60 s) and the shortest gap (30 s) of the street, so that no event can be taken for another fact."""
_KINDS = {
    "kerbgate.bay.park_start": "arrived",
    "kerbgate.bay.park_end": "left",
    "kerbgate.station.bike_arrived": "arrived",
    "kerbgate.station.bike_left": "left",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """`t` is Unix seconds; `who` names the bay, or the station and the bike's tag."""

    who: str
    what: str
    t: float


@dataclass(frozen=True, slots=True)
class Told:
    """One event that tells a fact; `earliest` and `latest` enclose an onset that was not seen itself."""

    who: str
    what: str
    t: float
    earliest: float | None
    latest: float | None
    sequence: int
    id: str
    reason: str

    def tells(self, fact: Fact) -> bool:
        if (self.who, self.what) != (fact.who, fact.what):
            return False
        if self.reason in ("restart", "recovered"):
            after = self.earliest is None or fact.t >= self.earliest - TOLERANCE_S
            return after and (self.latest is None or fact.t <= self.latest + TOLERANCE_S)
        return abs(self.t - fact.t) <= TOLERANCE_S


def _unix(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()


def told(bodies: Iterable[str | bytes]) -> list[Told]:
    """Arrivals and departures in the order in which they came, each id once."""
    seen: set[str] = set()
    found: list[Told] = []
    for body in bodies:
        event = json.loads(body)
        if event["type"] not in _KINDS or event["id"] in seen:
            continue
        seen.add(event["id"])
        data = event["data"]
        tag = data.get("tag")
        when = _unix(event["time"])
        assert when is not None
        found.append(
            Told(
                who=event["subject"] if tag is None else f"{event['subject']}/{tag}",
                what=_KINDS[event["type"]],
                t=when,
                earliest=_unix(data.get("time_min")),
                latest=_unix(data.get("time_max")),
                sequence=int(event["sequence"]),
                id=event["id"],
                reason=data["reason"],
            )
        )
    return found


@dataclass(slots=True)
class Verdict:
    facts: int = 0
    onset_errors_s: list[float] = field(default_factory=list)
    """Onset minus truth of the changes that were seen."""
    lost: list[Fact] = field(default_factory=list)
    invented: list[Told] = field(default_factory=list)
    disordered: list[Told] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.invented or self.disordered)

    def __str__(self) -> str:
        head = f"{self.facts} facts, {len(self.lost)} lost, {len(self.invented)} invented, {len(self.disordered)} disordered"
        errors = sorted(map(abs, self.onset_errors_s))
        if errors:
            half, most_of_them = errors[len(errors) // 2], errors[int(len(errors) * 0.95)]
            head += f", onset error p50 {half:.1f} s, p95 {most_of_them:.1f} s, most {errors[-1]:.1f} s"
        rows = [f"  lost {fact}" for fact in self.lost[:8]] + [f"  invented {event}" for event in self.invented[:8]]
        return "\n".join([head, *rows, *(f"  disordered {event}" for event in self.disordered[:8])])


def judge(facts: Sequence[Fact], events: Sequence[Told], until: float) -> Verdict:
    """Facts and events after `until` are left out: what happens in the last seconds is still being decided."""
    verdict = Verdict(facts=sum(fact.t <= until for fact in facts))
    by_who: dict[str, list[Fact]] = defaultdict(list)
    for fact in sorted(facts, key=lambda each: each.t):
        by_who[fact.who].append(fact)
    last: dict[str, int] = {}
    following: dict[str, int] = defaultdict(int)
    for event in events:
        if event.sequence <= last.get(event.who, 0):
            verdict.disordered.append(event)
            continue
        last[event.who] = event.sequence
        ahead = by_who[event.who]
        at = following[event.who]
        if at < len(ahead) and event.tells(ahead[at]):
            following[event.who] += 1
            if event.earliest is None and event.latest is None:
                verdict.onset_errors_s.append(event.t - ahead[at].t)
        elif event.t <= until:
            verdict.invented.append(event)
    for who, ahead in by_who.items():
        verdict.lost += [fact for fact in ahead[following[who] :] if fact.t <= until]
    return verdict
