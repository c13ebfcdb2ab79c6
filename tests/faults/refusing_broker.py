"""A proxy before a real MQTT 5 broker that refuses messages by their content, as a broker that validates payloads does.

It reads the packets that go up. A PUBLISH (QoS 1) whose payload the test dislikes is not handed on; the client is answered

    40 03 id id reason        PUBACK with a reason code

Source: MQTT 5.0, 2.1 (fixed header), 3.3 (PUBLISH), 3.4 (PUBACK).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

_PUBLISH = 0x30


class Refusing:
    """`reason_for` is given topic and payload of each PUBLISH; a reason code of 0x80 or more refuses it, None lets it pass."""

    def __init__(self, host: str, port: int, reason_for: Callable[[str, bytes], int | None]) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.refused = 0
        self._target = (host, port)
        self._reason_for = reason_for
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        down = asyncio.create_task(_pump(far_reader, writer))
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                packet, topic, identifier, payload = _taken_apart(await _packet(reader))
                reason = self._reason_for(topic, payload) if topic else None
                if reason is None:
                    far_writer.write(packet)
                else:
                    self.refused += 1
                    writer.write(bytes([0x40, 0x03]) + identifier + bytes([reason]))
        down.cancel()
        far_writer.close()
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


async def _packet(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(1)
    length = shift = 0
    while True:
        byte = await reader.readexactly(1)
        head += byte
        length |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            return head + await reader.readexactly(length)


def _taken_apart(packet: bytes) -> tuple[bytes, str, bytes, bytes]:
    """The packet; of a PUBLISH with QoS 1 also its topic, packet identifier and payload."""
    if packet[0] & 0xF6 != _PUBLISH | 0x02:
        return packet, "", b"", b""
    at = 1
    while packet[at] & 0x80:
        at += 1
    at += 1
    size = int.from_bytes(packet[at : at + 2], "big")
    topic = packet[at + 2 : at + 2 + size].decode()
    at += 2 + size
    identifier = packet[at : at + 2]
    properties = packet[at + 2]
    assert properties < 0x80, "our properties are short"
    return packet, topic, identifier, packet[at + 3 + properties :]
