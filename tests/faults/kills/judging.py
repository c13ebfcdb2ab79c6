"""What became of the events of a pit: of every daemon's life, at the platform and in the journal that is left."""

from bisect import bisect
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from simulators.street import What
from tests.faults.kills.pit import GATEWAY, Dug, Pit
from tests.faults.simulation.delivery import Body, firsts, held, same
from tests.faults.simulation.truth import Fact, Told, Tolerance, TruthVerdict, judge_truth, merged

_TOLERANCE = Tolerance(well_seen_s=1.5, poorly_seen_s=1.5)
_BEFORE_S = 1.0
_POLLS_TO_KNOW = 48
"""A daemon that has started looks for three seconds whether what it sees stands still; most are killed before."""
_SETTLED_S = 3.0
_KINDS = {"kerbgate.bay.park_start": "arrived", "kerbgate.bay.park_end": "left"}


@dataclass(slots=True)
class Verdict:
    events: int = 0
    again: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    truth: TruthVerdict = field(default_factory=TruthVerdict)

    @property
    def findings(self) -> list[str]:
        truth = [*self.truth.lost, *self.truth.invented, *self.truth.wrongly_dated]
        return [*self.lost, *self.doubled, *self.reordered, *(f"of the street: {each}" for each in truth)]


def judge(pit: Pit, unix_at_zero_s: float) -> Verdict:
    found = held(pit.journal, GATEWAY)
    journal = found.events
    first, again = firsts(pit.platform.received)
    last = max(int(event["sequence"]) for event in (*journal.values(), *first))
    verdict = Verdict(events=last, again=again, lost=found.faults)
    numbers: dict[int, Body] = {}
    order: dict[str, int] = {}
    for event in first:
        number = int(event["sequence"])
        if number in numbers:
            verdict.doubled.append(f"{event['id']} has the number of {numbers[number]['id']}")
        numbers.setdefault(number, event)
        if number <= order.get(event["subject"], 0):
            verdict.reordered.append(event["id"])
        order[event["subject"]] = number
        if event["id"] in journal and not same(event, journal[event["id"]], dated=event["id"] not in found.undated):
            verdict.doubled.append(f"{event['id']} came with another content")
        if event["id"] not in journal and not pit.dug.damaged:
            verdict.doubled.append(f"{event['id']} was received and is not in the journal")
    verdict.lost += [f"number {number} was not received" for number in range(1, last + 1) if number not in numbers]
    verdict.truth = _of_the_street(first, pit.dug, unix_at_zero_s)
    return verdict


def _of_the_street(first: list[Body], dug: Dug, unix_at_zero_s: float) -> TruthVerdict:
    facts = [Fact(event.who, "arrived" if event.what is What.ARRIVED else "left", event.t) for event in dug.truth]
    told = [_told(event, unix_at_zero_s) for event in first if event["type"] in _KINDS]
    zones = merged([(-inf, _seen_again(dug, 0.0)), *((died - _BEFORE_S, _seen_again(dug, died)) for died in dug.deaths)])
    return judge_truth(facts, told, {fact.who: zones for fact in facts}, dug.ended_s - _SETTLED_S, _TOLERANCE)


def _seen_again(dug: Dug, died: float) -> float:
    """Once each detector was asked often enough by the daemons that came after."""
    polls = dug.polls[bisect(dug.polls, died) :]
    return polls[_POLLS_TO_KNOW] + _BEFORE_S if len(polls) > _POLLS_TO_KNOW else dug.ended_s


def _told(event: Body, unix_at_zero_s: float) -> Told:
    def street(text: str | None) -> float | None:
        return None if text is None else datetime.fromisoformat(text).timestamp() - unix_at_zero_s

    data = event["data"]
    return Told(
        who=event["subject"],
        what=_KINDS[event["type"]],
        dated=street(event["time"]),
        onset=None,
        earliest=street(data["time_min"]),
        latest=street(data["time_max"]),
        bounded=data["reason"] in ("restart", "recovered"),
        recorded=None,
        id=event["id"],
        reason=data["reason"],
    )
