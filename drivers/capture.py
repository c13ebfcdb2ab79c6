"""The last minutes of bytes of one bus, always kept, bounded: what really went over the wire when something went wrong.

As text, JSON Lines; times are monotonic seconds:

    {"capture":"kerbgate.bytes/1","bus":"east","wall":"2026-05-01T08:15:00Z","t":120.5}      the wall clock's time at t
    {"t":121.503,"out":"010300000001840a"}
    {"t":121.541,"in":"0103020007f986"}
    {"t":125.000,"note":"unit_silent 7"}

A capture replays as a line in a test: what was answered to a request is answered again.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

HEAD = "kerbgate.bytes/1"
LONGEST_S = 300.0
MOST_OCTETS = 128 * 1024
_PIECE_COST = 64
"""What a piece takes besides its bytes: a flood of single bytes must not grow beyond the bound either."""


class Way(StrEnum):
    OUT = "out"
    IN = "in"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Piece:
    t: float
    way: Way
    data: bytes
    """Of a note, its words."""

    def line(self) -> str:
        said = self.data.decode() if self.way is Way.NOTE else self.data.hex()
        return json.dumps({"t": round(self.t, 6), self.way.value: said}, separators=(",", ":"))


class Capture:
    """In columns, for two pieces are kept in every exchange: objects that the garbage collector had to look at, again and again,
    cost more than the rest of this."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self._ways: deque[Way] = deque()
        self._data: deque[bytes] = deque()
        self._octets = 0
        self._followers: list[Callable[[Piece], None]] = []

    def follow(self, follower: Callable[[Piece], None]) -> Callable[[], None]:
        """Every piece from now on, as it comes; call what is returned to end it."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)

    def keep(self, t: float, way: Way, data: bytes) -> None:
        """What is too old is only left out when somebody looks."""
        self._times.append(t)
        self._ways.append(way)
        self._data.append(data)
        self._octets += len(data) + _PIECE_COST
        while self._octets > MOST_OCTETS:
            self._times.popleft()
            self._ways.popleft()
            self._octets -= len(self._data.popleft()) + _PIECE_COST
        if self._followers:
            for follower in self._followers:
                follower(Piece(t, way, data))

    def pieces(self) -> tuple[Piece, ...]:
        """The oldest first, none of them older than the newest by more than LONGEST_S."""
        oldest = self._times[-1] - LONGEST_S if self._times else 0.0
        return tuple(Piece(*each) for each in zip(self._times, self._ways, self._data, strict=True) if each[0] >= oldest)


def text_of(bus: str, pieces: Iterable[Piece], wall: str, t: float) -> Iterator[str]:
    """The lines of a capture file. `wall` is the wall clock's time at `t`."""
    yield json.dumps({"capture": HEAD, "bus": bus, "wall": wall, "t": round(t, 6)}, separators=(",", ":"))
    for piece in pieces:
        yield piece.line()


def pieces_of(lines: Iterable[str]) -> tuple[Piece, ...]:
    """Reads a capture file. Raises ValueError with the number of the line that is none."""
    pieces = []
    for number, line in enumerate(lines, 1):
        try:
            given = json.loads(line)
            if number == 1 and given.get("capture") == HEAD:
                continue
            (way,) = (way for way in Way if way.value in given)
            said = given[way.value]
            pieces.append(Piece(float(given["t"]), way, said.encode() if way is Way.NOTE else bytes.fromhex(said)))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise ValueError(f"line {number} is no line of a capture") from error
    return tuple(pieces)
