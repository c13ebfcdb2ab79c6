"""CRC-16 with a reflected polynomial and first value 0xFFFF, low octet first on the wire.

Where a frame may begin at any octet of a buffer, one sum running over the whole buffer checks them all. A CRC is linear: what an
octet does to the state is xored to it, and each octet behind turns the state once more. Turned back by as many octets as stand
before it, each octet has a weight of its own, whatever else is in the buffer, and the weights of an intact frame add up (xor) to
what its first value weighs where it begins.
"""

from array import array
from itertools import accumulate
from operator import getitem, xor

_FIRST = 0xFFFF
_FEW = 8
"""Octets; to run over more of them at once is worth its preparation."""


class Crc16:
    def __init__(self, polynomial: int) -> None:
        """Reflected, as 0xA001 is 0x8005."""
        self.table = tuple(_eight_steps(octet, polynomial) for octet in range(256))
        self.weights = _Weights(self.table)

    def of(self, data: bytes | bytearray | memoryview) -> int:
        state, table = _FIRST, self.table
        for octet in data:
            state = (state >> 8) ^ table[(state ^ octet) & 0xFF]
        return state

    def sealed(self, frame: bytes) -> bytes:
        """The frame with its CRC behind it."""
        return frame + self.of(frame).to_bytes(2, "little")

    def is_intact(self, frame: bytes | bytearray | memoryview) -> bool:
        """Whether a frame and the CRC behind it agree: over both, the CRC is zero."""
        return self.of(frame) == 0


class _Weights:
    """By place: of each octet there, and of the first value of a frame that begins there. Kept, as far as buffers have reached."""

    def __init__(self, table: tuple[int, ...]) -> None:
        self._table = table
        self._low_of = {state >> 8: low for low, state in enumerate(table)}
        self._bits = [1 << bit for bit in range(8)]
        self.octets: list[array[int]] = []
        self.first: list[int] = []
        self.reach(0)

    def reach(self, places: int) -> None:
        while len(self.first) <= places:
            weights = [0]
            for bit in self._bits:
                weights += [weight ^ bit for weight in weights]
            self.octets.append(array("H", weights))
            self._bits = [self._turned_back(bit) for bit in self._bits]
            # An octet turned back once is that octet as the high one of a state.
            high = 0
            for bit in self._bits:
                high ^= bit
            self.first.append(weights[-1] ^ high)

    def _turned_back(self, state: int) -> int:
        low = self._low_of[state >> 8]
        return ((state ^ self._table[low]) & 0xFF) << 8 | low


class RunningCrc:
    """Of a buffer that only grows. Any stretch of it costs the same, once the sum has run over it."""

    def __init__(self, crc: Crc16, buffer: bytes | bytearray) -> None:
        self._crc = crc
        self._buffer = buffer
        self._weights = crc.weights
        self._first = crc.weights.first
        self._sums = [0]

    def restart(self) -> None:
        """The buffer was cleared."""
        del self._sums[1:]

    def is_intact(self, start: int, end: int) -> bool:
        """Of a frame with its CRC behind it."""
        sums = self._sums
        if len(sums) <= end:
            if not start and len(sums) == 1:
                # Nearly always: an answer with nothing before it.
                return self._crc.is_intact(self._buffer[:end])
            self._run()
        return sums[start] ^ sums[end] == self._first[start]

    def sums(self) -> tuple[list[int], list[int]]:
        """By place: the sum of all octets before it, and what a frame's end must show that begins there. For many candidates in a row."""
        self._run()
        return self._sums, list(map(xor, self._sums, self._first))

    def _run(self) -> None:
        sums, weights = self._sums, self._weights.octets
        done, most = len(sums) - 1, len(self._buffer)
        if len(weights) <= most:
            self._weights.reach(most)
        if most - done > _FEW:
            sums += accumulate(map(getitem, weights[done:most], self._buffer[done:]), xor, initial=sums.pop())
            return
        # Octet by octet, as slow lines deliver.
        state = sums[done]
        for octet in self._buffer[done:]:
            state ^= weights[done][octet]
            done += 1
            sums.append(state)


def _eight_steps(octet: int, polynomial: int) -> int:
    for _ in range(8):
        octet = (octet >> 1) ^ polynomial if octet & 1 else octet >> 1
    return octet
