"""The reference consumer beside an uplink, with a count of what came again; and the verdict on what it has."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from docs.consumer.consumer import Consumer, consume
from gateway.journal.journal import Journal
from tests.ending import ended
from tests.gateway.journal.journals import GATEWAY


class Hasty(random.Random):
    """Draws the shortest wait for each reconnect: a test has hundreds."""

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002
        return 0.005


class Counted(Consumer):
    def __init__(self, database: Path | str) -> None:
        super().__init__(database)
        # This file is nobody's bill; the syncs of hundreds of messages would be most of the test.
        self._db.execute("PRAGMA synchronous = OFF")
        self.came = 0
        """Events that came, each time counted."""
        self.came_in_order: list[str] = []
        """The first coming of each id."""
        self._seen: set[str] = set()

    def take(self, payload: bytes) -> None:
        message = json.loads(payload)
        for event in message if isinstance(message, list) else [message]:
            self.came += 1
            if event["id"] not in self._seen:
                self._seen.add(event["id"])
                self.came_in_order.append(event["id"])
        super().take(payload)

    @property
    def again(self) -> int:
        return self.came - len(self._seen)


@dataclass(frozen=True, slots=True)
class Verdict:
    events: int
    lost: int
    doubled: int
    """After deduplication by id."""
    disordered: int
    """Events that the consumer uses at another place of their subject than they have in the journal."""
    late: int
    """Events whose first coming was after that of a later one of their subject: a broker that redelivers does that."""
    again: int
    """Copies, before deduplication."""
    holes: int

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.holes)

    def __str__(self) -> str:
        return (
            f"{self.events} events: {self.lost} lost, {self.disordered} out of order, {self.doubled} double; "
            f"{self.again} copies came again, {self.late} came late"
        )


async def judged(consumer: Counted, journal: Journal) -> Verdict:
    """What the consumer has against what the journal was given."""
    given = [(json.loads(row.body)["id"], row.subject) for row in await journal.after(0, 10_000_000)]
    has, disordered = [], 0
    for subject in sorted({subject for _, subject in given}):
        used = [event["id"] for event in consumer.in_order(subject)]
        there = set(used)
        meant = [identifier for identifier, its in given if its == subject and identifier in there]
        disordered += sum(one != other for one, other in zip(used, meant, strict=False))
        has += used
    place = {identifier: number for number, (identifier, _) in enumerate(given)}
    subject_of = dict(given)
    last: dict[str, int] = {}
    late = 0
    for identifier in consumer.came_in_order:
        subject, number = subject_of[identifier], place[identifier]
        late += number < last.get(subject, -1)
        last[subject] = max(number, last.get(subject, -1))
    lost = len(set(place) - set(has))
    return Verdict(len(given), lost, len(has) - len(set(has)), disordered, late, consumer.again, len(consumer.holes(older_than_s=0)))


@asynccontextmanager
async def consuming(folder: Path, host: str, port: int, *, clean: bool = False) -> AsyncIterator[Counted]:
    """Comes back whenever the broker does."""
    consumer = Counted(folder / "events.db")
    task = asyncio.create_task(consume(host, port, consumer, name=f"platform-{GATEWAY}", again_s=0.02, clean=clean))
    try:
        yield consumer
    finally:
        await ended(task)
        consumer.close()
