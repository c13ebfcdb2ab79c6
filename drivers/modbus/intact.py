"""Frames that are whole, whosever they are: what a verdict on noise and the count of late answers look for."""

from collections.abc import Iterator

from drivers.crc import RunningCrc
from drivers.modbus.crc import CRC
from drivers.modbus.pdu import ECHO_ADU, MAX_ADU, REFUSAL, REFUSAL_ADU, Function

_COUNTED = 1
"""Its byte count tells the length."""


def intact_frames(heard: bytes | bytearray, start: int = 0, crc: RunningCrc | None = None) -> Iterator[bytes]:
    """Every frame of an answer in it. Its length is what its own function and byte count say; `crc` runs over the same octets."""
    most = len(heard)
    kinds = heard[start + 1 : max(start, most - REFUSAL_ADU + 2)].translate(_LENGTHS)
    candidates = [(at, length) for at, length in enumerate(kinds, start) if length]
    if not candidates:
        return
    sums, wanted = (crc or RunningCrc(CRC, heard)).sums()
    # Of junk each octet may be a function: a candidate costs no call, its CRC is looked up as RunningCrc does.
    for at, length in candidates:
        octets = length if length != _COUNTED else heard[at + 2] + REFUSAL_ADU
        end = at + octets
        if end <= most and sums[end] == wanted[at] and at >= start and octets < MAX_ADU:
            yield bytes(heard[at:end])
            start = end


def _length_of(function: int) -> int:
    if function & ~REFUSAL not in set(Function):
        return 0
    if function & REFUSAL:
        return REFUSAL_ADU
    return ECHO_ADU if function in _ECHOED else _COUNTED


_ECHOED = (Function.WRITE_COIL, Function.WRITE_REGISTER, Function.WRITE_COILS, Function.WRITE_REGISTERS)
_LENGTHS = bytes(map(_length_of, range(256)))
"""Of an answer, by its function; 0 for what is none."""
