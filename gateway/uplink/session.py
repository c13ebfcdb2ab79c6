"""aiomqtt's client, with what the uplink needs to know of a broker: its limits, its reasons, and how a connection ended.

A client is made anew for each connection. One that is entered again sends what was unacknowledged by itself; the journal is to be
the only memory.

Sources: MQTT 5.0, 3.2.2.3 (CONNACK properties), 3.4.2.1 (PUBACK reasons), 3.14.2.1 (DISCONNECT reasons).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiomqtt
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.properties import Properties

TAKEN = 0x00
TAKEN_BY_NOBODY = 0x10
"""PUBACK of a broker to which nobody has subscribed: delivered all the same."""
REFUSED = 0x80
"""This reason code and all above it."""
SESSION_TAKEN_OVER = 0x8E
WHOLE_BROKER = frozenset({0x87, 0x90, 0x91, 0x97})
"""PUBACK reasons that are about a right, a topic, a number or a quota, not about this message."""
BLAMES = frozenset({0x81, 0x82, 0x95, 0x99})
"""DISCONNECT reasons that are about a packet of ours: malformed, protocol error, too large, payload format invalid."""
_PROTOCOL_ERROR = 0x82
_KEEPALIVE = 0x8D


class ClosedEarly(aiomqtt.MqttError):
    """The connection was closed before its CONNACK."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the broker said in its CONNACK; MQTT 3.1.1 says nothing."""

    in_flight: int | None = None
    packet_bytes: int | None = None
    retain: bool = True
    qos: int = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A PUBACK's reason."""

    code: int
    words: str


class Client(aiomqtt.Client):
    """aiomqtt's, except where a connection ends: measured on 2.5.1, and guarded by tests.

    A broker that closes before its CONNACK is noticed at once, instead of after the timeout. A socket is watched for room to
    write in the same turn of the loop, not in a later one, when it may be closed and its number another's. Nothing stays open.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits = Limits()
        self.ended_by: int | None = None
        """The reason in the broker's DISCONNECT packet, where it sent one, or that it said something that is no MQTT."""
        self.closed_by_peer = False
        """Whether the far side ended it, by a packet or without a word; a timeout is not that."""
        self.takes: Callable[[str, object], bool] = lambda _topic, _payload: False
        """Asked about each message as it comes: what it takes has no place in the queue, which is bounded and drops what is too much."""
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        # How it ended is told to whoever was reading. Where nobody was any more, as when a stop comes while it connects, the
        # end may come later still, and asyncio would complain of an error that nobody looked at.
        for end in (self._connected, self._disconnected):
            end.add_done_callback(_looked_at)

    @property
    def speaks_5(self) -> bool:
        return self._client.protocol == MQTTProtocolVersion.MQTTv5

    async def deliver(self, topic: str, payload: str, properties: Properties | None) -> Answer:
        """Publish with QoS 1 and return the broker's answer. aiomqtt's own `publish` takes every answer for a yes, and makes two
        tasks a message."""
        info = self._client.publish(topic, payload, 1, False, properties)  # as paho names it
        if info.rc != 0:
            raise aiomqtt.MqttCodeError(info.rc, "Could not publish message")
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._answers[info.mid] = answer
        try:
            async with asyncio.timeout(self.timeout):
                return await answer
        except TimeoutError:
            raise aiomqtt.MqttError("Operation timed out") from None
        finally:
            del self._answers[info.mid]

    def _on_message(self, client: Any, userdata: Any, message: Any) -> None:
        if not self.takes(message.topic, message.payload):
            super()._on_message(client, userdata, message)

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: Any, properties: Any) -> None:
        answer = self._answers.get(mid)
        if answer is None:
            super()._on_publish(client, userdata, mid, reason_code, properties)
        elif not answer.done():
            code = getattr(reason_code, "value", 0) or 0
            answer.set_result(Answer(code, str(reason_code) if code else ""))

    def _on_connect(self, client: Any, userdata: Any, flags: Any, reason_code: Any, properties: Any = None) -> None:
        self.limits = Limits(
            in_flight=getattr(properties, "ReceiveMaximum", None),
            packet_bytes=getattr(properties, "MaximumPacketSize", None),
            retain=bool(getattr(properties, "RetainAvailable", 1)),
            qos=getattr(properties, "MaximumQoS", 2),
        )
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(self, client: Any, userdata: Any, flags: Any, reason_code: Any, properties: Any = None) -> None:
        code = getattr(reason_code, "value", None)
        # An answer that can't be read is one too: mosquitto 2.0 refuses what is too large by a PUBACK that the standard does not know.
        if getattr(flags, "is_disconnect_packet_from_server", False) or code == _PROTOCOL_ERROR:
            self.ended_by = code
        self.closed_by_peer = code not in (_KEEPALIVE, _PROTOCOL_ERROR)
        if self._connected.cancelled():
            return  # Nobody waits for it any more, and to ask what became of it would raise that within the loop.
        if not self._connected.done():
            self._connected.set_exception(ClosedEarly("closed before CONNACK"))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)
        if self._disconnected.done():
            # At once: this may be the loop's last turn, in which no callback runs any more.
            _looked_at(self._disconnected)

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:  # noqa: ARG002  # the signature is paho's
        def write() -> None:
            try:
                client.loop_write()
            except Exception as error:  # whatever it is, the connection is over
                if not self._disconnected.done():
                    self._disconnected.set_exception(error)

        def register() -> None:
            # It may have been closed since: the loop's complaint would reach nobody but the log.
            if sock.fileno() >= 0:
                self._loop.add_writer(sock.fileno(), write)

        try:
            asyncio.get_running_loop()
        except RuntimeError:  # paho's connect runs in a thread.
            self._loop.call_soon_threadsafe(register)
        else:
            register()

    def abandon(self) -> None:
        """Close what aiomqtt leaves open: the socket of a connection that was not made to the end, or not ended in order."""
        with suppress(OSError):
            self._client._sock_close()  # noqa: SLF001  # there is no public way


def _looked_at(end: asyncio.Future[None]) -> None:
    if not end.cancelled():
        end.exception()
