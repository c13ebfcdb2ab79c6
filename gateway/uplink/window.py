"""Which messages may go out now. Pure.

Strictly in order of the journal. At most `size` messages are at the broker without its PUBACK, each a batch of events; each
PUBACK frees a place and is followed by the next message at once. Whose word counts as delivered, `ledger.py` says. Without the
platform's in time, all is sent again from the first unreleased on, each time after a longer wait; after a reconnect it is given a
moment to say what it has.

An event that is not released is in the journal, not here: at most `size` messages and two pages of rows wait here.
"""

from bisect import bisect_right
from collections import deque
from operator import attrgetter

from config.site import Acknowledgement
from gateway.journal.row import Missing, Row
from gateway.uplink import batches
from gateway.uplink.ahead import Ahead
from gateway.uplink.bucket import Bucket
from gateway.uplink.ledger import Ledger
from gateway.uplink.moves import (
    Accounts,
    Aside,
    Buried,
    Bury,
    Connected,
    Disconnected,
    Input,
    Output,
    PlatformAck,
    PubAck,
    Read,
    Refused,
    Release,
    Send,
    Wanted,
)
from gateway.uplink.patience import Patience
from gateway.uplink.refusals import Refusals
from gateway.uplink.sizing import Sizing

_UNRELEASED_WINDOWS = 8
_PAGE_BATCHES = 16
_PAGE_ROWS_MAX = 800
HOLD_S = 2.0


class Window:
    """`released` is the journal's watermark, `sent` the highest sequence that an earlier start may have sent."""

    def __init__(
        self, size: int, mode: Acknowledgement, ack_timeout_s: float, *, released: int, sent: int, batch: int = 1, rate_per_s: float = 0.0
    ) -> None:
        self._ledger = Ledger(mode, released, _UNRELEASED_WINDOWS * size)
        self.highest_sent = max(sent, released)
        self.sent_again = 0
        """Events that had been sent before, each time counted; of the last start's, that may have been."""
        self._size = self._most = size
        self._mode = mode
        self._batch = batch
        self._sizing = Sizing(batches.BATCH_BYTES_MAX)
        self._bytes_max = batches.BYTES_MAX
        self._page = min(max(_PAGE_BATCHES * batch, size), max(_PAGE_ROWS_MAX, batch))
        self._patience = Patience(ack_timeout_s)
        self._bucket = Bucket(rate_per_s)
        self._refusals = Refusals()
        self._to_bury: Bury | None = None
        self._connected = False
        self._got_through = False
        """Whether any message has had its PUBACK in this connection."""
        self._late_upto = 0
        self._hold_until: float | None = None
        self._begin()

    def _begin(self) -> None:
        """Forget what was sent: go on from the first that is not released."""
        self._cursor = self.released
        self._more = False
        self._unsent: deque[Row] = deque()
        self._ledger.go_back()
        self._in_flight: dict[int, tuple[Row, ...]] = {}
        self._patience.forget()
        self._going_back = False
        self._ahead = Ahead()
        self._held_back = False
        """Whether something would have gone out, but for the rate."""

    @property
    def released(self) -> int:
        return self._ledger.released

    @property
    def in_flight(self) -> int:
        """Messages that were sent, and are without the broker's PUBACK."""
        return len(self._in_flight)

    @property
    def message_octets(self) -> int:
        """What a message of several events may have."""
        return min(self._bytes_max, self._sizing.octets)

    @property
    def waiting(self) -> int:
        """Events that were read and not sent."""
        return len(self._unsent)

    def wanted(self) -> Wanted | None:
        """What to read from the journal next: before the last row has gone out, so that the window never runs dry."""
        if not self._flowing or len(self._unsent) > self._page // 2:
            return None
        return Wanted(self._cursor, self._page)

    @property
    def _flowing(self) -> bool:
        return self._connected and self._hold_until is None and not self._going_back and self._to_bury is None

    def waited_for(self) -> tuple[Missing, ...]:
        """Numbers that the platform may be waiting for, and that it will never get: it says nothing although the broker has all that
        may be sent without its word."""
        if self._mode is not Acknowledgement.PLATFORM or not self._flowing or self._in_flight or self._ledger.room > 0:
            return ()
        return self._ahead.wanted(self.released, self._ledger.unreleased, self._ledger.buried)

    def _room(self) -> int:
        return min(self._places(), self._ledger.room)

    def _places(self) -> int:
        """Of messages in flight."""
        return (1 if self._refusals.careful else self._most) - len(self._in_flight)

    def feed(self, item: Input, now: float) -> list[Output]:  # noqa: PLR0911  # one line an input
        match item:
            case Connected():
                return self._on_connected(item, now)
            case Disconnected(blame):
                return self._on_disconnected(blame)
            case Read():
                return self._on_read(item, now)
            case PubAck(first):
                return self._on_puback(first, now)
            case Refused():
                return self._on_refused(item, now)
            case PlatformAck(upto):
                return self._on_platform(upto, now)
            case Buried(sequence):
                return self._on_buried(sequence, now)
            case Accounts(rows):
                self._ahead.give(rows)
                return self._send(now)
            case Aside():
                self._bucket.spend(1, now)
                return []

    def deadline(self, now: float) -> float | None:
        due = [moment for moment in (self._hold_until, None if self._going_back else self._patience.due) if moment is not None]
        if self._flowing and self._held_back:
            due.append(self._bucket.ready_at(now))
        return min(due, default=None)

    def tick(self, now: float) -> list[Output]:
        if self._hold_until is not None and now >= self._hold_until:
            self._hold_until = None
        if self._patience.is_over(now) and not self._going_back:
            self._patience.was_in_vain()
            self._sizing.unheard(self._largest())
            self._go_back()
        return self._send(now)

    def _on_connected(self, item: Connected, now: float) -> list[Output]:
        self._connected = True
        self._late_upto = max(item.last_sequence, self.highest_sent)
        self._most = self._size if item.window_max is None else max(1, min(self._size, item.window_max))
        self._bytes_max = min(batches.BYTES_MAX, item.bytes_max or batches.BYTES_MAX)
        self._got_through = False
        self._bucket.spend(item.greeted, now)
        asked = self._mode is Acknowledgement.PLATFORM and self.highest_sent > self.released
        self._hold_until = now + HOLD_S if asked else None
        return [] if self._to_bury is None else [self._to_bury]

    def _on_disconnected(self, blame: str | None) -> list[Output]:
        rows = self._ledger.still_open(row for rows in self._in_flight.values() for row in rows)
        if blame is None and rows and not self._got_through:
            self._sizing.vanished(self._largest())
        if blame is not None and rows:
            row = self._refusals.refused(rows, deadly=True)
            self._to_bury = self._to_bury if row is None else Bury(row, blame)
        self._connected = False
        self._hold_until = None
        self._begin()
        return []

    def _on_read(self, item: Read, now: float) -> list[Output]:
        # Asked for before a reconnect or a going back: asked for again.
        if not self._flowing or item.after != self._cursor:
            return []
        self._more = item.more
        self._ledger.bury(item.buried)
        if item.rows:
            self._unsent += item.rows
            self._cursor = item.rows[-1].sequence
        return self._send(now)

    def _next(self) -> int:
        """How many of the unsent make up the next message; 0 while more of it is still to be read."""
        if not self._unsent or self._unsent[0].sequence in self._in_flight:
            # The latter: it has gone ahead, and two messages that begin with one event could not be told apart.
            return 0
        count = batches.cut(self._unsent, self._batch, self.message_octets, self._refusals.alone.union(self._ledger.buried))
        return 0 if self._more and count == len(self._unsent) < self._batch else count

    def _send(self, now: float) -> list[Output]:
        out: list[Output] = []
        self._held_back = False
        while self._flowing and self._places() > 0 and not self._ahead.empty:
            if not self._bucket.take(now):
                self._held_back = True
                break
            row = self._ahead.take()
            self._in_flight[row.sequence] = (row,)
            out.append(Send((row,), max(self._late_upto, row.sequence)))
        while self._flowing and self._room() > 0 and (count := self._next()):
            if self._unsent[0].sequence in self._ledger.buried:
                out += _release(self._ledger.passed(self._unsent.popleft()))
                continue
            if count == 1 and batches.size_of(self._unsent[0]) > self._bytes_max:
                self._to_bury = Bury(self._unsent[0], f"larger than {self._bytes_max} bytes")
                return [*out, self._to_bury]
            if not self._bucket.take(now):
                self._held_back = True
                break
            rows = tuple(self._unsent.popleft() for _ in range(count))
            self._in_flight[rows[0].sequence] = rows
            self._ledger.sent(rows)
            self.sent_again += bisect_right(rows, self.highest_sent, key=_sequence)
            self.highest_sent = max(self.highest_sent, rows[-1].sequence)
            if self._mode is Acknowledgement.PLATFORM:
                self._patience.sent(now)
            out.append(Send(rows, self._late_upto))
        return out

    def _on_puback(self, first: int, now: float) -> list[Output]:
        rows = self._in_flight.pop(first, None)
        if rows is None:
            return []
        self._refusals.accepted(rows)
        self._got_through = True
        if self._mode is Acknowledgement.BROKER:
            self._sizing.passed()
        released = _release(self._ledger.broker_has(first))
        self._end_going_back()
        return [*released, *self._send(now)]

    def _on_refused(self, item: Refused, now: float) -> list[Output]:
        if item.first not in self._in_flight:
            return []
        rows = self._ledger.still_open(self._in_flight.pop(item.first))
        row = self._refusals.refused(rows, whole_broker=item.whole_broker) if rows else None
        self._go_back()
        if row is not None:
            self._to_bury = Bury(row, item.why)
            return [self._to_bury]
        if self._refusals.pause_s:
            self._hold_until = now + self._refusals.pause_s
        return []

    def _on_platform(self, upto: int, now: float) -> list[Output]:
        if self._mode is not Acknowledgement.PLATFORM or upto > self.highest_sent:
            return []
        if not self._refusals.pause_s:
            self._hold_until = None
        if self._refusals.first is not None:
            # Whoever counts by the highest number must not release what the broker did not take.
            upto = min(upto, self._refusals.first - 1)
        if upto <= self.released:
            self._patience.heard(now, news=False, still_open=True)
            return self._send(now)
        self._ledger.platform_has(upto)
        self._sizing.passed()
        self._cursor = max(self._cursor, upto)
        while self._unsent and self._unsent[0].sequence <= upto:
            self._unsent.popleft()
        if self._refusals.first is None:
            self._going_back = False
        self._patience.heard(now, news=True, still_open=bool(self._ledger.unreleased))
        self._ahead = Ahead()
        return [Release(upto), *self._send(now)]

    def _on_buried(self, sequence: int, now: float) -> list[Output]:
        if self._to_bury is not None and self._to_bury.row.sequence == sequence:
            self._to_bury = None
        self._refusals.settled(sequence)
        self._ledger.bury([sequence])
        return self._send(now)

    def _largest(self) -> int:
        """Octets of the largest message that is not released."""
        return max((sum(map(batches.size_of, rows)) for rows in self._ledger.unreleased), default=0)

    def _go_back(self) -> None:
        self._going_back = True
        self._end_going_back()

    def _end_going_back(self) -> None:
        """Once the broker has answered for all that is under way: two of one event at a time would confuse its PUBACKs."""
        if self._going_back and not self._in_flight:
            self._begin()
            self._late_upto = max(self._late_upto, self.highest_sent)


_sequence = attrgetter("sequence")


def _release(upto: int | None) -> list[Output]:
    return [] if upto is None else [Release(upto)]
