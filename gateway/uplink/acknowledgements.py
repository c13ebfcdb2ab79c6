"""The platform's acknowledgements, checked before they release anything: whoever may publish there may also be mistaken."""

import json

from gateway.journal.journal import Journal
from gateway.logs import Log
from gateway.uplink.topics import Topics, read_acknowledgement

_REASONS_MAX = 8


class Acknowledgements:
    """Of one connection: each reason to ignore one is told once in it."""

    def __init__(self, topics: Topics, journal: Journal, log: Log) -> None:
        self._topics = topics
        self._journal = journal
        self._log = log
        self._warned: set[str] = set()

    async def checked(self, payload: object, released: int, highest_sent: int) -> int | None:
        """Up to which sequence everything is stored; None for what is ignored. Raises JournalTrouble."""
        try:
            upto = read_acknowledgement(payload, self._topics.gateway)
            if upto.sequence > released:
                await self._assert_sent(upto.identifier, upto.sequence, highest_sent)
        except ValueError as error:
            self._warn_once(str(error))
            return None
        return upto.sequence

    async def _assert_sent(self, identifier: str, sequence: int, highest_sent: int) -> None:
        """The same number under another epoch is another event: the disk was rolled back, and this one was never delivered."""
        if sequence > highest_sent:
            raise ValueError("an event that was never sent")
        rows = await self._journal.after(sequence - 1, 1)
        if not rows or json.loads(rows[0].body).get("id") != identifier:
            raise ValueError("an event that is not in the journal")

    def _warn_once(self, why: str) -> None:
        """Whoever sends nonsense must not fill the log."""
        if why not in self._warned and len(self._warned) < _REASONS_MAX:
            self._warned.add(why)
            self._log.warning("an acknowledgement was ignored", topic=self._topics.acknowledgements, why=why)
