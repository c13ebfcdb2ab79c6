"""A UHFReader18-class RFID reader at a pile: it reads the tags of the bikes that stand there.

    request   Len | Adr | Cmd | Data[] | CRC low | CRC high             Len counts what follows it, 4 + Data
    answer    Len | Adr | Cmd | Status | Data[] | CRC low | CRC high
    0x01      inventory; Data = count, then EpcLen | EPC of each tag
    0x21      reader information: firmware (2), type, protocols, highest and lowest channel, power, inventory time
    Status    0x00 done, 0x01 inventory complete, 0x03 more frames follow, 0xFB no tag, 0xFE unknown command

CRC-16 with polynomial 0x8408 (reflected), begun at 0xFFFF. Source: UHFReader18 V2.0; chafon-rfid (checksum.py, base.py). 0xFB, 0xFE
and the fields of 0x21 behind the type are unverified.
"""

from collections.abc import Callable, Sequence

from simulators.devices.frame import Asked

EVERYBODY = 0xFF
_INVENTORY, _INFORMATION = 0x01, 0x21
_DONE, _COMPLETE, _MORE, _NO_TAG, _UNKNOWN = 0x00, 0x01, 0x03, 0xFB, 0xFE
_SHORTEST = 4
_TAGS_OF_A_FRAME = 8
_ABOUT = bytes([0x02, 0x2C, 0x09, 0x02, 0x31, 0x00, 0x1A, 0x0A])
_SCAN_S = 0.050


def checksum(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0x8408 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


def cut(heard: bytes) -> tuple[list[Asked], bytes]:
    """Whole requests, and what is left of one. A byte that can't begin a request is skipped; a damaged request is dropped."""
    asked: list[Asked] = []
    while heard:
        length = heard[0]
        if length < _SHORTEST:
            heard = heard[1:]
            continue
        if len(heard) <= length:
            break
        frame, rest = heard[: length + 1], heard[length + 1 :]
        if checksum(frame[:-2]) == frame[-2:]:
            asked.append(Asked(None if frame[1] == EVERYBODY else frame[1], frame[2:-2]))
            heard = rest
        else:
            heard = heard[1:]
    return asked, heard


class UhfReader18:
    """`present` gives the EPCs that the antenna reads at a time."""

    def __init__(self, address: int, present: Callable[[float], Sequence[bytes]], *, tags_of_a_frame: int = _TAGS_OF_A_FRAME) -> None:
        self._address = address
        self._present = present
        self._tags_of_a_frame = tags_of_a_frame

    answer_s = _SCAN_S

    def answer(self, request: bytes, t: float) -> bytes:
        command = request[0]
        if command == _INVENTORY:
            return self._inventory(self._present(t))
        if command == _INFORMATION:
            return self._frame(command, _DONE, _ABOUT)
        return self._frame(command, _UNKNOWN)

    def _inventory(self, tags: Sequence[bytes]) -> bytes:
        if not tags:
            return self._frame(_INVENTORY, _NO_TAG)
        frames = b""
        for first in range(0, len(tags), self._tags_of_a_frame):
            part = tags[first : first + self._tags_of_a_frame]
            last = first + len(part) == len(tags)
            data = bytes([len(part)]) + b"".join(bytes([len(tag)]) + tag for tag in part)
            frames += self._frame(_INVENTORY, _COMPLETE if last else _MORE, data)
        return frames

    def _frame(self, command: int, status: int, data: bytes = b"") -> bytes:
        body = bytes([5 + len(data), self._address, command, status]) + data
        return body + checksum(body)
