"""The third lane: what a platform has acknowledged and asks for again. Beside the ordered log, slower than it, one message at a time.

It takes a quarter of the rate, and what it takes counts against the whole: a platform never gets more than it bears, and the log keeps
three quarters. It has a place of its own among the messages in flight, so that a log that waits for the platform's word does not hold it
up: the platform may be waiting for just these events. Everything that is sent here is marked as replayed.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from gateway.clock import Clock, TimeQuality
from gateway.detection.change import Outcome
from gateway.journal.journal import Journal
from gateway.journal.row import Row
from gateway.uplink import batches
from gateway.uplink.bucket import Bucket
from gateway.uplink.command import CommandTrouble, Op, Replay, Unusable, read_command
from gateway.uplink.commands import WAITING_MAX, Commands, Progress
from gateway.uplink.moves import Send
from gateway.uplink.outside import Outside, Result

_SHARE = 4
_UNLIMITED_PER_S = 25.0
"""Messages a second where the log has no limit."""
_PAGE_BATCHES = 4
_TRIES = 3
_ANSWERS_PER_S = 0.1
_ANSWERS_AT_ONCE = 16
"""Each new command is a row in the journal: nobody is to make us write without end."""

Aside = Callable[[Send], Awaitable[str | None]]
"""Sends one message beside the log; what comes back is why the broker does not take it. Raises MqttError."""


class Replaying:
    """Of one connection; `commands` outlives it."""

    def __init__(
        self,
        uplink: str,
        commands: Commands,
        journal: Journal,
        outside: Outside,
        clock: Clock,
        ignored: Callable[[str], None],
        aside: Aside,
        released: Callable[[], int],
        *,
        batch: int,
        octets: Callable[[], int],
        rate_per_s: float,
    ) -> None:
        """`ignored` is told why a message on `cmd` is nothing that could be answered; `octets` is what a message of several may have."""
        self._uplink = uplink
        self._commands = commands
        self._journal = journal
        self._outside = outside
        self._clock = clock
        self._ignored = ignored
        self._aside = aside
        self._released = released
        self._batch = batch
        self._octets = octets
        self._bucket = Bucket(rate_per_s / _SHARE or _UNLIMITED_PER_S, most=1.0)
        self._answers = Bucket(_ANSWERS_PER_S, most=_ANSWERS_AT_ONCE)
        self._wake = asyncio.Event()

    def arrived(self, payload: object, *, retained: bool) -> None:
        """A message on `cmd`. Never waits."""
        if retained:
            self._ignored("it is retained: it would come again at each connection")
            return
        try:
            command = read_command(payload)
        except ValueError as error:
            self._ignored(str(error))
            return
        if self._commands.knows(command.identifier):
            return
        if not self._answers.take(self._clock.monotonic()):
            self._ignored("too many new ones at once")
        elif isinstance(command, Unusable):
            self._end(command.identifier, command.op, Outcome.REJECTED, command.trouble)
        elif self._clock.quality() is TimeQuality.SYNCED and command.expired(self._clock.wall()):
            self._end(command.identifier, Op.REPLAY, Outcome.EXPIRED, CommandTrouble("commands.expired"))
        elif self._commands.full:
            self._end(command.identifier, Op.REPLAY, Outcome.REJECTED, CommandTrouble("commands.busy", count=WAITING_MAX))
        else:
            self._commands.take(command)
            self._outside.keep(self._commands.kept())
            self._wake.set()

    async def run(self) -> None:
        """One command after the other, until cancelled. Raises MqttError, JournalTrouble."""
        while True:
            self._wake.clear()
            while (replay := self._commands.next()) is not None:
                await self._carry_out(replay)
            await self._wake.wait()

    async def _carry_out(self, replay: Replay) -> None:
        progress = self._commands.running
        if progress is None or progress.replay is not replay:
            progress = Progress(replay, min(replay.last, self._released()), replay.first - 1)
            self._commands.running = progress
        trouble = await self._send_all(progress)
        outcome = Outcome.SUCCEEDED if trouble is None else Outcome.FAILED if progress.sent else Outcome.REJECTED
        self._end(replay.identifier, Op.REPLAY, outcome, trouble, progress)

    async def _send_all(self, progress: Progress) -> CommandTrouble | None:
        """Why it ended before its end."""
        first = progress.replay.first
        if progress.upto < first:
            return CommandTrouble("commands.not_acknowledged", first=first)
        buried = await self._journal.buried(self._uplink, first, progress.upto)
        while progress.at < progress.upto:
            oldest = await self._journal.after(0, 1, hold=False)
            if not oldest or oldest[0].sequence > progress.at + 1:
                begins = oldest[0].sequence if oldest else self._journal.last_sequence + 1
                return CommandTrouble("commands.gone", first=progress.at + 1, last=min(progress.upto, begins - 1), oldest=begins)
            rows = await self._journal.after(progress.at, _PAGE_BATCHES * self._batch, hold=False)
            waiting = deque(row for row in rows if row.sequence <= progress.upto and row.sequence not in buried)
            while waiting:
                count = batches.cut(waiting, self._batch, self._octets(), ())
                trouble = await self._send(progress, [waiting.popleft() for _ in range(count)])
                if trouble is not None:
                    return trouble
            # What is missing between, or behind the last, a gap event has told of.
            progress.at = min(progress.upto, rows[-1].sequence) if rows else progress.upto
        return None

    async def _send(self, progress: Progress, rows: Sequence[Row]) -> CommandTrouble | None:
        first, last = rows[0].sequence, rows[-1].sequence
        if progress.tries == _TRIES:
            return CommandTrouble("commands.connection_ends", first=first, last=last, tries=_TRIES)
        await self._turn()
        progress.tries += 1
        why = await self._aside(Send(tuple(rows), last))
        if why is not None:
            return CommandTrouble("commands.refused", first=first, last=last, why=why)
        progress.tries = 0
        progress.at = last
        progress.sent += len(rows)
        return None

    async def _turn(self) -> None:
        """Nobody else draws on this bucket: what is ready then is still there."""
        now = self._clock.monotonic()
        await asyncio.sleep(max(0.0, self._bucket.ready_at(now) - now))
        self._bucket.spend(1, self._clock.monotonic())

    def _end(self, identifier: str, op: str, outcome: Outcome, trouble: CommandTrouble | None, progress: Progress | None = None) -> None:
        """Its result, and that it is not to be carried out again, are one commit."""
        self._commands.end(identifier)
        done = None if progress is None or progress.at < progress.replay.first else (progress.replay.first, progress.at)
        result = Result(self._uplink, identifier, op, outcome, trouble, done, None if progress is None else progress.sent)
        self._outside.command_ended(result, self._commands.kept())
