"""A consumer of kerbgate's events that loses, doubles and disorders nothing: what the contract asks of a platform, as a program.

    python docs/consumer/consumer.py [--clean] BROKER[:PORT] events.db

    1. A message is an object (one event) or an array (a batch of none or more). Its events count one by one.
    2. The first event of each id is kept; one that comes again is nothing.
    3. What is kept is committed first and acknowledged then: the last event before which none is missing, on kerb/v1/{gateway}/ack,
       retained. Never simply the highest number: the gateway forgets everything up to there.
    4. A gateway's first event is that which its `state` names (`first_sequence`): of what comes before that one, nothing is missing.
    5. Per subject, events are used in the order of (epoch, sequence), never in that of their coming.
    6. A number that is missing, and that no gap event accounts for, is an alarm.

The broker keeps a session for it, so that nothing has to come twice for its absence. `--clean` asks for none: for brokers whose sessions do
not survive their own death (NATS: what was published last may be taken and handed to nobody, for good). Nothing is lost without a
session: what came while it was away was not acknowledged, and the gateway sends it again.

The tables and the two queries that use them are in consumer.sql.
"""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiomqtt

_SQL = Path(__file__).with_name("consumer.sql")
_AGAIN_S = 1.0
_PAGE = 500
HOLE_ALARM_S = 60.0


@dataclass(frozen=True, slots=True)
class Hole:
    """Numbers that nobody accounts for, both ends included."""

    gateway: str
    first: int
    last: int


def accounted(event: dict[str, Any]) -> list[list[int]]:
    """The first and last number of each run of which this event says that it will never come."""
    if event["type"] != "kerbgate.gateway.gap":
        return []
    data = event["data"]
    first, last = data.get("first_sequence"), data.get("last_sequence")
    # A disk that was rolled back is told without numbers.
    return data.get("ranges") or ([] if first is None else [[first, last]])


class Consumer:
    def __init__(self, database: Path | str) -> None:
        self._db = sqlite3.connect(database)
        # An acknowledgement makes the gateway forget: what it stands on must be on the disk.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SQL.read_text("utf-8"))

    def close(self) -> None:
        self._db.close()

    def begins(self, gateway: str, payload: bytes) -> None:
        """What its `state` says: a gateway that is new here begins with the first event that nobody has acknowledged."""
        state = json.loads(payload)
        if state.get("online") and "first_sequence" in state:
            with self._db:
                self._db.execute(
                    "INSERT INTO progress VALUES (?, '', ?, '')"
                    " ON CONFLICT (gateway) DO UPDATE SET sequence = excluded.sequence WHERE progress.id = ''",
                    (gateway, int(state["first_sequence"]) - 1),
                )
                self._advance(gateway)

    def take(self, payload: bytes) -> None:
        """Keep what is new in one message; it is on the disk once this returns."""
        message = json.loads(payload)
        events = message if isinstance(message, list) else [message]
        with self._db:
            for gateway in dict.fromkeys(self._keep(event) for event in events):
                self._advance(gateway)

    def acknowledged(self) -> list[tuple[str, str]]:
        """Of each gateway, the id up to which everything is here."""
        return list(self._db.execute("SELECT gateway, id FROM progress WHERE id <> '' ORDER BY gateway"))

    def holes(self, older_than_s: float = HOLE_ALARM_S) -> list[Hole]:
        found = self._db.execute(
            "SELECT gateway, first, last FROM hole WHERE strftime('%s', 'now') - strftime('%s', received) >= ?", (older_than_s,)
        )
        return [Hole(*row) for row in found]

    def in_order(self, subject: str) -> Iterator[dict[str, Any]]:
        """The events of one bay or station as they are to be billed."""
        for (body,) in self._db.execute("SELECT body FROM in_order WHERE subject = ? ORDER BY place", (subject,)):
            yield json.loads(body)

    def _keep(self, event: dict[str, Any]) -> str:
        gateway, epoch, _ = str(event["id"]).rsplit("/", 2)
        self._db.execute(
            "INSERT INTO event (id, gateway, epoch, sequence, subject, type, time, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (
                event["id"],
                gateway,
                epoch,
                int(event["sequence"]),
                event["subject"],
                event["type"],
                event.get("time", ""),
                json.dumps(event, ensure_ascii=False),
            ),
        )
        self._db.executemany(
            "INSERT INTO gap VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [(gateway, first, last) for first, last in accounted(event)]
        )
        return gateway

    def _advance(self, gateway: str) -> None:
        known = self._db.execute("SELECT epoch, sequence, id FROM progress WHERE gateway = ?", (gateway,)).fetchone()
        epoch, sequence, identifier = known or ("", None, "")
        while True:
            after = -1 if sequence is None else sequence
            # Until the first is found, whatever comes from before it was sent again.
            least, limit = (-1, _PAGE) if identifier else (after, 1)
            following = self._db.execute(
                "SELECT epoch, sequence, id FROM event WHERE gateway = ? AND (epoch, sequence) > (?, ?) AND sequence > ?"
                " ORDER BY epoch, sequence LIMIT ?",
                (gateway, epoch, after, least, limit),
            ).fetchall()
            for found in following:
                # Without a word of where it begins, the first that comes does. A number that goes back in a later epoch is a disk that
                # was rolled back.
                begins = sequence is None or (found[0] > epoch and found[1] <= sequence)
                if not (begins or self._accounted(gateway, (sequence or 0) + 1, found[1] - 1)):
                    break
                epoch, sequence, identifier = found
            else:
                if len(following) == limit:
                    continue
            break
        if identifier:
            self._db.execute("INSERT OR REPLACE INTO progress VALUES (?, ?, ?, ?)", (gateway, epoch, sequence, identifier))

    def _accounted(self, gateway: str, first: int, last: int) -> bool:
        """Whether gap events say of each of these numbers that it will never come."""
        while first <= last:
            upto = self._db.execute(
                "SELECT MAX(last) FROM gap WHERE gateway = ? AND first <= ? AND last >= ?", (gateway, first, first)
            ).fetchone()[0]
            if upto is None:
                return False
            first = upto + 1
        return True


async def consume(
    host: str, port: int, consumer: Consumer, name: str = "consumer", again_s: float = _AGAIN_S, *, clean: bool = False
) -> None:
    """Until cancelled; comes back whenever the broker does. `clean`: without a session at the broker."""
    while True:
        try:
            client = aiomqtt.Client(host, port, identifier=name, clean_session=clean)
            # How a connection ended that never stood, aiomqtt 2.5 tells nobody; asyncio would complain that nobody asked.
            client._disconnected.add_done_callback(lambda end: end.cancelled() or end.exception())  # noqa: SLF001
            async with client:
                await client.subscribe([("kerb/v1/+/state", 1), ("kerb/v1/+/ev/#", 1)])
                fresh = asyncio.Event()
                fresh.set()
                async with asyncio.TaskGroup() as group:
                    # Beside the reading, not between: aiomqtt tells of a dead connection only to whoever is reading.
                    group.create_task(_acknowledge(client, consumer, fresh))
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        _, _, gateway, kind, *_ = message.topic.value.split("/")
                        if kind == "state":
                            consumer.begins(gateway, message.payload)
                        else:
                            consumer.take(message.payload)
                            fresh.set()
        except* aiomqtt.MqttError:
            await asyncio.sleep(again_s)


async def _acknowledge(client: aiomqtt.Client, consumer: Consumer, fresh: asyncio.Event) -> None:
    """One for all that came meanwhile."""
    said: dict[str, str] = {}
    while True:
        await fresh.wait()
        fresh.clear()
        for gateway, identifier in consumer.acknowledged():
            if said.get(gateway) != identifier:
                await client.publish(f"kerb/v1/{gateway}/ack", json.dumps({"upto": identifier}), qos=1, retain=True)
                said[gateway] = identifier


async def _watch(consumer: Consumer) -> None:
    while True:
        for hole in consumer.holes():
            print(f"ALARM {hole.gateway}: {hole.first} to {hole.last} are missing", flush=True)  # noqa: T201  # a program
        await asyncio.sleep(HOLE_ALARM_S)


async def _main(address: str, database: str, *, clean: bool) -> None:
    host, _, port = address.partition(":")
    consumer = Consumer(database)
    async with asyncio.TaskGroup() as group:
        group.create_task(consume(host, int(port or 1883), consumer, clean=clean))
        group.create_task(_watch(consumer))


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--clean"]
    if len(words) != 2:
        sys.exit(f"usage: {sys.argv[0]} [--clean] BROKER[:PORT] DATABASE")
    try:
        asyncio.run(_main(*words, clean="--clean" in sys.argv))
    except KeyboardInterrupt:
        sys.exit(0)
