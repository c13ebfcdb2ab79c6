"""The platform behind the broker: keeps every message as it came, and acknowledges what it has without a hole."""

import asyncio
import json
import socket

import aiomqtt

from docs.consumer.consumer import accounted
from gateway.uplink.session import Client
from tests.brokers import Mosquitto

_AT_ONCE = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)


class Platform:
    """`away` is set while it is disconnected on purpose. `asking` says that the broker owes it an answer."""

    def __init__(self, broker: Mosquitto, gateway: str) -> None:
        self.received: list[bytes] = []
        self.asking = False
        self.upto = 0
        """Every sequence up to here has come, or will never come."""
        self._broker = broker
        self._gateway = gateway
        self._ids: dict[int, str] = {}
        self._never: set[int] = set()
        self._behind = True
        self._welcome = asyncio.Event()
        self._welcome.set()
        self._session: asyncio.Task[None] | None = None

    def leave(self) -> None:
        self._welcome.clear()
        if self._session is not None:
            self._session.cancel()

    def come_back(self) -> None:
        self._welcome.set()

    async def run(self) -> None:
        try:
            await self._run()
        finally:
            if self._session is not None:
                self._session.cancel()
                await asyncio.gather(self._session, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._welcome.wait()
            self._session = asyncio.create_task(self._listen())
            await asyncio.wait([self._session])
            self.asking = False
            await asyncio.sleep(1.0)

    async def _listen(self) -> None:
        try:
            self.asking = True
            async with Client(
                "127.0.0.1", self._broker.port, identifier=f"platform-{self._gateway}", timeout=20.0, socket_options=_AT_ONCE
            ) as client:
                await client.subscribe(f"kerb/v1/{self._gateway}/ev/#", qos=1)
                self.asking = False
                self._behind = True
                await self._acknowledge(client)
                async for message in client.messages:
                    assert isinstance(message.payload, bytes)
                    if not self._take(message.payload):
                        continue
                    self.received.append(message.payload)
                    # Also what came before: its acknowledgement may have been lost.
                    await self._acknowledge(client)
        except (aiomqtt.MqttError, OSError):
            return

    def _take(self, body: bytes) -> bool:
        """Whether it is taken. What comes while it was not there is lost on a broker without a session for it: the first that come
        behind such a hole are left alone, for they come again, and what is missing before them. Within a session nothing is missing."""
        message = json.loads(body)
        events = message if isinstance(message, list) else [message]
        for begin, end in (run for event in events for run in accounted(event)):
            self._never.update(range(begin, end + 1))
        first = min(int(event["sequence"]) for event in events)
        if self._behind and first > self._next(self.upto):
            return False
        self._behind = self._behind and first <= self.upto
        self._ids |= {int(event["sequence"]): event["id"] for event in events}
        while (following := self._next(self.upto)) in self._ids:
            self.upto = following
        return True

    def _next(self, number: int) -> int:
        """The number that comes after this one, if any does."""
        number += 1
        while number in self._never and number not in self._ids:
            number += 1
        return number

    async def _acknowledge(self, client: Client) -> None:
        if self.upto:
            await client.publish(f"kerb/v1/{self._gateway}/ack", json.dumps({"upto": self._ids[self.upto]}), qos=0)
