"""One connection's life: subscribe, say that we are there, the present state, then the log in order until it ends.

A task always reads what the broker sends: aiomqtt tells of a dead connection only to whoever is reading.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any

import aiomqtt

from config.site import Acknowledgement
from config.site import Uplink as Settings
from gateway.clock import Clock
from gateway.journal.journal import Journal
from gateway.journal.trouble import JournalTrouble
from gateway.logs import Log
from gateway.uplink.acknowledgements import Acknowledgements
from gateway.uplink.commands import Commands
from gateway.uplink.greeting import Greeting
from gateway.uplink.moves import (
    Accounts,
    Aside,
    Buried,
    Bury,
    Connected,
    Disconnected,
    Output,
    PlatformAck,
    PubAck,
    Read,
    Refused,
    Release,
    Send,
)
from gateway.uplink.outside import Outside
from gateway.uplink.replaying import Replaying
from gateway.uplink.session import BLAMES, REFUSED, TAKEN_BY_NOBODY, WHOLE_BROKER, Answer, Client
from gateway.uplink.sizing import Sizing
from gateway.uplink.tally import Tally
from gateway.uplink.telling import Telling
from gateway.uplink.topics import Topics
from gateway.uplink.trouble import UplinkTrouble
from gateway.uplink.window import Window
from gateway.uplink.writing import event_message

_REASONS_MAX = 8


class Conversation:
    def __init__(
        self,
        client: Client,
        window: Window,
        journal: Journal,
        topics: Topics,
        settings: Settings,
        commands: Commands,
        outside: Outside,
        refused: Callable[[UplinkTrouble], None],
        clock: Clock,
        log: Log,
        tally: Tally,
        pages: Sizing,
    ) -> None:
        self._client = client
        self._window = window
        self._journal = journal
        self._topics = topics
        self._uplink = settings.name
        self._mode = settings.ack
        self._outside = outside
        self._refused = refused
        self._clock = clock
        self._tally = tally
        self._log = log
        self._telling = Telling(client, topics, outside, clock, tally, pages)
        self._greeting = Greeting(client, topics, settings, journal, self._telling, clock, log)
        self._group = asyncio.TaskGroup()
        self._wake = asyncio.Event()
        self._commits = 0
        self._dry: tuple[int, int] | None = None
        self._platform_spoke = False
        self._over = False
        self._octets = window.message_octets
        self._acknowledgements = Acknowledgements(topics, journal, log, outside.rolled_back)
        client.takes = self._takes
        self._ignored: set[str] = set()
        self._replaying = Replaying(
            settings.name,
            commands,
            journal,
            outside,
            clock,
            self._ignore,
            self._aside,
            lambda: window.released,
            batch=settings.batch,
            octets=lambda: window.message_octets,
            rate_per_s=settings.rate_per_s,
        )

    async def run(self, stands: Callable[[], None]) -> None:
        """Only ever ends by an exception: MqttError, UplinkTrouble, JournalTrouble."""
        try:
            async with self._group:
                self._begin(self._listen)
                self._begin(self._heed)
                await self._until_over(partial(self._talk, stands))
        except BaseExceptionGroup as several:
            worst = _worst(several)
            # aiomqtt's own cause says more than the group does.
            raise worst from worst.__cause__
        finally:
            code = self._client.ended_by
            blame = f"the broker ended the connection with reason 0x{code:02x}" if code in BLAMES else None
            self._window.feed(Disconnected(blame), self._clock.monotonic())
            self._say_size()

    async def _talk(self, stands: Callable[[], None]) -> None:
        with self._tally.asking():
            greeted = await self._greeting.say()
        # A cancellation that came together with an answer is lost in aiomqtt: asyncio.wait_for of Python 3.11 swallows it. Ours, or
        # that of the group, whose other task has failed.
        self._tally.go_on()
        if self._over:
            raise asyncio.CancelledError
        stands()
        await self._forward(greeted)

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if not self._over:
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
        self._telling.changed()
        self._wake.set()

    async def _forward(self, greeted: int) -> None:
        connected = Connected(self._journal.last_sequence, self._telling.log_in_flight, self._client.limits.packet_bytes, greeted)
        await self._act(self._window.feed(connected, self._clock.monotonic()))
        # What the broker has told itself has not vanished.
        self._octets = self._window.message_octets
        if self._platform_spoke:
            await self._act(self._window.feed(PlatformAck(self._window.released), self._clock.monotonic()))
        self._begin(self._replaying.run)
        while True:
            self._wake.clear()
            await self._read()
            await self._account()
            await self._sleep()
            now = self._clock.monotonic()
            await self._act(self._window.tick(now))
            self._say_size()
            due = self._latest_due()
            if due is not None and now >= due:
                self._telling.begins(now)
                self._begin(self._tell_again)

    async def _tell_again(self) -> None:
        await self._telling.tell()

    def _latest_due(self) -> float | None:
        behind = self._window.highest_sent < self._journal.last_sequence
        return self._telling.deadline(behind=behind)

    async def _read(self) -> None:
        """A page of the journal, when the window has room and there may be something."""
        wanted = self._window.wanted()
        commits = self._commits
        if wanted is None or self._dry == (wanted.after, commits):
            return
        page = await self._journal.page(self._uplink, wanted.after, wanted.limit)
        rows = page.rows
        more = len(rows) == wanted.limit
        if not more:
            self._dry = (rows[-1].sequence if rows else wanted.after, commits)
        await self._act(self._window.feed(Read(wanted.after, rows, more, page.buried), self._clock.monotonic()))
        self._wake.set()

    async def _account(self) -> None:
        """For numbers that the platform waits for in vain."""
        missing = self._window.waited_for()
        if missing:
            rows = await self._journal.accounting(missing)
            await self._act(self._window.feed(Accounts(rows), self._clock.monotonic()))

    async def _sleep(self) -> None:
        now = self._clock.monotonic()
        due = [each for each in (self._window.deadline(now), self._latest_due()) if each is not None]
        try:
            async with asyncio.timeout(max(0.0, min(due) - now) if due else None):
                await self._wake.wait()
        except TimeoutError:
            await self._account()

    def _say_size(self) -> None:
        before, self._octets = self._octets, self._window.message_octets
        if self._octets < before:
            self._log.warning("messages vanish without a word; from now on they are smaller", uplink=self._uplink, octets=self._octets)

    async def _act(self, outputs: Iterable[Output]) -> None:
        upto: int | None = None
        for output in outputs:
            match output:
                case Send():
                    self._begin(partial(self._publish, output))
                case Bury():
                    self._begin(partial(self._bury, output))
                case Release():
                    upto = output.upto
        if upto is not None:
            await self._journal.acknowledge(self._uplink, upto)
            self._tally.released.set()

    async def _publish(self, send: Send) -> None:
        # Tasks begin in the order in which they were made: that is the order on the wire.
        with self._tally.asking():
            answer = await self._deliver(send)
            now = self._clock.monotonic()
            if answer.code >= REFUSED:
                topic = self._topics.events(send.rows[0].event_class)
                self._refused(UplinkTrouble("uplink.event_refused", topic=topic, why=answer.words))
                await self._act(self._window.feed(Refused(send.first, answer.words, answer.code in WHOLE_BROKER), now))
            else:
                self._tally.published += len(send.rows)
                self._tally.unheard += answer.code == TAKEN_BY_NOBODY
                await self._act(self._window.feed(PubAck(send.first), now))
        self._wake.set()

    async def _deliver(self, send: Send) -> Answer:
        body, properties = event_message(send, self._client.speaks_5)
        return await self._client.deliver(self._topics.events(send.rows[0].event_class), body, properties)

    async def _aside(self, send: Send) -> str | None:
        """One message beside the log, in a place of its own; why the broker does not take it."""
        if not self._telling.own_places:
            return f"no more than {self._client.limits.in_flight} at once"
        async with self._telling.places:
            with self._tally.asking():
                self._window.feed(Aside(), self._clock.monotonic())
                answer = await self._deliver(send)
        if answer.code >= REFUSED:
            return answer.words
        self._tally.published += len(send.rows)
        return None

    async def _bury(self, bury: Bury) -> None:
        """The gap is told before the event is put aside: what is cut short between the two is only done again."""
        with self._tally.asking():
            await self._outside.gap(self._uplink, bury.row, bury.why)
            await self._journal.bury(self._uplink, bury.row.sequence, bury.why)
            await self._act(self._window.feed(Buried(bury.row.sequence), self._clock.monotonic()))
        self._wake.set()

    async def _listen(self) -> None:
        async for message in self._client.messages:
            if message.topic.value == self._topics.commands:
                self._replaying.arrived(message.payload, retained=message.retain)

    def _ignore(self, why: str) -> None:
        """Whoever sends nonsense must not fill the log."""
        if why not in self._ignored and len(self._ignored) < _REASONS_MAX:
            self._ignored.add(why)
            self._log.warning("a command was ignored", topic=self._topics.commands, why=why)

    def _takes(self, topic: str, payload: object) -> bool:
        if self._mode is not Acknowledgement.PLATFORM or topic != self._topics.acknowledgements:
            return False
        self._acknowledgements.hear(payload)
        return True

    async def _heed(self) -> None:
        """What the platform has."""
        while True:
            said = await self._acknowledgements.next()
            upto = await self._acknowledgements.checked(said, self._window.released, self._window.highest_sent)
            if upto is not None:
                self._platform_spoke = True
                await self._act(self._window.feed(PlatformAck(upto), self._clock.monotonic()))
                self._wake.set()


def _worst(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """What to tell of several that ended a connection: an error of our own before one of the line."""
    leaves = [leaf for error in several.exceptions for leaf in ([_worst(error)] if isinstance(error, BaseExceptionGroup) else [error])]
    expected = (aiomqtt.MqttError, UplinkTrouble, JournalTrouble, OSError)
    return next((leaf for leaf in leaves if not isinstance(leaf, expected)), leaves[0])
