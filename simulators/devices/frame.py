"""What a simulated device that does not speak Modbus needs to be: whole requests in, bytes of an answer out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Asked:
    """One whole request: for a unit, or for all (None). `request` is what the device itself looks at."""

    unit: int | None
    request: bytes


Cut = Callable[[bytes], tuple[list[Asked], bytes]]
"""What was heard, as the whole requests in it and the beginning of one that is left."""


class FrameDevice(Protocol):
    @property
    def answer_s(self) -> float:
        """Usual time from the end of a request to the begin of its answer."""

    def answer(self, request: bytes, t: float) -> bytes:
        """Empty for a request that it does not answer."""
