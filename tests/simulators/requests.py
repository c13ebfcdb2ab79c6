"""Requests and answers of Modbus RTU and TCP, written out by hand so that nothing of ours or pymodbus' is taken on trust."""

from collections.abc import Sequence
from dataclasses import dataclass, field


def crc(data: bytes) -> bytes:
    """CRC-16 with polynomial 0xA001, bit by bit, low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


def rtu(unit: int, function: int, *words: int) -> bytes:
    frame = bytes([unit, function]) + b"".join(word.to_bytes(2, "big") for word in words)
    return frame + crc(frame)


def mbap(transaction: int, unit: int, function: int, *words: int) -> bytes:
    body = bytes([unit, function]) + b"".join(word.to_bytes(2, "big") for word in words)
    return transaction.to_bytes(2, "big") + b"\0\0" + len(body).to_bytes(2, "big") + body


def registers(answer: bytes, unit: int) -> list[int]:
    """Of an RTU answer to function 03 that is right in every byte."""
    assert answer[:2] == bytes([unit, 3]), answer.hex()
    assert len(answer) == 5 + answer[2]
    assert crc(answer[:-2]) == answer[-2:]
    return [int.from_bytes(answer[at : at + 2], "big") for at in range(3, len(answer) - 2, 2)]


@dataclass
class Shelf:
    """A device with fixed registers that are their own addresses plus a base."""

    base: int = 0
    registers: int = 200
    answer_s: float = 0.010
    written: list[tuple[int, list[int]]] = field(default_factory=list)

    def read(self, address: int, count: int, t: float) -> list[int]:  # noqa: ARG002
        return [self.base + address + index for index in range(count)]

    def write(self, address: int, values: Sequence[int], t: float) -> None:  # noqa: ARG002
        self.written.append((address, list(values)))
