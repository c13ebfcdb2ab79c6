"""A TCP proxy that counts bytes: each connection is cut once so many have passed in one direction, no more and no fewer."""

import asyncio
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Self


class Direction(StrEnum):
    UP = "up"
    """From the gateway to the broker: CONNECT, SUBSCRIBE, PUBLISH."""
    DOWN = "down"
    """From the broker to the gateway: CONNACK, SUBACK, PUBACK."""


class ByteCut:
    """`limits` of None let everything pass. `cuts` counts connections that were cut."""

    def __init__(self, host: str, port: int) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.limits: dict[Direction, int | None] = dict.fromkeys(Direction)
        self.cuts = 0
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        await self.drop()

    async def drop(self) -> None:
        """End every connection that stands."""
        dropped = tuple(self._connections)
        for connection in dropped:
            connection.cancel()
        if dropped:
            await asyncio.wait(dropped)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._join(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # Nobody there, or dropped.
        finally:
            writer.close()
            self._connections.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        limits = dict(self.limits)
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        pumps = [
            asyncio.create_task(_pump(reader, far_writer, limits[Direction.UP])),
            asyncio.create_task(_pump(far_reader, writer, limits[Direction.DOWN])),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            self.cuts += any(pump.done() and pump.result() for pump in pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            far_writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None) -> bool:
    """Whether it ended because so many have passed."""
    with suppress(OSError):
        while left is None or left > 0:
            data = await reader.read(65536 if left is None else min(left, 65536))
            if not data:
                return False
            writer.write(data)
            await writer.drain()
            left = None if left is None else left - len(data)
        return True
    return False
