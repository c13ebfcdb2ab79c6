"""How long bytes take on a wire, and how long it must be quiet between two frames.

    character = 1 start bit, 8 data bits, parity bit where there is one, stop bits
    T3.5      = 3.5 characters up to 19200 baud, above that 1.750 ms

Source: MODBUS over Serial Line V1.02, section 2.5.1.1.
"""

from dataclasses import dataclass

from config.site import Line, Parity, RtuOverTcpLine, TcpLine, Wire

_FIXED_GAP_ABOVE_BAUD = 19200
_FIXED_GAP_S = 0.001_750
_OVERHEAD_CHARACTERS = 8 + 5 + 7
"""What another exchange costs in characters: a request, the frame around an answer, two silences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The times of one line; all zero where frames can't run together (Modbus TCP)."""

    character_s: float
    gap_s: float
    """T3.5: quiet before a request."""
    pause_s: float
    """Quiet within an answer that means: it is over. Adapters and serial servers deliver in pieces."""
    late_s: float
    """How long after its timeout an answer may still come."""

    def wire_s(self, octets: int) -> float:
        return octets * self.character_s

    def exchange_s(self, request_octets: int, answer_octets: int, answer_s: float) -> float:
        """From the first byte of the request until the line is free again; the unit and we both wait for T3.5."""
        return self.wire_s(request_octets + answer_octets) + 2 * self.gap_s + answer_s

    def hole_is_cheap(self, octets: int, answer_s: float) -> bool:
        """Whether reading so many useless bytes along costs less than another exchange."""
        return self.wire_s(octets) <= self.wire_s(_OVERHEAD_CHARACTERS) + answer_s


def character_s(wire: Wire) -> float:
    return (9 + (wire.parity is not Parity.NONE) + wire.stop_bits) / wire.baud


def pace_of(line: Line) -> Pace:
    if isinstance(line, TcpLine):
        return Pace(character_s=0.0, gap_s=0.0, pause_s=0.0, late_s=0.0)
    one = character_s(line)
    gap = _FIXED_GAP_S if line.baud > _FIXED_GAP_ABOVE_BAUD else 3.5 * one
    # A USB adapter holds bytes back for 16 ms, a serial server for as long as its network does.
    pause = 0.150 if isinstance(line, RtuOverTcpLine) else 0.030
    return Pace(character_s=one, gap_s=gap, pause_s=max(gap, pause), late_s=1.0)
