"""CRC-16 with a reflected polynomial and first value 0xFFFF, low octet first on the wire.

Where a frame may begin at any octet of a buffer, one CRC running over the whole buffer checks them all. A CRC is linear: the
state after octets a to b is that after b, less what the state at a has become under b - a zeros; and what so many zeros make of
a state is looked up by its two octets.
"""

from array import array


class Crc16:
    def __init__(self, polynomial: int) -> None:
        """Reflected, as 0xA001 is 0x8005."""
        self.table = tuple(_eight_steps(octet, polynomial) for octet in range(256))
        self.ends = _Ends(self.table)

    def of(self, data: bytes | bytearray | memoryview) -> int:
        state, table = 0xFFFF, self.table
        for octet in data:
            state = (state >> 8) ^ table[(state ^ octet) & 0xFF]
        return state

    def sealed(self, frame: bytes) -> bytes:
        """The frame with its CRC behind it."""
        return frame + self.of(frame).to_bytes(2, "little")

    def is_intact(self, frame: bytes | bytearray | memoryview) -> bool:
        """Whether a frame and the CRC behind it agree: over both, the CRC is zero."""
        return self.of(frame) == 0


class _Ends(dict[int, "tuple[array[int], array[int]]"]):
    """Of a frame of so many octets that is intact: the state after it is that of its begin's low octet in one table, xor that of
    the high octet in the other. Kept, as many as frames have lengths."""

    def __init__(self, table: tuple[int, ...]) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, octets: int) -> "tuple[array[int], array[int]]":
        low, high = array("H", [0] * 256), array("H", [0] * 256)
        for bit in range(16):
            state = 1 << bit
            for _ in range(octets):
                state = (state >> 8) ^ self._table[state & 0xFF]
            table, one = (low, 1 << bit) if bit < 8 else (high, 1 << bit - 8)
            for value in range(one):
                table[one | value] = table[value] ^ state
        # Less the first value, 0xFFFF: looked up by the octets of the state's complement.
        self[octets] = tables = low[::-1], high[::-1]
        return tables


class RunningCrc:
    """Of a buffer that only grows. Any stretch of it costs the same, once the CRC has run over it."""

    def __init__(self, crc: Crc16, buffer: bytes | bytearray) -> None:
        self._crc = crc
        self._buffer = buffer
        self._after = [0xFFFF]

    def restart(self) -> None:
        """The buffer was cleared."""
        del self._after[1:]

    def is_intact(self, start: int, end: int) -> bool:
        """Of a frame with its CRC behind it."""
        after = self._after
        if len(after) <= end:
            if not start and len(after) == 1:
                # Nearly always: an answer with nothing before it.
                return self._crc.is_intact(self._buffer[:end])
            self.states()
        low, high = self._crc.ends[end - start]
        before = after[start]
        return after[end] == low[before & 0xFF] ^ high[before >> 8]

    def states(self) -> list[int]:
        """After so many octets, by their number: for those who check many candidates in a row."""
        after, table = self._after, self._crc.table
        state = after[-1]
        for octet in self._buffer[len(after) - 1 :]:
            state = (state >> 8) ^ table[(state ^ octet) & 0xFF]
            after.append(state)
        return after


def _eight_steps(octet: int, polynomial: int) -> int:
    for _ in range(8):
        octet = (octet >> 1) ^ polynomial if octet & 1 else octet >> 1
    return octet
