"""All uplinks of a site on one journal: each with its own place in it, none able to hold back another; and what they ask of the gateway."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from random import Random
from typing import Any

from config.site import Language, Site
from gateway.clock import Clock
from gateway.detection.change import CommandChange, GatewayChange, Kept, Kind
from gateway.journal.journal import Journal
from gateway.journal.row import Row
from gateway.logs import Log
from gateway.recorder import Recorder
from gateway.status import PARTS, Snapshot
from gateway.uplink.client import Snapshot as SnapshotMessage
from gateway.uplink.client import Uplink, UplinkStatus
from gateway.uplink.commands import SUBJECT as COMMANDS
from gateway.uplink.outside import Result
from gateway.uplink.topics import Upto


class Forwarding:
    def __init__(
        self,
        site: Site,
        journal: Journal,
        recorder: Recorder,
        snapshot: Callable[[], Snapshot],
        clock: Clock,
        random: Random,
        log: Log,
    ) -> None:
        self._gateway = site.gateway
        self._language = site.language or Language.EN
        self._journal = journal
        self._recorder = recorder
        self._snapshot = snapshot
        self._clock = clock
        self._log = log
        self.uplinks = [Uplink(each, site.gateway, journal, self, clock, random, log) for each in site.forwards_to]
        for kept in recorder.commands:
            self._restore(kept)

    def _restore(self, kept: Kept) -> None:
        name = kept.subject.removeprefix(COMMANDS)
        try:
            for uplink in (each for each in self.uplinks if each.name == name):
                uplink.commands.restore(kept.state)
        except ValueError:
            self._log.warning("a kept state was not taken over", subject=kept.subject)

    def runs(self) -> Iterator[tuple[str, Callable[[], Coroutine[Any, Any, None]]]]:
        """Name and task of each."""
        return ((f"uplink {uplink.name}", uplink.run) for uplink in self.uplinks)

    def notify(self) -> None:
        for uplink in self.uplinks:
            uplink.notify()

    @property
    def waiting(self) -> bool:
        """Whether some broker owes us an answer."""
        return any(uplink.waiting for uplink in self.uplinks)

    def statuses(self) -> tuple[UplinkStatus, ...]:
        return tuple(uplink.status() for uplink in self.uplinks)

    async def drained(self, longest_s: float) -> None:
        """Last words: all that is committed is out at those that stand, or the time is up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await asyncio.gather(*(uplink.drained() for uplink in self.uplinks if uplink.status().connected))

    def snapshots(self, octets: int) -> Sequence[SnapshotMessage]:
        shown = self._snapshot()
        return [SnapshotMessage(part, body, number) for part in PARTS for number, body in enumerate(shown.pages(part, octets), 1)]

    async def gap(self, uplink: str, row: Row, why: str) -> None:
        self._log.error(
            "the broker refuses an event for ever; it is put aside and a gap is told",
            uplink=uplink,
            sequence=row.sequence,
            subject=row.subject,
            why=why,
        )
        await self._tell(f"refused:{uplink}", row.sequence)

    async def rolled_back(self, has: Upto) -> None:
        self._recorder.mint.epoch = await self._journal.new_epoch(has.epoch)
        # Without numbers: those that were given away are given again now, in the new epoch, and are no gap.
        await self._tell("storage_rollback", None)

    def keep(self, kept: Kept) -> None:
        self._recorder.keep(kept)

    def command_ended(self, result: Result, kept: Kept) -> None:
        now = self._clock.monotonic()
        trouble = result.trouble
        self._log.info(
            "a command ended",
            uplink=result.uplink,
            command=result.identifier,
            op=result.op,
            outcome=result.outcome.value,
            sent=result.sent,
            why=None if trouble is None else str(trouble),
        )
        first, last = result.done or (None, None)
        change = CommandChange(
            onset_s=now,
            confirmed_s=now,
            uplink=result.uplink,
            command=result.identifier,
            op=result.op,
            outcome=result.outcome,
            code=None if trouble is None else trouble.sentence,
            message=None if trouble is None else trouble.text(self._language),
            advice=None if trouble is None else trouble.advice(self._language),
            first_sequence=first,
            last_sequence=last,
            count=result.sent,
        )
        self._recorder.record_with(change, kept)

    async def _tell(self, cause: str, sequence: int | None) -> None:
        now = self._clock.monotonic()
        count = None if sequence is None else 1
        gap = GatewayChange(
            kind=Kind.GATEWAY_GAP, onset_s=now, confirmed_s=now, cause=cause, first_sequence=sequence, last_sequence=sequence, count=count
        )
        self._recorder.record([gap])
        await self._recorder.drained()
