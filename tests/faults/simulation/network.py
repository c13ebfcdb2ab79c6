"""The way to the broker: the TCP proxy that refuses, stalls and delays, which here also cuts at a byte."""

import asyncio
from collections.abc import Callable, Sequence

from simulators.cut import TcpCut
from simulators.faults import Outage, OutageKind
from simulators.piping import End, Pair


class Network(TcpCut):
    """Of one life of a gateway."""

    def __init__(self, port: int, outages: Sequence[Outage], clock: Callable[[], float]) -> None:
        super().__init__("127.0.0.1", port, outages, clock)
        self._cut_after: int | None = None
        self._dead = False

    def cut_after(self, octets: int) -> None:
        """Every connection, once so many more bytes have come in from either side; the last of them still gets through."""
        self._cut_after = octets

    def die(self) -> None:
        """Nobody is connected through from now on."""
        self._dead = True
        self._refuse()

    @property
    def passes(self) -> bool:
        """Whether what is sent arrives now."""
        if self._dead or self._now(OutageKind.REFUSE) or self._now(OutageKind.STALL):
            return False
        return not any(end._held for pair in self._pairs for end in (pair.near, pair.far))

    def counted(self, octets: int) -> int:
        """How many of these may still pass."""
        if self._cut_after is None:
            return octets
        passing = min(octets, self._cut_after)
        self._cut_after -= passing
        if self._cut_after == 0:
            self._cut_after = None
            asyncio.get_running_loop().call_soon(self._cut)
        return passing

    def _cut(self) -> None:
        for pair in tuple(self._pairs):
            pair.abort()

    async def _turn(self) -> None:
        if not self._dead:
            await super()._turn()

    def _accepted(self) -> asyncio.Protocol:
        pair = Pair(self._target, self.holds_s, self._pairs.discard, welcome=not self._dead)
        pair.near, pair.far = _CountedEnd(pair, self), _CountedEnd(pair, self)
        pair.near.other, pair.far.other = pair.far, pair.near
        self._pairs.add(pair)
        return pair.near


class _CountedEnd(End):
    def __init__(self, pair: Pair, network: Network) -> None:
        super().__init__(pair)
        self._network = network

    def data_received(self, data: bytes) -> None:
        passing = self._network.counted(len(data))
        if passing:
            super().data_received(data[:passing])
