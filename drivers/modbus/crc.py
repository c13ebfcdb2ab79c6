"""CRC-16/MODBUS: polynomial 0x8005 reflected (0xA001), first value 0xFFFF, low byte first on the wire.

Source: MODBUS over Serial Line V1.02, section 6.2.2.

Where a frame may begin at any octet of a buffer, one CRC running over the whole buffer checks them all. A CRC is linear: the
state after octets a to b is that after b, less what the state at a has become under b - a zeros; and what so many zeros make of
a state is looked up by its two octets.
"""

from array import array


def _entry(index: int) -> int:
    for _ in range(8):
        index = (index >> 1) ^ 0xA001 if index & 1 else index >> 1
    return index


_TABLE = tuple(_entry(index) for index in range(256))


def crc16(data: bytes | bytearray | memoryview) -> int:
    crc = 0xFFFF
    for octet in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ octet) & 0xFF]
    return crc


def sealed(frame: bytes) -> bytes:
    """The frame with its CRC behind it."""
    return frame + crc16(frame).to_bytes(2, "little")


def is_intact(frame: bytes | bytearray | memoryview) -> bool:
    """Whether a frame and the CRC behind it agree: over both, the CRC is zero."""
    return crc16(frame) == 0


_LONGEST = 256
_UNDER_ZEROS: "list[tuple[array[int], array[int]] | None]" = [None] * (_LONGEST + 1)


def _under_zeros(octets: int) -> "tuple[array[int], array[int]]":
    """What becomes of a state under so many zeros, by its low and its high octet; kept, as many as frames have lengths."""
    low, high = array("H", [0] * 256), array("H", [0] * 256)
    for bit in range(16):
        state = 1 << bit
        for _ in range(octets):
            state = (state >> 8) ^ _TABLE[state & 0xFF]
        table, one = (low, 1 << bit) if bit < 8 else (high, 1 << bit - 8)
        for value in range(one):
            table[one | value] = table[value] ^ state
    _UNDER_ZEROS[octets] = low, high
    return low, high


class RunningCrc:
    """Of a buffer that only grows. Any stretch of it costs the same, once the CRC has run over it."""

    def __init__(self, buffer: bytes | bytearray) -> None:
        self._buffer = buffer
        self._after = [0xFFFF]

    def restart(self) -> None:
        """The buffer was cleared."""
        del self._after[1:]

    def is_intact(self, start: int, end: int) -> bool:
        """Of a frame with its CRC behind it, at most an ADU long."""
        after = self._after
        if len(after) <= end:
            if not start and len(after) == 1:
                # Nearly always: an answer with nothing before it.
                return crc16(self._buffer[:end]) == 0
            crc = after[-1]
            for octet in self._buffer[len(after) - 1 :]:
                crc = (crc >> 8) ^ _TABLE[(crc ^ octet) & 0xFF]
                after.append(crc)
        tables = _UNDER_ZEROS[end - start] or _under_zeros(end - start)
        before = after[start] ^ 0xFFFF
        return after[end] == tables[0][before & 0xFF] ^ tables[1][before >> 8]
