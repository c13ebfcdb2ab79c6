"""The second lane at work: the present state goes out, in messages of its own beside the log, over one connection.

It has places of its own among the messages in flight, for a log that fills the broker's window must not hold it up. A broker that bears
few messages at once has none to spare: it is told the present state only while nothing else is under way.
"""

import asyncio

from gateway.clock import Clock
from gateway.uplink.latest import Latest
from gateway.uplink.outside import Outside, Snapshot
from gateway.uplink.session import Client
from gateway.uplink.sizing import Sizing
from gateway.uplink.tally import Tally
from gateway.uplink.topics import Topics

PACKET_OCTETS = 256
"""What a message is larger than its payload, at the most."""
_KEPT_FOR_OURSELVES = 2
"""Of the messages in flight that the broker bears."""
_FEW_IN_FLIGHT = 4


class Telling:
    def __init__(self, client: Client, topics: Topics, outside: Outside, clock: Clock, tally: Tally, pages: Sizing) -> None:
        """`pages` is what was learned of their size over all connections."""
        self._client = client
        self._topics = topics
        self._outside = outside
        self._clock = clock
        self._tally = tally
        self._pages = pages
        self._latest = Latest()
        in_flight = client.limits.in_flight
        self.own_places = _KEPT_FOR_OURSELVES if in_flight is None or in_flight > _FEW_IN_FLIGHT else 0
        """How many of the messages in flight are not the log's."""
        # Two at a time: on a line with half a second to and fro, a large street would take long one page after the other.
        self.places = asyncio.Semaphore(self.own_places or 1)

    @property
    def log_in_flight(self) -> int | None:
        """What is left for the log; None for no limit."""
        in_flight = self._client.limits.in_flight
        return None if in_flight is None else in_flight - self.own_places

    def changed(self) -> None:
        """Something was committed."""
        self._latest.changed()

    def deadline(self, *, behind: bool) -> float | None:
        """When it is due again. `behind`: whether events wait that have not gone out."""
        return self._latest.deadline(behind=behind) if self.own_places else None

    def begins(self, now: float) -> None:
        """It goes out now: until something changes it is not due again."""
        self._latest.told(now)

    async def tell(self) -> int:
        """The present state; how many messages it is. Raises MqttError."""
        self.begins(self._clock.monotonic())
        told = self._client.limits.packet_bytes
        snapshots = self._outside.snapshots(self._pages.octets if told is None else min(self._pages.octets, told - PACKET_OCTETS))
        got_through = False
        try:
            with self._tally.asking():
                async with asyncio.TaskGroup() as pages:
                    for each in snapshots:
                        pages.create_task(self._page(each))
            got_through = True
        finally:
            # An error, or whoever noticed first that the connection has ended, who cancels this.
            if got_through:
                self._pages.passed()
            else:
                self._pages.vanished(max((len(each.body) for each in snapshots), default=0))
        return len(snapshots)

    async def _page(self, page: Snapshot) -> None:
        async with self.places:
            topic = self._topics.snapshot(page.event_class, page.page)
            await self._client.publish(topic, page.body, qos=1, retain=self._client.limits.retain)
