"""The uplink: stays connected, and says what is wrong while it is not. What is said on a connection is in `conversation.py`."""

import asyncio
import random
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
from gateway.uplink.batches import BYTES_MAX
from gateway.uplink.commands import Commands
from gateway.uplink.connection import Known, connection
from gateway.uplink.conversation import Conversation
from gateway.uplink.expiry import Expiry
from gateway.uplink.outside import Outside, Snapshot
from gateway.uplink.session import SESSION_TAKEN_OVER, Client
from gateway.uplink.sizing import Sizing
from gateway.uplink.takeover import Takeover
from gateway.uplink.tally import Tally
from gateway.uplink.telling import PACKET_OCTETS
from gateway.uplink.topics import OFFLINE, Topics
from gateway.uplink.trouble import UplinkTrouble, trouble_of
from gateway.uplink.versions import Version, Versions
from gateway.uplink.window import Window

__all__ = ["Snapshot", "Uplink", "UplinkStatus", "UplinkTrouble"]

_STEADY_S = 10.0
"""A connection that stood for so long was a good one: the waits begin short again."""
_FAREWELL_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkStatus:
    name: str
    connected: bool
    since: float
    """Wall time (Unix seconds) at which `connected` became what it is."""
    in_flight: int
    """Messages; each may be many events."""
    published: int
    """Events that the broker has taken since the start; one that was sent twice counts twice."""
    sent_again: int
    """Events that went out once more since the start, since nobody had said that they came."""
    unheard: int
    """Messages that the broker took although nobody had subscribed to them (MQTT 5)."""
    acknowledged: int
    """Every sequence up to this one is released."""
    version: str | None
    """Of MQTT, while connected."""
    last_trouble: UplinkTrouble | None
    certificate_days: int | None
    """Until the certificate in use expires; negative afterwards. None without one."""


class Uplink:
    """`run` until cancelled; `notify` after each commit. Offline, it costs nothing but the journal's backlog."""

    def __init__(
        self,
        settings: Settings,
        gateway: str,
        journal: Journal,
        outside: Outside,
        clock: Clock,
        generator: random.Random,
        log: Log,
    ) -> None:
        self._settings = settings
        self._topics = Topics(gateway)
        self._journal = journal
        self._outside = outside
        self._clock = clock
        self._log = log
        self._backoff = Backoff(generator, settings.reconnect_max_s)
        self._known = Known(Versions(settings.mqtt))
        self._takeover = Takeover()
        self._expiry = Expiry(settings, clock, log)
        self._window = Window(
            settings.window,
            settings.ack,
            settings.ack_timeout_s,
            released=journal.acknowledged_of(settings.name),
            sent=journal.resumed.next_sequence - 1,
            batch=settings.batch,
            rate_per_s=settings.rate_per_s,
        )
        self.commands = Commands(settings.name)
        self._tally = Tally()
        self._pages = Sizing(BYTES_MAX - PACKET_OCTETS)
        self._conversation: Conversation | None = None
        self._stood_since: float | None = None
        self._since = clock.wall()
        self._trouble: UplinkTrouble | None = None
        self._told: str | None = None

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def waiting(self) -> bool:
        """Whether the broker owes us an answer: to a connect, or to something in flight."""
        return self._tally.calls > 0

    def notify(self) -> None:
        """There are new rows in the journal."""
        if self._conversation is not None:
            self._conversation.notify()

    def status(self) -> UplinkStatus:
        stands = self._stood_since is not None
        return UplinkStatus(
            name=self._settings.name,
            connected=stands,
            since=self._since,
            in_flight=self._window.in_flight,
            published=self._tally.published,
            sent_again=self._window.sent_again,
            unheard=self._tally.unheard,
            acknowledged=self._window.released,
            version=("5.0" if self._known.version is Version.V5 else "3.1.1") if stands else None,
            last_trouble=self._trouble,
            certificate_days=self._expiry.days(),
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
        watching = asyncio.create_task(self._expiry.watch(lambda: self._known.slot))
        self._tally.leaving = False
        connecting: asyncio.Task[None] = asyncio.create_task(retrying(self._one_connection))
        try:
            await asyncio.wait([connecting])
            connecting.result()
        except asyncio.CancelledError:
            self._tally.leaving = True
            raise
        finally:
            connecting.cancel()
            watching.cancel()
            await asyncio.gather(connecting, watching, return_exceptions=True)

    async def _one_connection(self) -> None:
        """Raises UplinkTrouble when it is over."""
        client: Client | None = None
        try:
            with self._tally.asking():
                entering = connection(self._settings, self._topics.gateway, self._known, self._clock.monotonic())
                client = await entering.__aenter__()
            try:
                self._tally.go_on()
                await self._converse(client)
            finally:
                with self._tally.asking():
                    await entering.__aexit__(None, None, None)
        except (aiomqtt.MqttError, OSError, UnicodeError, UplinkTrouble) as error:
            # Both at once: to be gone is what counts.
            self._tally.go_on()
            trouble = self._taken_over(client) or trouble_of(error, self._settings, stood=client is not None)
            self._tell(trouble)
            raise trouble from error
        except JournalTrouble as error:
            self._tally.go_on()
            trouble = UplinkTrouble("uplink.journal", why=str(error))
            self._tell(trouble)
            raise trouble from error

    def _taken_over(self, client: Client | None) -> UplinkTrouble | None:
        """Whether another client with our name ended this connection; None where there was none to end."""
        taken = False
        if client is not None and client.ended_by == SESSION_TAKEN_OVER:
            taken = True
        elif client is not None and client.closed_by_peer:
            taken = self._takeover.closed(self._clock.monotonic())
        else:
            self._takeover.otherwise()
        if not taken:
            return None
        return UplinkTrouble("uplink.taken_over", host=self._settings.host, port=port_of(self._settings), gateway=self._topics.gateway)

    async def _converse(self, client: Client) -> None:
        self._conversation = Conversation(
            client,
            self._window,
            self._journal,
            self._topics,
            self._settings,
            self.commands,
            self._outside,
            self._refused,
            self._clock,
            self._log,
            self._tally,
            self._pages,
        )
        try:
            await self._conversation.run(self._stands)
        except asyncio.CancelledError:
            # The broker tells the will only of those who leave without a word.
            with suppress(aiomqtt.MqttError), self._tally.asking():
                await client.publish(self._topics.state, OFFLINE, qos=1, retain=client.limits.retain, timeout=_FAREWELL_S)
            raise
        finally:
            self._conversation = None
            if self._stood_since is not None:
                if self._clock.monotonic() - self._stood_since >= _STEADY_S:
                    self._backoff.reset()
                self._stood_since = None
                self._since = self._clock.wall()

    def _stands(self) -> None:
        now = self._clock.monotonic()
        self._stood_since = now
        self._since = self._clock.wall()
        self._told = None
        self._known.versions.stood(self._known.version, now)
        place = {"host": self._settings.host, "port": port_of(self._settings)}
        if self._known.slots.stood(self._known.slot, now):
            self._log.warning("the broker refuses the next certificate; the present one is used", **place)
        waiting = self._journal.last_sequence - self._window.released
        self._log.info("the uplink stands", **place, uplink=self._settings.name, version=int(self._known.version), waiting=waiting)

    def _refused(self, trouble: UplinkTrouble) -> None:
        self._tell(trouble, "the broker refuses a message; its events wait in the journal")

    def _tell(self, trouble: UplinkTrouble, what: str = "the uplink is down; events wait in the journal") -> None:
        """Once for each change, not for each try."""
        # Its words only: the traceback of the real one holds on to sockets.
        self._trouble = UplinkTrouble(trouble.sentence, **trouble.values)
        if str(trouble) != self._told:
            self._told = str(trouble)
            self._log.warning(what, fault=trouble.sentence, uplink=self._settings.name, **trouble.values)
