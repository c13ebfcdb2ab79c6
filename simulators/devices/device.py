"""What a simulated Modbus unit needs to be: registers that are computed when they are read."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol, runtime_checkable


class Refusal(IntEnum):
    """Modbus exception codes."""

    FUNCTION = 1
    ADDRESS = 2
    VALUE = 3


class Refused(Exception):
    """The device answers with an exception."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code.name)
        self.code = code


class Device(Protocol):
    """One Modbus unit. Holding registers lie at 0 to `registers` - 1; a unit with other tables is one of `Tables` too."""

    @property
    def registers(self) -> int: ...

    @property
    def answer_s(self) -> float:
        """Usual time from the end of a request to the begin of its answer."""

    def read(self, address: int, count: int, t: float) -> Sequence[int]:
        """Raises Refused."""

    def write(self, address: int, values: Sequence[int], t: float) -> None:
        """Raises Refused."""


@runtime_checkable
class Tables(Protocol):
    """What a unit has beside its holding registers. Bits come and go in words of sixteen."""

    @property
    def coils(self) -> int: ...

    @property
    def discrete_inputs(self) -> int: ...

    @property
    def input_registers(self) -> int: ...

    def read_inputs(self, address: int, count: int, t: float) -> Sequence[int]:
        """Raises Refused."""

    def read_discrete(self, t: float) -> Sequence[bool]:
        """All of them."""

    def read_coils(self, t: float) -> Sequence[bool]:
        """All of them."""

    def write_coils(self, address: int, values: Sequence[bool], t: float) -> None:
        """Raises Refused."""


def word(value: float) -> int:
    """A signed number as a register, kept within its range."""
    return max(-32768, min(32767, round(value))) & 0xFFFF
