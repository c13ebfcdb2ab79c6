"""A TCP proxy that goes away, stalls and delays on schedule, to stand before a broker or a serial server.

    async with TcpCut("127.0.0.1", 1883, outages, stand.street_time) as cut:
        ... connect to 127.0.0.1:cut.port ...

While it refuses, nothing listens on its port, yet nobody else can take the port: a socket that is bound and does not listen
keeps it.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from simulators.faults import Outage, OutageKind
from simulators.piping import Pair

LOOPBACK = "127.0.0.1"
_MOST_CONNECTIONS = 64
_HAIR_S = 1e-6
"""A timer may fire a hair before the time that it was set for."""


class TcpCut:
    """`clock` is the time that the outages are given in; it must run with the event loop's."""

    def __init__(self, host: str, port: int, outages: Sequence[Outage], clock: Callable[[], float]) -> None:
        self.host = LOOPBACK
        self.port = 0
        self._target = (host, port)
        self._outages = tuple(outages)
        self._clock = clock
        self._kept: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._pairs: set[Pair] = set()
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._kept = _bound(0)
        self.port = self._kept.getsockname()[1]
        await self._turn()
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        self._refuse()
        if self._kept is not None:
            self._kept.close()
        # Aborted transports close in the next turns of the loop.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def holds_s(self) -> float | None:
        """How long what comes now is held back; None for: until the stall is over."""
        if self._now(OutageKind.STALL) is not None:
            return None
        delay = self._now(OutageKind.DELAY)
        return 0.0 if delay is None else delay.delay_s

    def _now(self, kind: OutageKind) -> Outage | None:
        t = self._clock() + _HAIR_S
        return next((outage for outage in self._outages if outage.kind is kind and outage.at(t)), None)

    async def _follow(self) -> None:
        for t in sorted({t for outage in self._outages for t in (outage.from_s, outage.to_s)}):
            wait_s = t - self._clock()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
                await self._turn()

    async def _turn(self) -> None:
        """An outage began or ended."""
        if self._now(OutageKind.REFUSE) is not None:
            self._refuse()
            return
        if self._server is None:
            self._server = await asyncio.get_running_loop().create_server(self._accepted, sock=_bound(self.port))
        for pair in tuple(self._pairs):
            pair.go_on()

    def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for pair in tuple(self._pairs):
            pair.abort()

    def _accepted(self) -> asyncio.Protocol:
        pair = Pair(self._target, self.holds_s, self._pairs.discard, welcome=len(self._pairs) < _MOST_CONNECTIONS)
        self._pairs.add(pair)
        return pair.near


def _bound(port: int) -> socket.socket:
    # asyncio turns Nagle's delay off where the protocol is named: else a small answer behind another waits 40 ms for an acknowledgement.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((LOOPBACK, port))
    return bound
