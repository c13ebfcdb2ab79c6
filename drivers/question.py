"""A question to one unit, whatever its protocol, and what tells its answer from that of another question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol as Interface

from config.protocols import Protocol

Answer = Sequence[int] | Sequence[str]
"""Registers or bits; the fields of a frame in the order of its vocabulary; or the tags of a scan."""


@dataclass(frozen=True, slots=True)
class Shape:
    """All that an answer shows of its question. Two questions of one shape can't be told apart by their answers."""

    unit: int
    function: int
    count: int
    protocol: Protocol = Protocol.MODBUS


class Question(Interface):
    """Encoded once, asked many times."""

    @property
    def protocol(self) -> Protocol: ...

    @property
    def unit(self) -> int: ...

    @property
    def shape(self) -> Shape: ...

    @property
    def request_octets(self) -> int:
        """Of the whole frame on a serial line."""

    @property
    def answer_octets(self) -> int:
        """Of the whole frame on a serial line, when all goes well; of the longest where that varies."""

    def decode(self, payload: bytes) -> Answer:
        """Raises UnitRefused and AnswerMismatched, nothing else."""
