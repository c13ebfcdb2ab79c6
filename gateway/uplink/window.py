"""Which events may go out now. Pure.

Strictly in order of the journal. At most `size` are at the broker without its PUBACK; each PUBACK frees a place. What counts as
delivered depends on whose word is asked for:

    broker     its PUBACKs release events, in order: one that is missing holds back those behind it
    platform   only its own cumulative acknowledgement releases; without one in time, all of them are sent again from the first
               unreleased on, each time after a longer wait. After a reconnect it is given a moment to say what it has.

An event that is not released is in the journal, not here: at most `size` rows wait here, and some more numbers.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from config.site import Acknowledgement
from gateway.journal.row import Row

_UNRELEASED_WINDOWS = 8
_PATIENCE_MAX = 8
HOLD_S = 2.0


@dataclass(frozen=True, slots=True)
class Connected:
    """Everything up to `last_sequence` was journalled before: it is late."""

    last_sequence: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    pass


@dataclass(frozen=True, slots=True)
class Read:
    """Rows that follow `after` in the journal, as `wanted` asked."""

    after: int
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class PubAck:
    sequence: int


@dataclass(frozen=True, slots=True)
class PlatformAck:
    """Everything up to here is stored for good."""

    upto: int


Input = Connected | Disconnected | Read | PubAck | PlatformAck


@dataclass(frozen=True, slots=True)
class Send:
    row: Row
    replayed: bool


@dataclass(frozen=True, slots=True)
class Release:
    upto: int


Output = Send | Release


@dataclass(frozen=True, slots=True)
class Wanted:
    after: int
    limit: int


class Window:
    """`released` is the journal's watermark, `sent` the highest sequence that an earlier start may have sent."""

    def __init__(self, size: int, mode: Acknowledgement, ack_timeout_s: float, *, released: int, sent: int) -> None:
        self.released = released
        self.highest_sent = max(sent, released)
        self._size = size
        self._mode = mode
        self._ack_timeout_s = ack_timeout_s
        self._patience = 1
        self._connected = False
        self._begin()
        self._late_upto = 0
        self._hold_until: float | None = None

    def _begin(self) -> None:
        """Forget what was sent: go on from the first that is not released."""
        self._cursor = self.released
        self._unsent: deque[Row] = deque()
        self._unreleased: deque[int] = deque()
        self._in_flight: set[int] = set()
        self._acked: set[int] = set()
        self._ack_due: float | None = None
        self._going_back = False

    @property
    def in_flight(self) -> int:
        """Sent, and without the broker's PUBACK."""
        return len(self._in_flight)

    def wanted(self) -> Wanted | None:
        """What to read from the journal next; None while nothing more may go out."""
        if not self._flowing or self._unsent or self._room() == 0:
            return None
        return Wanted(self._cursor, self._size)

    @property
    def _flowing(self) -> bool:
        return self._connected and self._hold_until is None and not self._going_back

    def _room(self) -> int:
        return min(self._size - len(self._in_flight), _UNRELEASED_WINDOWS * self._size - len(self._unreleased))

    def feed(self, item: Input, now: float) -> list[Output]:
        match item:
            case Connected(last_sequence):
                return self._on_connected(last_sequence, now)
            case Disconnected():
                self._connected = False
                self._hold_until = None
                self._begin()
                return []
            case Read(after, rows):
                # Asked for before a reconnect or a going back: asked for again.
                if not self._flowing or after != self._cursor or not rows:
                    return []
                self._unsent += rows
                self._cursor = rows[-1].sequence
                return self._send(now)
            case PubAck(sequence):
                return self._on_puback(sequence, now)
            case PlatformAck(upto):
                return self._on_platform(upto, now)

    def deadline(self) -> float | None:
        due = [moment for moment in (self._hold_until, None if self._going_back else self._ack_due) if moment is not None]
        return min(due, default=None)

    def tick(self, now: float) -> list[Output]:
        if self._hold_until is not None and now >= self._hold_until:
            self._hold_until = None
        if self._ack_due is not None and now >= self._ack_due and not self._going_back:
            self._going_back = True
            self._patience = min(2 * self._patience, _PATIENCE_MAX)
            self._go_back()
        return self._send(now)

    def _on_connected(self, last_sequence: int, now: float) -> list[Output]:
        self._connected = True
        self._late_upto = max(last_sequence, self.highest_sent)
        asked = self._mode is Acknowledgement.PLATFORM and self.highest_sent > self.released
        self._hold_until = now + HOLD_S if asked else None
        return []

    def _send(self, now: float) -> list[Output]:
        out: list[Output] = []
        while self._flowing and self._unsent and self._room() > 0:
            row = self._unsent.popleft()
            self._in_flight.add(row.sequence)
            self._unreleased.append(row.sequence)
            self.highest_sent = max(self.highest_sent, row.sequence)
            if self._mode is Acknowledgement.PLATFORM and self._ack_due is None:
                self._ack_due = now + self._patience * self._ack_timeout_s
            out.append(Send(row, row.sequence <= self._late_upto))
        return out

    def _on_puback(self, sequence: int, now: float) -> list[Output]:
        if sequence not in self._in_flight:
            return []
        self._in_flight.remove(sequence)
        out: list[Output] = []
        if self._mode is Acknowledgement.BROKER:
            self._acked.add(sequence)
            while self._unreleased and self._unreleased[0] in self._acked:
                self.released = self._unreleased.popleft()
                self._acked.remove(self.released)
                out = [Release(self.released)]
        self._go_back()
        return [*out, *self._send(now)]

    def _on_platform(self, upto: int, now: float) -> list[Output]:
        if self._mode is not Acknowledgement.PLATFORM or upto > self.highest_sent:
            return []
        self._hold_until = None
        if upto <= self.released:
            return self._send(now)
        self.released = upto
        self._cursor = max(self._cursor, upto)
        while self._unreleased and self._unreleased[0] <= upto:
            self._unreleased.popleft()
        while self._unsent and self._unsent[0].sequence <= upto:
            self._unsent.popleft()
        # It lives: what is still open is given its time again.
        self._patience = 1
        self._going_back = False
        self._ack_due = now + self._ack_timeout_s if self._unreleased else None
        return [Release(upto), *self._send(now)]

    def _go_back(self) -> None:
        """Once the broker has answered for all that is under way: two of one event at a time would confuse its PUBACKs."""
        if self._going_back and not self._in_flight:
            self._begin()
            self._late_upto = max(self._late_upto, self.highest_sent)
