"""The uplink: stays connected, and says what is wrong while it is not. What is said on a connection is in `conversation.py`."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiomqtt
from tenacity import AsyncRetrying, retry_if_exception_type

from config.site import Uplink as Settings
from config.uplinks import port_of
from gateway.clock import Clock
from gateway.journal.journal import Journal
from gateway.journal.trouble import JournalTrouble
from gateway.logs import Log
from gateway.uplink.backoff import Backoff
from gateway.uplink.connection import Client, connection
from gateway.uplink.conversation import Conversation, Snapshot, Tally, raise_if_cancelled
from gateway.uplink.topics import OFFLINE, Topics
from gateway.uplink.trouble import UplinkTrouble, trouble_of
from gateway.uplink.window import Window

__all__ = ["Snapshot", "Uplink", "UplinkStatus", "UplinkTrouble"]

_STEADY_S = 10.0
"""A connection that stood for so long was a good one: the waits begin short again."""
_FAREWELL_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkStatus:
    connected: bool
    since: float
    """Wall time (Unix seconds) at which `connected` became what it is."""
    in_flight: int
    published: int
    """PUBACKs since the start; an event that was sent twice counts twice."""
    acknowledged: int
    """Every sequence up to this one is released."""
    last_trouble: UplinkTrouble | None


class Uplink:
    """`run` until cancelled; `notify` after each commit. Offline, it costs nothing but the journal's backlog."""

    def __init__(
        self,
        settings: Settings,
        gateway: str,
        journal: Journal,
        snapshots: Callable[[], Sequence[Snapshot]],
        clock: Clock,
        generator: random.Random,
        log: Log,
    ) -> None:
        self._settings = settings
        self._topics = Topics(gateway)
        self._journal = journal
        self._snapshots = snapshots
        self._clock = clock
        self._log = log
        self._backoff = Backoff(generator, settings.reconnect_max_s)
        sent = journal.resumed.next_sequence - 1
        self._window = Window(settings.window, settings.ack, settings.ack_timeout_s, released=journal.acknowledged, sent=sent)
        self._tally = Tally()
        self._conversation: Conversation | None = None
        self._stood_since: float | None = None
        self._since = clock.wall()
        self._trouble: UplinkTrouble | None = None
        self._told: str | None = None

    @property
    def waiting(self) -> bool:
        """Whether the broker owes us an answer: to a connect, or to something in flight."""
        return self._tally.calls > 0

    def notify(self) -> None:
        """There are new rows in the journal."""
        if self._conversation is not None:
            self._conversation.notify()

    def status(self) -> UplinkStatus:
        return UplinkStatus(
            connected=self._stood_since is not None,
            since=self._since,
            in_flight=self._window.in_flight,
            published=self._tally.published,
            acknowledged=self._window.released,
            last_trouble=self._trouble,
        )

    async def drained(self) -> None:
        """Returns once all that is committed is released. That may be never: the caller sets a limit."""
        while self._window.released < self._journal.last_sequence:
            self._tally.released.clear()
            await self._tally.released.wait()

    async def run(self) -> None:
        """Forwards until cancelled; then says that we are gone."""
        # Without end, and without a limit of tries: what waits is billed from.
        retrying = AsyncRetrying(retry=retry_if_exception_type(UplinkTrouble), wait=self._backoff, sleep=asyncio.sleep)
        await retrying(self._one_connection)

    async def _one_connection(self) -> None:
        """Raises UplinkTrouble when it is over."""
        stood = False
        try:
            with self._tally.asking():
                entering = connection(self._settings, self._topics.gateway)
                client = await entering.__aenter__()
            try:
                raise_if_cancelled()
                stood = True
                await self._converse(client)
            finally:
                with self._tally.asking():
                    await entering.__aexit__(None, None, None)
        except (aiomqtt.MqttError, OSError, UnicodeError, UplinkTrouble) as error:
            # Both at once: to be gone is what counts.
            raise_if_cancelled()
            trouble = trouble_of(error, self._settings, stood=stood)
            self._tell(trouble)
            raise trouble from error
        except JournalTrouble as error:
            raise_if_cancelled()
            trouble = UplinkTrouble("uplink.journal", why=str(error))
            self._tell(trouble)
            raise trouble from error

    async def _converse(self, client: Client) -> None:
        self._conversation = Conversation(
            client, self._window, self._journal, self._topics, self._settings.ack, self._clock, self._log, self._tally
        )
        try:
            await self._conversation.run(self._snapshots(), self._stands)
        except asyncio.CancelledError:
            # The broker tells the will only of those who leave without a word.
            with suppress(aiomqtt.MqttError), self._tally.asking():
                await client.publish(self._topics.state, OFFLINE, qos=1, retain=True, timeout=_FAREWELL_S)
            raise
        finally:
            self._conversation = None
            if self._stood_since is not None:
                if self._clock.monotonic() - self._stood_since >= _STEADY_S:
                    self._backoff.reset()
                self._stood_since = None
                self._since = self._clock.wall()

    def _stands(self) -> None:
        self._stood_since = self._clock.monotonic()
        self._since = self._clock.wall()
        self._told = None
        waiting = self._journal.last_sequence - self._journal.acknowledged
        self._log.info("the uplink stands", host=self._settings.host, port=port_of(self._settings), waiting=waiting)

    def _tell(self, trouble: UplinkTrouble) -> None:
        """Once for each change, not for each try."""
        # Its words only: the traceback of the real one holds on to sockets.
        self._trouble = UplinkTrouble(trouble.sentence, **trouble.values)
        if str(trouble) != self._told:
            self._told = str(trouble)
            self._log.warning("the uplink is down; events wait in the journal", fault=trouble.sentence, **trouble.values)
