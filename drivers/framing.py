"""What a bus needs of a framing: to ask, to find the answer in what comes, and to say what went wrong. No I/O, no clock."""

from typing import Protocol as Interface

from config.protocols import Protocol
from config.site import Line, TcpLine
from drivers.errors import WireError
from drivers.frames.deying_m77 import M77Framing
from drivers.frames.hmr2300 import Hmr2300Framing
from drivers.frames.uhfreader18_framing import UhfReader18Framing
from drivers.modbus.mbap import MbapFraming
from drivers.modbus.rtu import RtuFraming
from drivers.question import Question


class Framing(Interface):
    drains: bool
    """Whether bytes that came before a question may be thrown away. Not so in a stream that has no resynchronisation."""

    @property
    def enough(self) -> bool:
        """Whether so much has come that an answer would be in it, had it been intact."""

    def reset(self) -> None:
        """The wire was opened anew: forget what had come."""

    def ask(self, question: Question) -> bytes:
        """Begin an exchange: the frame to send. The question is of this framing's own protocol."""

    def feed(self, data: bytes) -> bytes | None:
        """The payload of the answer, None while it has not come. Raises FrameCorrupt and AnswerMismatched, nothing else."""

    def verdict(self, timeout_s: float) -> WireError:
        """What it was, when no answer was found in time."""

    def strays(self, drained: bytes) -> tuple[int, ...]:
        """Units whose intact answers came too late to be credited: in drained bytes, or since the last call."""


def framing_for(line: Line, protocol: Protocol) -> Framing:
    """Of one protocol on one line. The framers of other protocols than Modbus stand in drivers/frames/."""
    match protocol:
        case Protocol.MODBUS:
            return MbapFraming() if isinstance(line, TcpLine) else RtuFraming()
        case Protocol.DEYING_M77:
            return M77Framing()
        case Protocol.UHFREADER18:
            return UhfReader18Framing()
        case Protocol.HMR2300:
            return Hmr2300Framing()
