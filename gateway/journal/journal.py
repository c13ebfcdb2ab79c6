"""The journal as the daemon sees it: an event exists once `append` has returned.

One thread owns the file. Commits clock themselves: a lone batch is committed at once, and what arrives while that one is on
its way to the disk goes into the next commit together.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ParamSpec, Self, TypeVar

from config.site import Journal as Settings
from gateway.dating import Dating
from gateway.events import Epoch
from gateway.journal.checks import Fault, faults
from gateway.journal.opening import epochs_ahead, open_store
from gateway.journal.row import UPLINK, Backlog, Batch, Gap, Missing, Page, Resumed, Row
from gateway.journal.store import OutOfOrder, Store
from gateway.journal.trouble import JournalTrouble

_BATCHES_WAITING_MAX = 256
_ACKNOWLEDGED_UNKEPT_MAX = 32
_LOOKED_AT_ONCE = 5000
"""Rows: some megabytes of the file."""

P = ParamSpec("P")
T = TypeVar("T")


class Journal:
    """Made by `open`. All methods belong to one event loop."""

    def __init__(self, store: Store, resumed: Resumed, thread: ThreadPoolExecutor, salt: Callable[[], str]) -> None:
        self.resumed = resumed
        self._store = store
        self._thread = thread
        self._last = resumed.next_sequence - 1
        self._salt = salt
        self.epoch = resumed.epoch
        self._cursors = dict(resumed.cursors)
        self._kept_cursors = dict(resumed.cursors)
        self._released = resumed.acknowledged
        self._waiting: list[tuple[Batch, asyncio.Future[None]]] = []
        self._room = asyncio.Semaphore(_BATCHES_WAITING_MAX)
        self._committing: asyncio.Task[None] | None = None
        self._closed = False
        self.dating: Dating | None = None
        """Puts the times of events right as they are read. Whoever has the clock sets it."""

    @classmethod
    async def open(cls, settings: Settings, gateway: str, salt: Callable[[], str], uplinks: Sequence[str] = (UPLINK,)) -> Self:
        """`salt` gives four random hexadecimal digits for an epoch. Each of `uplinks` has a cursor, and a row is released once all
        of them have acknowledged it. Raises JournalTrouble."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        try:
            store, resumed = await asyncio.get_running_loop().run_in_executor(thread, open_store, settings, gateway, salt, uplinks)
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(store, resumed, thread, salt)

    @property
    def last_sequence(self) -> int:
        """Of the events that are committed."""
        return self._last

    @property
    def acknowledged(self) -> int:
        """Every event up to this one is released: all configured uplinks have acknowledged it."""
        return max(self._released, min(self._cursors.values(), default=0))

    def acknowledged_of(self, uplink: str) -> int:
        """Every event up to this one is stored at this uplink's platform."""
        return self._cursors[uplink]

    async def append(self, batch: Batch) -> None:
        """Returns once all of the batch is on the disk. Raises JournalTrouble, and then nothing of it is, as far as can be known:
        give the same rows again, in the same order, and those that are on the disk nevertheless are recognised."""
        async with self._room:
            committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((batch, committed))
            self._begin_commit()
            await committed

    async def acknowledge(self, uplink: str, upto: int) -> None:
        """This uplink's platform has every event up to this one. The mark is kept with the next commit, with `close`, or after 32
        events: so many, and what is acknowledged during one commit, are sent again after a crash. A commit of its own for each
        would wear the flash twice as fast."""
        upto = min(upto, self._last)
        if upto <= self._cursors[uplink]:
            return
        self._cursors[uplink] = upto
        if upto - self._kept_cursors[uplink] >= _ACKNOWLEDGED_UNKEPT_MAX:
            self._begin_commit()

    async def bury(self, uplink: str, sequence: int, why: str) -> None:
        """This uplink's platform will never take this event. Kept at once; the row stays in the record. Raises JournalTrouble."""
        await self._run(self._store.bury, uplink, sequence, why)

    async def buried(self, uplink: str, first: int, last: int) -> frozenset[int]:
        """Which of these this uplink's platform never took. Raises JournalTrouble."""
        return await self._run(self._store.buried, uplink, first, last)

    async def new_epoch(self, beyond: int = 0) -> Epoch:
        """For a disk that was rolled back: what is appended from now on must be given ids of it. `beyond` is the number of an epoch
        that somebody has seen of us. Raises JournalTrouble."""
        self.epoch = Epoch(await self._run(self._store.next_epoch, epochs_ahead(self._salt), beyond), self._salt())
        return self.epoch

    async def after(self, sequence: int, limit: int, *, hold: bool = True) -> tuple[Row, ...]:
        """Committed events that follow this sequence, in order, each with the best time that is known of it; with `hold` only as
        far as they may be told now. Raises JournalTrouble."""
        rows = await self._run(self._store.after, sequence, limit)
        return self._dated(rows, hold=hold)

    def _dated(self, rows: Sequence[Row], *, hold: bool) -> tuple[Row, ...]:
        if self.dating is None:
            return tuple(rows)
        return tuple(map(self.dating.dated, self.dating.tellable(rows) if hold else rows))

    async def page(self, uplink: str, after: int, limit: int) -> Page:
        """As `after`, for an uplink's ordered log: as far as events may be told now. Raises JournalTrouble."""
        page = await self._run(self._store.page, uplink, after, limit)
        return replace(page, rows=self._dated(page.rows, hold=True))

    async def accounting(self, missing: Sequence[Missing]) -> tuple[Row, ...]:
        """The gap events that account for any of these numbers, wherever they stand behind them. Raises JournalTrouble."""
        found: list[Row] = []
        for after in range(missing[0].first, self._last, _LOOKED_AT_ONCE):
            # Piece by piece: commits come in between.
            found += await self._run(self._store.accounting, missing, after, after + _LOOKED_AT_ONCE)
        return self._dated(found, hold=False)

    async def backlog(self) -> Backlog:
        return await self._run(self._store.backlog, self.acknowledged)

    async def verify(self) -> tuple[Fault, ...]:
        """What is wrong with the rows, as `kerbgate backlog --verify` tells. Commits wait meanwhile. Raises JournalTrouble."""
        return await self._run(self._verify)

    def _verify(self) -> tuple[Fault, ...]:
        with self._store.reading() as connection:
            return faults(connection)

    def take_gaps(self) -> tuple[Gap, ...]:
        """What was lost or sacrificed since it was last asked: the caller tells it as gap events."""
        gaps, self._store.gaps[:] = tuple(self._store.gaps), ()
        return gaps

    async def close(self) -> None:
        """What was given to `append` and the watermark are kept first."""
        if self._closed:
            return
        self._closed = True
        if self._cursors != self._kept_cursors:
            self._begin_commit()
        while self._committing is not None:
            await asyncio.wait([self._committing])
        await self._run(self._store.close)
        self._thread.shutdown()

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: function(*args, **kwargs))

    def _begin_commit(self) -> None:
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit(), name="journal commits")

    async def _commit(self) -> None:
        """Until nothing waits. Its callers may be cancelled; what they gave is committed all the same."""
        try:
            while True:
                group, self._waiting = self._waiting, []
                await self._commit_group(group)
                if not self._waiting:
                    break
        finally:
            self._committing = None

    async def _commit_group(self, group: list[tuple[Batch, asyncio.Future[None]]]) -> None:
        cursors = dict(self._cursors)
        unkept = {uplink: upto for uplink, upto in cursors.items() if upto != self._kept_cursors[uplink]}
        try:
            outcome = await self._run(self._store.commit, [batch for batch, _ in group], unkept)
        except Exception as error:
            # A watermark that could not be kept is tried again with the next commit: it only means that more is sent twice.
            if not group and not isinstance(error, JournalTrouble):
                raise
            for _, committed in group:
                if not committed.done():
                    committed.set_exception(error)
            return
        self._kept_cursors = cursors
        for (batch, committed), refused in zip(group, outcome, strict=True):
            self._answer(batch, committed, refused)

    def _answer(self, batch: Batch, committed: asyncio.Future[None], refused: OutOfOrder | None) -> None:
        if refused is None:
            self._last = max(self._last, batch.rows[-1].sequence if batch.rows else 0)
            if self.dating is not None:
                self.dating.learn(batch.anchors)
        if committed.done():
            return
        if refused is None:
            committed.set_result(None)
        else:
            committed.set_exception(refused)
