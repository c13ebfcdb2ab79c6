"""Any history of a connection, a broker and a platform: order is kept, bounds hold, and nothing is released without its word."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from config.site import Acknowledgement
from gateway.journal.row import Row
from gateway.uplink.moves import Accounts, Buried, Bury, Connected, Disconnected, Output, PlatformAck, PubAck, Read, Refused, Release, Send
from gateway.uplink.window import Window

_SIZE = 3


class Histories(RuleBasedStateMachine):
    @initialize(mode=st.sampled_from(Acknowledgement), batch=st.sampled_from([1, 4]), rate=st.sampled_from([0.0, 2.0]))
    def begin(self, mode: Acknowledgement, batch: int, rate: float) -> None:
        self.mode = mode
        self.batch = batch
        self.window = Window(_SIZE, mode, 10.0, released=0, sent=0, batch=batch, rate_per_s=rate)
        self.now = 0.0
        self.journal: list[Row] = []
        self.connected = False
        self.under_way: list[tuple[Row, ...]] = []
        self.broker_has: set[int] = set()
        self.refused: set[int] = set()
        self.to_bury: int | None = None
        self.buried: dict[int, int] = {}
        """Each by the number of the gap event that tells of it."""
        self.platform_has = 0
        self.released = 0
        self.last_sent = 0
        self.ever_sent = 0

    def _next(self, after: int) -> int:
        return next(n for n in range(after + 1, after + 1000) if n not in self.buried)

    def take(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Send(rows):
                    self._sent(rows)
                case Bury(row):
                    assert row.sequence in self.refused
                    self.to_bury = row.sequence
                case Release(upto):
                    self._released(upto)
        while (wanted := self.window.wanted()) is not None and wanted.after < len(self.journal):
            page = self.journal[wanted.after : wanted.after + wanted.limit]
            self.take(self.window.feed(Read(wanted.after, page, len(page) == wanted.limit, frozenset(self.buried)), self.now))
        self.take_flush()
        missing = self.window.waited_for()
        if missing:
            gaps = [self.journal[self.buried[each] - 1] for run in missing for each in range(run.first, run.last + 1)]
            self.take(self.window.feed(Accounts(gaps), self.now))

    def take_flush(self) -> None:
        """A page that ended where the journal does: what follows is nothing."""
        wanted = self.window.wanted()
        if wanted is not None and wanted.after == len(self.journal):
            outputs = self.window.feed(Read(wanted.after, [], more=False), self.now)
            if outputs:
                self.take(outputs)

    def _sent(self, rows: tuple[Row, ...]) -> None:
        assert self.connected
        assert len(rows) <= self.batch
        assert len({row.event_class for row in rows}) == 1
        numbers = [row.sequence for row in rows]
        assert all(row.sequence != numbers[0] for message in self.under_way for row in message[:1])
        if len(rows) == 1 and rows[0].event_class == "gateway" and numbers[0] > self._next(self.last_sent):
            self.under_way.append(rows)  # Ahead.
            return
        assert numbers == list(range(numbers[0], numbers[0] + len(rows)))
        # Either it goes on, or it goes back to the first unreleased.
        assert numbers[0] in (self._next(self.last_sent), self._next(self.released))
        assert not self.buried.keys() & set(numbers)
        assert all(row.sequence not in numbers for message in self.under_way for row in message if row.event_class != "gateway")
        self.last_sent = numbers[-1]
        self.ever_sent = max(self.ever_sent, self.last_sent)
        self.under_way.append(rows)

    def _released(self, upto: int) -> None:
        assert upto > self.released
        fresh = set(range(self.released + 1, upto + 1)) - self.buried.keys()
        assert not fresh & self.refused
        if self.mode is Acknowledgement.BROKER:
            assert fresh <= self.broker_has
        else:
            assert all(sequence <= self.platform_has for sequence in fresh)
        self.released = upto

    @rule(count=st.integers(1, 9), event_class=st.sampled_from(["bay", "bay", "station"]))
    def commit(self, count: int, event_class: str) -> None:
        self.journal += [Row(len(self.journal) + 1 + n, event_class, "x/b", "{}") for n in range(count)]
        self.take([])

    @precondition(lambda self: not self.connected)
    @rule(most=st.sampled_from([None, 1, 100]))
    def connect(self, most: int | None) -> None:
        self.connected = True
        self.take(self.window.feed(Connected(len(self.journal), most), self.now))

    @precondition(lambda self: self.connected)
    @rule(blamed=st.booleans())
    def disconnect(self, blamed: bool) -> None:
        self.connected = False
        if blamed:
            self.refused.update(row.sequence for rows in self.under_way for row in rows if row.sequence > self.released)
        self.under_way.clear()
        assert self.window.feed(Disconnected("malformed" if blamed else None), self.now) == []

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, _SIZE - 1))
    def puback(self, which: int) -> None:
        rows = self.under_way.pop(min(which, len(self.under_way) - 1))
        self.broker_has.update(row.sequence for row in rows)
        self.refused.difference_update(row.sequence for row in rows)
        self.take(self.window.feed(PubAck(rows[0].sequence), self.now))

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, _SIZE - 1), whole_broker=st.booleans())
    def refuse(self, which: int, whole_broker: bool) -> None:
        rows = self.under_way.pop(min(which, len(self.under_way) - 1))
        self.refused.update(row.sequence for row in rows if row.sequence > self.released)
        self.take(self.window.feed(Refused(rows[0].sequence, "no", whole_broker), self.now))

    @precondition(lambda self: self.to_bury is not None and self.connected)
    @rule()
    def bury(self) -> None:
        assert self.to_bury is not None
        sequence, self.to_bury = self.to_bury, None
        self.journal.append(Row(len(self.journal) + 1, "gateway", "gateway/g", "{}"))
        self.buried[sequence] = len(self.journal)
        self.refused.discard(sequence)
        self.take(self.window.feed(Buried(sequence), self.now))

    @precondition(lambda self: self.connected)
    @rule(ahead=st.integers(-2, 9))
    def platform(self, ahead: int) -> None:
        """Also one that counts by the highest number, although the broker has refused what is before it."""
        upto = max(0, self.released + ahead)
        self.platform_has = max(self.platform_has, min(upto, self.ever_sent))
        self.take(self.window.feed(PlatformAck(upto), self.now))

    @rule(seconds=st.floats(0.1, 60))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.take(self.window.tick(self.now))

    @invariant()
    def bounds_hold(self) -> None:
        if hasattr(self, "window"):
            assert len(self.under_way) <= _SIZE
            assert self.window.in_flight == len(self.under_way)
            assert self.window.waiting <= 2 * self.window._page
            assert len(self.window._ledger.unreleased) <= 8 * _SIZE

    def teardown(self) -> None:
        """Liveness: once all goes well, everything is released or put aside."""
        if not hasattr(self, "window"):
            return
        if not self.connected:
            self.connect(None)
        for _ in range(300):
            if self.to_bury is not None:
                self.bury()
            while self.under_way:
                self.puback(0)
            self.platform(self.ever_sent - self.released)
            due = self.window.deadline(self.now)
            self.wait(max(0.1, due - self.now) if due is not None else 0.1)
            if self.released == len(self.journal):
                return
        raise AssertionError(f"{self.released} of {len(self.journal)} released")


TestAnyHistory = Histories.TestCase
TestAnyHistory.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
