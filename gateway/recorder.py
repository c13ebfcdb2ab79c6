"""From changes to the journal: minted, committed, and only then told to the uplink.

Nothing before waits for the disk: changes queue here, bounded, and what is waiting goes into one commit. A journal that can't
write now (full, read-only) is asked again until it can; the changes stay queued in order. What does not fit into the queue
any more is counted, and told as one gap event as soon as there is room.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from gateway.clock import Clock
from gateway.detection.change import Change, DeviceChange, GatewayChange, Kept, Kind
from gateway.detection.detectors import Detectors
from gateway.events import Event
from gateway.first_words import gap_change
from gateway.journal.journal import Journal
from gateway.journal.row import Anchor, Batch, Resumed, Row
from gateway.journal.trouble import JournalTrouble
from gateway.kept_times import is_known, moved_s, with_moment, without_moment, without_unknown_past
from gateway.logs import Log
from gateway.minting import Mint, Now
from gateway.uplink.commands import SUBJECT as COMMANDS
from gateway.uplink.encodings.cloudevents import encode

QUEUE_EVENTS_MAX = 10_000
_RETRY_S = 2.0


def now_of(clock: Clock) -> Now:
    return Now(clock.monotonic(), clock.wall(), clock.quality(), clock.boot_id(), clock.since_boot_ns())


def row_of(event: Event) -> Row:
    return Row(event.sequence, event.change.kind.subject_class, event.subject, encode(event), event.stamp)


class Recorder:
    """Owns the mint. `committed` is called with the events after each commit."""

    def __init__(
        self, gateway: str, detectors: Detectors, journal: Journal, clock: Clock, committed: Callable[[Sequence[Event]], None], log: Log
    ) -> None:
        self.mint = Mint(gateway, journal.epoch, journal.resumed.next_sequence)
        self.trouble: JournalTrouble | None = None
        self.commands: list[Kept] = []
        """What the last start kept of the uplinks' commands."""
        self._detectors = detectors
        self._journal = journal
        self._clock = clock
        self._committed = committed
        self._log = log
        self._events: deque[Event] = deque()
        self._states: dict[str, Kept] = {}
        self._anchors: list[Anchor] = []
        self._unknown_before_s: float | None = None
        self._lost: GatewayChange | None = None
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def restore(self, resumed: Resumed) -> None:
        """Give the detectors and the mint what the last start kept; times are moved to this process' clock."""
        now = now_of(self._clock)
        for kept in resumed.states:
            try:
                inner, then = without_moment(kept)
                if inner.subject.startswith(COMMANDS):
                    self.commands.append(inner)
                    continue
                if not is_known(then, now):
                    self._unknown_before_s = now.monotonic_s
                taken = self.mint.restore(inner) or self._detectors.restore(inner, moved_s(then, now))
            except ValueError:
                taken = False
            if not taken:
                self._log.warning("a kept state was not taken over", subject=kept.subject)

    def record(self, changes: Sequence[Change]) -> None:
        """Take changes in; they are events once `committed` is called. Never waits."""
        if self._lost is not None and len(self._events) < QUEUE_EVENTS_MAX:
            lost, self._lost = self._lost, None
            changes = [lost, *changes]
        if len(self._events) >= QUEUE_EVENTS_MAX // 2:
            # Telemetry gives way first.
            for change in changes:
                if isinstance(change, DeviceChange):
                    self._count_lost(change)
            changes = [change for change in changes if not isinstance(change, DeviceChange)]
        room = QUEUE_EVENTS_MAX - len(self._events)
        for change in changes[room:]:
            self._count_lost(change)
        now = now_of(self._clock)
        self._events += self.mint.events(without_unknown_past(changes[:room], self._unknown_before_s), now)
        self._keep((*self._detectors.kept(changes), *self.mint.states(changes[:room])), now)

    def keep(self, kept: Kept) -> None:
        """Somebody else's state. Never waits."""
        self._keep((kept,), now_of(self._clock))

    def record_with(self, change: Change, kept: Kept) -> None:
        """In one commit: both are taken in before anything can be committed. Never waits."""
        self.record([change])
        self.keep(kept)

    def checkpoint(self) -> None:
        """Keep the baselines as they have moved."""
        self._keep(self._detectors.kept_bays(), now_of(self._clock))

    def _keep(self, states: Iterable[Kept], now: Now) -> None:
        for kept in states:
            self._states[kept.subject] = with_moment(kept, now)
        if self._events or self._states:
            self._begin()

    def note(self, anchors: Sequence[Anchor]) -> None:
        """Moments at which the clocks were read together, to be kept."""
        self._anchors += anchors
        self._begin()

    def _begin(self) -> None:
        self._idle.clear()
        self._work.set()

    def _count_lost(self, change: Change) -> None:
        first = self._lost
        self._lost = (
            GatewayChange(kind=Kind.GATEWAY_GAP, onset_s=change.onset_s, confirmed_s=change.confirmed_s, cause="storage_full", count=1)
            if first is None
            else replace(first, confirmed_s=change.confirmed_s, count=(first.count or 0) + 1)
        )

    @property
    def waiting(self) -> int:
        """Events that are not committed yet."""
        return len(self._events)

    @property
    def busy(self) -> bool:
        return not self._idle.is_set()

    async def drained(self) -> None:
        """Returns once everything taken in is committed."""
        await self._idle.wait()

    async def run(self) -> None:
        """Commits until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._events or self._states or self._anchors:
                await self._commit()
            self._idle.set()

    async def _commit(self) -> None:
        # All that waits goes into one commit: a part of it without the states that it leads to would be told again after a restart.
        events = list(self._events)
        states = dict(self._states)
        anchors = tuple(self._anchors)
        try:
            await self._journal.append(Batch(tuple(row_of(event) for event in events), tuple(states.values()), anchors))
        except JournalTrouble as trouble:
            if self.trouble is None:
                self._log.error(
                    "the journal cannot write; events wait in memory", waiting=len(self._events), fault=trouble.sentence, **trouble.values
                )
            self.trouble = trouble
            await asyncio.sleep(_RETRY_S)
            return
        if self.trouble is not None:
            self._log.info("the journal writes again", waiting=len(self._events))
            self.trouble = None
        for _ in events:
            self._events.popleft()
        del self._anchors[: len(anchors)]
        for subject, kept in states.items():
            if self._states.get(subject) is kept:
                del self._states[subject]
        self._committed(events)
        self._tell_gaps()

    def _tell_gaps(self) -> None:
        now = self._clock.monotonic()
        gaps = [gap_change(gap, now) for gap in self._journal.take_gaps()]
        if gaps:
            self.record(gaps)
