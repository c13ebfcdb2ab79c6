"""One connection's life: subscribe, say that we are there, the snapshots, then the log in order until it ends.

A task always reads what the broker sends: aiomqtt tells of a dead connection only to whoever is reading.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiomqtt

from config.site import Acknowledgement
from gateway.clock import Clock, rfc3339
from gateway.journal.journal import Journal
from gateway.journal.row import UPLINK, Row
from gateway.journal.trouble import JournalTrouble
from gateway.logs import Log
from gateway.uplink.acknowledgements import Acknowledgements
from gateway.uplink.connection import Client
from gateway.uplink.encodings.cloudevents import mark_replayed
from gateway.uplink.topics import Topics
from gateway.uplink.trouble import UplinkTrouble
from gateway.uplink.window import Connected, Disconnected, Output, PlatformAck, PubAck, Read, Release, Send, Window

_SUBACK_FAILURE = 0x80


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The present state of everything of one class: bay, station or device. Never billable."""

    event_class: str
    body: str


@dataclass(slots=True)
class Tally:
    """Outlives the connections."""

    published: int = 0
    """PUBACKs of events."""
    calls: int = 0
    """Questions to the broker that are open."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at each release; whoever waits for one clears it first."""

    @contextmanager
    def asking(self) -> Iterator[None]:
        self.calls += 1
        try:
            yield
        finally:
            self.calls -= 1


class Conversation:
    def __init__(
        self, client: Client, window: Window, journal: Journal, topics: Topics, mode: Acknowledgement, clock: Clock, log: Log, tally: Tally
    ) -> None:
        self._client = client
        self._window = window
        self._journal = journal
        self._topics = topics
        self._mode = mode
        self._clock = clock
        self._tally = tally
        self._group = asyncio.TaskGroup()
        self._wake = asyncio.Event()
        self._commits = 0
        self._dry: tuple[int, int] | None = None
        self._platform_spoke = False
        self._over = False
        self._acknowledgements = Acknowledgements(topics, journal, log)

    async def run(self, snapshots: Sequence[Snapshot], stands: Callable[[], None]) -> None:
        """Only ever ends by an exception: MqttError, UplinkTrouble, JournalTrouble."""
        try:
            async with self._group:
                self._begin(self._listen)
                await self._until_over(partial(self._talk, snapshots, stands))
        except BaseExceptionGroup as several:
            raise _worst(several) from several
        finally:
            self._window.feed(Disconnected(), self._clock.monotonic())

    async def _talk(self, snapshots: Sequence[Snapshot], stands: Callable[[], None]) -> None:
        await self._greet(snapshots)
        # A cancellation that came together with an answer is lost in aiomqtt: asyncio.wait_for of Python 3.11 swallows it.
        raise_if_cancelled()
        stands()
        await self._forward()

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._group.create_task(self._until_over(work))

    async def _until_over(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """The first to fail ends the conversation: nobody begins anything after it, although some are still running."""
        try:
            await work()
        except BaseException:
            self._over = True
            raise

    def notify(self) -> None:
        """There are new rows in the journal."""
        self._commits += 1
        self._wake.set()

    async def _greet(self, snapshots: Sequence[Snapshot]) -> None:
        with self._tally.asking():
            granted = await self._client.subscribe(self._topics.acknowledgements, qos=1)
            if self._mode is Acknowledgement.PLATFORM and any(getattr(code, "value", code) >= _SUBACK_FAILURE for code in granted):
                raise UplinkTrouble("uplink.ack_refused", topic=self._topics.acknowledgements)
            await self._client.publish(self._topics.state, self._online(), qos=1, retain=True)
            for snapshot in snapshots:
                await self._client.publish(self._topics.snapshot(snapshot.event_class), snapshot.body, qos=1, retain=True)

    def _online(self) -> str:
        about = {
            "online": True,
            "since": rfc3339(self._clock.wall()),
            "epoch": str(self._journal.resumed.epoch),
            "last_sequence": self._journal.last_sequence,
        }
        return json.dumps(about, separators=(",", ":"))

    async def _forward(self) -> None:
        self._window.feed(Connected(self._journal.last_sequence), self._clock.monotonic())
        if self._platform_spoke:
            await self._act(self._window.feed(PlatformAck(self._window.released), self._clock.monotonic()))
        while True:
            self._wake.clear()
            await self._read()
            await self._sleep()
            await self._act(self._window.tick(self._clock.monotonic()))

    async def _read(self) -> None:
        """A page of the journal, when the window has room and there may be something."""
        wanted = self._window.wanted()
        commits = self._commits
        if wanted is None or self._dry == (wanted.after, commits):
            return
        rows = await self._journal.after(wanted.after, wanted.limit)
        if len(rows) < wanted.limit:
            self._dry = (rows[-1].sequence if rows else wanted.after, commits)
        await self._act(self._window.feed(Read(wanted.after, rows), self._clock.monotonic()))
        self._wake.set()

    async def _sleep(self) -> None:
        due = self._window.deadline()
        try:
            async with asyncio.timeout(None if due is None else max(0.0, due - self._clock.monotonic())):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _act(self, outputs: Iterable[Output]) -> None:
        upto: int | None = None
        for output in outputs:
            match output:
                case Send(row, replayed):
                    if not self._over:
                        self._begin(partial(self._publish, row, mark_replayed(row.body) if replayed else row.body))
                case Release():
                    upto = output.upto
        if upto is not None:
            await self._journal.acknowledge(UPLINK, upto)
            self._tally.released.set()

    async def _publish(self, row: Row, body: str) -> None:
        # Tasks begin in the order in which they were made: that is the order on the wire.
        with self._tally.asking():
            await self._client.publish(self._topics.events(row.event_class), body, qos=1)
            self._tally.published += 1
            await self._act(self._window.feed(PubAck(row.sequence), self._clock.monotonic()))
        self._wake.set()

    async def _listen(self) -> None:
        async for message in self._client.messages:
            if self._mode is Acknowledgement.PLATFORM and message.topic.value == self._topics.acknowledgements:
                await self._platform(message.payload)

    async def _platform(self, payload: object) -> None:
        upto = await self._acknowledgements.checked(payload, self._window.released, self._window.highest_sent)
        if upto is not None:
            self._platform_spoke = True
            await self._act(self._window.feed(PlatformAck(upto), self._clock.monotonic()))
            self._wake.set()


def raise_if_cancelled() -> None:
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _worst(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """What to tell of several that ended a connection: an error of our own before one of the line."""
    leaves = [leaf for error in several.exceptions for leaf in ([_worst(error)] if isinstance(error, BaseExceptionGroup) else [error])]
    expected = (aiomqtt.MqttError, UplinkTrouble, JournalTrouble, OSError)
    return next((leaf for leaf in leaves if not isinstance(leaf, expected)), leaves[0])
