"""Any history of a connection, a broker and a platform: order is kept, bounds hold, and nothing is released without its word."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from config.site import Acknowledgement
from gateway.journal.row import Row
from gateway.uplink.window import Connected, Disconnected, Output, PlatformAck, PubAck, Read, Release, Send, Window

_SIZE = 3


class Histories(RuleBasedStateMachine):
    @initialize(mode=st.sampled_from(Acknowledgement))
    def begin(self, mode: Acknowledgement) -> None:
        self.mode = mode
        self.window = Window(_SIZE, mode, 10.0, released=0, sent=0)
        self.now = 0.0
        self.journal: list[Row] = []
        self.connected = False
        self.under_way: list[int] = []
        self.broker_has: set[int] = set()
        self.platform_has = 0
        self.released = 0
        self.last_sent = 0
        self.ever_sent = 0

    def take(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Send(row):
                    assert self.connected
                    # Either it goes on, or it goes back to the first unreleased.
                    assert row.sequence in (self.last_sent + 1, self.released + 1)
                    assert row.sequence > self.released
                    assert row.sequence not in self.under_way
                    self.last_sent = row.sequence
                    self.ever_sent = max(self.ever_sent, row.sequence)
                    self.under_way.append(row.sequence)
                case Release(upto):
                    assert upto > self.released
                    if self.mode is Acknowledgement.BROKER:
                        assert set(range(1, upto + 1)) <= self.broker_has
                    else:
                        assert upto <= self.platform_has
                    self.released = upto
        while (wanted := self.window.wanted()) is not None and wanted.after < len(self.journal):
            assert wanted.after >= self.released
            rows = self.journal[wanted.after : wanted.after + wanted.limit]
            self.last_sent = wanted.after if wanted.after == self.released else self.last_sent
            self.take(self.window.feed(Read(wanted.after, rows), self.now))

    @rule(count=st.integers(1, 9))
    def commit(self, count: int) -> None:
        self.journal += [Row(len(self.journal) + 1 + n, "bay", "bay/b", "") for n in range(count)]
        self.take([])

    @precondition(lambda self: not self.connected)
    @rule()
    def connect(self) -> None:
        self.connected = True
        self.take(self.window.feed(Connected(len(self.journal)), self.now))

    @precondition(lambda self: self.connected)
    @rule()
    def disconnect(self) -> None:
        self.connected = False
        self.under_way.clear()
        assert self.window.feed(Disconnected(), self.now) == []

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, _SIZE - 1))
    def puback(self, which: int) -> None:
        sequence = self.under_way.pop(min(which, len(self.under_way) - 1))
        self.broker_has.add(sequence)
        self.take(self.window.feed(PubAck(sequence), self.now))

    @precondition(lambda self: self.connected)
    @rule(ahead=st.integers(-2, 5))
    def platform(self, ahead: int) -> None:
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
            assert len(self.window._unsent) <= _SIZE
            assert len(self.window._unreleased) <= 8 * _SIZE

    def teardown(self) -> None:
        """Liveness: once all goes well, everything is released."""
        if not hasattr(self, "window"):
            return
        if not self.connected:
            self.connect()
        for _ in range(200):
            while self.under_way:
                self.puback(0)
            self.platform(self.ever_sent - self.released)
            self.wait(100)
        assert self.released == len(self.journal)


TestAnyHistory = Histories.TestCase
TestAnyHistory.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
