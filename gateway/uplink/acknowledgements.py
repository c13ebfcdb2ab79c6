"""The platform's acknowledgements, checked before they release anything: whoever may publish there may also be mistaken.

One that names an event of this gateway that is not in the journal, with a number that is not released, can be true all the same: the
platform has it, and our disk has forgotten it, because it was rolled back or replaced. Numbers that were given away are then
given again. So a new epoch begins, later than any that the platform has seen, and with it ids that nobody has used.

A platform may say faster what it has than the journal can be asked: each is heard as it comes, and the newest of an epoch waits, for it
speaks for all before it.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable

from gateway.journal.journal import Journal
from gateway.logs import Log
from gateway.uplink.topics import Topics, Upto, read_acknowledgement

_REASONS_MAX = 8
_EPOCHS_MAX = 4
"""Of one connection: nobody is to make us write without end."""
_WAITING_MAX = 16
_EPOCH_MAX = 9_000_000_000
"""Beyond this nobody has counted up to; ids have ten digits for it."""

RolledBack = Callable[[Upto], Awaitable[None]]
"""Told what the platform has; returns once the new epoch is in use and an event tells of it."""


class Acknowledgements:
    """Of one connection: each reason to ignore one is told once in it."""

    def __init__(self, topics: Topics, journal: Journal, log: Log, rolled_back: RolledBack) -> None:
        self._topics = topics
        self._journal = journal
        self._log = log
        self._rolled_back = rolled_back
        self._warned: set[str] = set()
        self._forgotten: Upto | None = None
        self._epochs = 0
        self._waiting: deque[Upto] = deque(maxlen=_WAITING_MAX)
        self._heard = asyncio.Event()

    def hear(self, payload: object) -> None:
        """Never waits."""
        try:
            upto = read_acknowledgement(payload, self._topics.gateway)
        except ValueError as error:
            self._warn_once(str(error))
            return
        if upto.epoch > _EPOCH_MAX:
            self._warn_once("an epoch that nobody has counted up to")
            return
        if self._waiting and self._waiting[-1].epoch == upto.epoch and self._waiting[-1].sequence <= upto.sequence:
            self._waiting.pop()
        self._waiting.append(upto)
        self._heard.set()

    async def next(self) -> Upto:
        """Waits for one that was heard."""
        while not self._waiting:
            self._heard.clear()
            await self._heard.wait()
        return self._waiting.popleft()

    async def checked(self, upto: Upto, released: int, highest_sent: int) -> int | None:
        """Up to which sequence everything is stored; None for what releases nothing. Raises JournalTrouble."""
        if upto.sequence <= released:
            return upto.sequence
        if not await self._is_ours(upto):
            await self._forget(upto)
            return None
        if upto.sequence > highest_sent:
            self._warn_once("an event that was never sent")
            return None
        return upto.sequence

    async def _is_ours(self, upto: Upto) -> bool:
        """The same number under another epoch is another event."""
        rows = await self._journal.after(upto.sequence - 1, 1, hold=False)
        return bool(rows) and json.loads(rows[0].body).get("id") == upto.identifier

    async def _forget(self, upto: Upto) -> None:
        """Once for each that the platform says, however often it says it."""
        known = self._forgotten
        if known is not None and (known.epoch, known.sequence) >= (upto.epoch, upto.sequence):
            return
        if self._epochs == _EPOCHS_MAX:
            self._warn_once("events that are not in the journal, again and again")
            return
        self._forgotten = upto
        self._epochs += 1
        self._log.error(
            "the platform has an event that this journal has forgotten: the disk was rolled back; a new epoch begins",
            platform_has=upto.identifier,
            journal_ends_at=self._journal.last_sequence,
        )
        await self._rolled_back(upto)

    def _warn_once(self, why: str) -> None:
        """Whoever sends nonsense must not fill the log."""
        if why not in self._warned and len(self._warned) < _REASONS_MAX:
            self._warned.add(why)
            self._log.warning("an acknowledgement was ignored", topic=self._topics.acknowledgements, why=why)
