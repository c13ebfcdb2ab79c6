"""What gateways committed, what their journal holds, and what the platform received: they must be the same, once each and in order."""

import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docs.consumer.consumer import accounted
from gateway.clock import TimeQuality
from gateway.events import sequence_of
from gateway.journal.inspection import inspecting

Body = dict[str, Any]

_ROWS_MAX = 1_000_000
_OF_THE_SENDING = ("replayed",)
_DATES = ("time_quality", "time_min", "time_max")
"""Of an event that was minted before the date was known: put right as soon as it is."""


@dataclass(slots=True)
class DeliveryVerdict:
    events: int = 0
    again: int = 0
    """Messages that came again under their own id."""
    gave_way: int = 0
    """Events of devices that were sacrificed on a full disk, and accounted for."""
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Held:
    """What a file holds: events by their id, which of them were minted before the date was known, and what is wrong with it."""

    events: dict[str, Body]
    undated: frozenset[str]
    faults: list[str]


def held(journal: Path, gateway: str) -> Held:
    """Nothing goes from it before its space is needed."""
    with inspecting(journal, gateway) as inspection:
        rows = inspection.after(0, _ROWS_MAX)
        faults = [f"the journal: {fault}" for fault in inspection.faults()]
    events = {(event := json.loads(row.body))["id"]: event for row in rows}
    known = [row.stamp is None or row.stamp.quality is TimeQuality.SYNCED for row in rows]
    return Held(events, frozenset(each for each, dated in zip(events, known, strict=True) if not dated), faults)


def firsts(received: Iterable[bytes]) -> tuple[list[Body], int]:
    """Each event as it came first, and how many came again."""
    seen: dict[str, Body] = {}
    again = 0
    for payload in received:
        message = json.loads(payload)
        for event in message if isinstance(message, list) else [message]:
            again += event["id"] in seen
            seen.setdefault(event["id"], event)
    return list(seen.values()), again


def judge_delivery(
    confirmed: Iterable[str],
    journal: dict[str, Body],
    received: Sequence[bytes],
    last: int,
    on_disk: Iterable[str] = (),
    telemetry: Iterable[str] = (),
    undated: Container[str] = (),
) -> DeliveryVerdict:
    """Of all events up to the number `last`. `on_disk` was found in the journal of somebody who died before he could say so;
    `telemetry` are those confirmed that may give way, where a gap that was received tells of each; what is `undated` is dated by what is
    known when it is sent."""
    first, again = firsts(received)
    ids = {event["id"] for event in first}
    confirmed = set(confirmed)
    never = {number for event in first for begin, end in accounted(event) for number in range(begin, end + 1)}
    gave_way = {each for each in telemetry if sequence_of(each) in never}
    promised = set(confirmed) - gave_way
    verdict = DeliveryVerdict(events=len(ids), again=again, gave_way=len(gave_way - ids))
    # What every platform has may go from the journal, when its space is needed.
    verdict.lost += [
        f"{each} was confirmed, was not received, and is not in the journal" for each in sorted(promised - journal.keys() - ids)
    ]
    due = {each for each, event in journal.items() if int(event["sequence"]) <= last}
    verdict.lost += [f"{each} is in the journal and was not received" for each in sorted(due - ids)]
    verdict.invented += [
        f"{each} was received, and nobody committed it" for each in sorted(ids - journal.keys() - set(confirmed) - set(on_disk))
    ]
    numbers: dict[str, str] = {}
    for event in first:
        taken = numbers.setdefault(event["sequence"], event["id"])
        if taken != event["id"]:
            verdict.doubled.append(f"{event['id']} has the number of {taken}")
    present = {int(event["sequence"]) for event in (*journal.values(), *first)}
    holes = set(range(1, max(present, default=0) + 1)) - present - {sequence_of(each) for each in gave_way}
    verdict.lost += [f"number {each} is missing" for each in sorted(holes)]
    newest: dict[str, Body] = {}
    for event in first:
        before = newest.get(event["subject"])
        if before is not None and event["sequence"] <= before["sequence"]:
            verdict.reordered.append(f"{event['id']} came behind {before['id']}")
        newest[event["subject"]] = event
    for payload in received:
        message = json.loads(payload)
        for event in message if isinstance(message, list) else [message]:
            if event["id"] in journal and not same(event, journal[event["id"]], dated=event["id"] not in undated):
                verdict.doubled.append(f"{event['id']} came with another content")
    return verdict


def same(sent: Body, kept_body: Body, *, dated: bool = True) -> bool:
    """But for what may differ between two sendings. A date that was known from the first may not."""
    known = dated and all(each["data"]["time_quality"] == "synced" for each in (sent, kept_body))
    return _lasting(sent, known=known) == _lasting(kept_body, known=known)


def _lasting(event: Body, *, known: bool) -> Body:
    data = {name: value for name, value in event["data"].items() if name not in _OF_THE_SENDING and (known or name not in _DATES)}
    return {**{name: value for name, value in event.items() if known or name not in ("time", "recordedtime")}, "data": data}
