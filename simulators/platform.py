"""A city's platform in small, for the demo: an embedded broker (amqtt) and a subscriber that acknowledges what it received.

For the demo and never for production: this broker keeps nothing. It needs the extra `demo`.
"""

import asyncio
import json
import logging
import socket
from collections.abc import Callable
from types import TracebackType
from typing import Self

from amqtt.broker import Broker
from amqtt.client import MQTTClient
from amqtt.mqtt.constants import QOS_1

_ANONYMOUS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
_HOST = "127.0.0.1"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port


class Platform:
    """`received` is called with the body of each event, in the order of arrival; then the event is acknowledged."""

    def __init__(self, gateway: str, received: Callable[[str], None]) -> None:
        self.host = _HOST
        self.port = _free_port()
        self._gateway = gateway
        self._received = received
        self._broker: Broker | None = None
        self._client: MQTTClient | None = None
        self._listening: asyncio.Task[None] | None = None
        for name in ("amqtt", "transitions"):
            logging.getLogger(name).setLevel(logging.CRITICAL)

    async def __aenter__(self) -> Self:
        listener = {"type": "tcp", "bind": f"{self.host}:{self.port}"}
        self._broker = Broker({"listeners": {"default": listener}, "plugins": _ANONYMOUS})
        await self._broker.start()
        self._client = MQTTClient(client_id="platform", config={"auto_reconnect": False, "plugins": {}})
        await self._client.connect(f"mqtt://{self.host}:{self.port}/")
        await self._client.subscribe([(f"kerb/v1/{self._gateway}/ev/#", QOS_1)])
        self._listening = asyncio.create_task(self._listen(self._client))
        return self

    async def _listen(self, client: MQTTClient) -> None:
        while True:
            message = await client.deliver_message()
            if message is None or message.data is None:
                continue
            told = json.loads(message.data)
            events = told if isinstance(told, list) else [told]
            for event in events:
                self._received(json.dumps(event, separators=(",", ":"), ensure_ascii=False))
            if events:
                upto = json.dumps({"upto": events[-1]["id"]}).encode()
                await client.publish(f"kerb/v1/{self._gateway}/ack", upto, QOS_1)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._client is not None:
            await self._client.disconnect()
        if self._broker is not None:
            await self._broker.shutdown()
