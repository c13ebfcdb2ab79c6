"""Tells in time that our own certificate runs out: from thirty days before, once a day. Events go on being kept when it has."""

import asyncio
from collections.abc import Callable

from config.site import Uplink as Settings
from gateway.clock import Clock
from gateway.logs import Log
from gateway.uplink.certificates import ALARM_DAYS, days_left, files_of, good_until
from gateway.uplink.slots import Slot

LOOK_AGAIN_S = 3600.0
_DAY_S = 86400.0


class Expiry:
    def __init__(self, settings: Settings, clock: Clock, log: Log) -> None:
        self._tls = settings.tls
        self._name = settings.name
        self._clock = clock
        self._log = log
        self._until: float | None = None
        self._told_at: float | None = None

    def days(self) -> int | None:
        """Until the certificate in use expires, as last looked at; None without one, or when it can't be read."""
        return None if self._until is None else days_left(self._until, self._clock.wall())

    async def watch(self, slot_in_use: Callable[[], Slot]) -> None:
        """Until cancelled. The file is read again each time: a new one needs no restart."""
        while True:
            self.look(slot_in_use())
            await asyncio.sleep(LOOK_AGAIN_S)

    def look(self, slot: Slot) -> None:
        pair = None if self._tls is None else files_of(self._tls, slot)
        if pair is None:
            self._until = None
            return
        try:
            self._until = good_until(pair[0])
        except (OSError, ValueError):
            self._until = None  # The connection that needs it says what is wrong with it.
            return
        days, now = days_left(self._until, self._clock.wall()), self._clock.monotonic()
        if days >= ALARM_DAYS:
            self._told_at = None
        elif self._told_at is None or now - self._told_at >= _DAY_S:
            self._told_at = now
            sentence = "uplink.certificate_expires" if days >= 0 else "uplink.certificate_expired"
            self._log.warning("a certificate of ours runs out", fault=sentence, uplink=self._name, path=str(pair[0]), days=abs(days))
