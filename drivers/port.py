"""A line in use: moves the bytes of one exchange after another between the exchange and the link. No `if` about devices.

ask ─▶ wait until the line is quiet ─▶ write ─▶ hear, look, or give up ─▶ done(result)
"""

import asyncio
from collections.abc import Callable, Iterable

from config.protocols import Protocol
from config.site import Line, SerialLine
from drivers.capture import Capture, Way
from drivers.errors import LinkDown, WireError
from drivers.exchange import Exchange
from drivers.framing import framing_for
from drivers.links.link import Alarm, Link
from drivers.links.pacing import Pace, pace_of
from drivers.links.precise_alarm import precise_clock
from drivers.question import Answer, Question
from drivers.timer import DeadlineTimer

_IN, _OUT = Way.IN, Way.OUT
LOOK_S = 0.020
"""A refusal is shorter than the answer that the link was told to wait for: so long after that answer's time we look."""


class Port:
    """`done` gets every result, `lost` the end of the link; both from the event loop."""

    def __init__(
        self,
        line: Line,
        link: Link,
        protocols: Iterable[Protocol],
        *,
        done: Callable[[Answer | WireError, float], None],
        lost: Callable[[Exception], None],
        late: Callable[[int], None],
    ) -> None:
        self.pace: Pace = pace_of(line)
        self._gap_s = self.pace.gap_s
        self.opened = 0
        self.capture = Capture()
        framings = {protocol: framing_for(line, protocol) for protocol in protocols}
        self.exchange = Exchange(self.pace, framings, late, on_tcp=not isinstance(line, SerialLine))
        self._link = link
        self._done = done
        self._lost = lost
        self._loop: asyncio.AbstractEventLoop
        self._now: Callable[[], float]
        self._timer: DeadlineTimer
        self._alarm: Alarm | None = None
        self._asked: tuple[Question, float] | None = None
        self._expected_s = 0.0
        self._look_at = 0.0
        self._quiet_from = 0.0
        self._hung_up = False
        self._reopening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Raises LinkDown."""
        self._loop = asyncio.get_running_loop()
        self._now = precise_clock(self._loop) if self._gap_s else self._loop.time
        self._timer = DeadlineTimer(self._loop, self._looked_at)
        self._asked = None
        await self._open()

    async def _open(self) -> None:
        self._hung_up = False
        await self._link.open(self)
        self.opened += 1
        self.exchange.opened(self._now())

    def close(self) -> None:
        if self._reopening is not None:
            self._reopening.cancel()
            self._reopening = None
        self._forget_alarms()
        self._asked = None
        self._link.close()

    def ask(self, question: Question, timeout_s: float, answer_s: float, now: float) -> None:
        """One at a time: `done` is called for each, unless the link is lost. `answer_s` is when the answer is expected."""
        self._asked = (question, timeout_s)
        self._expected_s = answer_s
        if self._hung_up or self.exchange.needs_new_link(question, now):
            self._reopen()
            return
        self.exchange.ask(question, timeout_s, now)
        if self._gap_s and now < self.exchange.quiet_at:
            self._wait_until_quiet()
        else:
            self._send(now)

    # The listener of the link.

    def received(self, data: bytes) -> None:
        now = self._now()
        self.capture.keep(now, _IN, data)
        result = self.exchange.heard(data, now)
        if result is not None:
            self._over(result, now)
        elif self.exchange.waiting:
            self._timer.set(self._next_look(now))

    def lost(self, fault: LinkDown) -> None:
        if self._asked is None and self.exchange.proved:
            # It went down while nobody looked, as devices do that hang up on an idle connection: worth one new attempt.
            self._hung_up = True
            return
        self._forget_alarms()
        self._asked = None
        self._lost(fault)

    def _send(self, now: float) -> None:
        """Now, or when the line has been quiet for long enough."""
        exchange = self.exchange
        if self._gap_s and now >= exchange.quiet_at:
            drained = self._link.take()
            if drained:
                self.capture.keep(now, _IN, drained)
                exchange.heard(drained, now)
        request = exchange.request(now)
        if request is None:
            self._wait_until_quiet()
            return
        if isinstance(request, WireError):
            self._over(request, now)
            return
        assert self._asked is not None
        try:
            if self._gap_s:
                self._link.expect(self._asked[0].answer_octets)
            self._link.write(request)
            self.capture.keep(now, _OUT, request)
        except LinkDown as fault:
            if exchange.proved:
                self._reopen()
            else:
                self.lost(fault)
            return
        if self._gap_s:
            self._look_at = now + self._expected_s + LOOK_S
        self._timer.set(self._next_look(now))

    def _wait_until_quiet(self) -> None:
        self._quiet_from = self.exchange.quiet_at
        self._alarm = self._link.alarm(self._quiet_from, self._quiet)

    def _quiet(self) -> None:
        self._alarm = None
        if self._asked is not None:
            self._send(max(self._now(), self._quiet_from))

    def _next_look(self, now: float) -> float | None:
        ends = self.exchange.deadline()
        if ends is None or not self._gap_s:
            return ends
        return min(ends, self._look_at) if self._look_at > now else ends

    def _looked_at(self, now: float) -> None:
        if not self.exchange.waiting:
            return
        data = self._link.take()
        if data:
            # Less than was expected has come: a refusal, noise, or the first part. From now on every byte is news.
            self._link.expect(1)
            self.received(data)
        if self.exchange.deadline() is None:
            return
        result = self.exchange.tick(now)
        if result is not None:
            self._over(result, now)
            return
        self._timer.set(self._next_look(now))

    def _over(self, result: Answer | WireError, now: float) -> None:
        self._asked = None
        if self._gap_s:
            # On a slow line a timer that is left to fire in vain costs more than one that is set anew.
            self._timer.cancel()
        else:
            self._timer.set(None)
        self._done(result, now)

    def _reopen(self) -> None:
        self._forget_alarms()
        self._reopening = self._loop.create_task(self._reopened())

    async def _reopened(self) -> None:
        """A new connection for the question in hand."""
        self._link.close()
        try:
            await self._open()
        except Exception as fault:  # Nobody awaits this task: whatever it was must end the session.
            self._reopening = None
            self._asked = None
            self._lost(fault)
            return
        self._reopening = None
        if self._asked is not None:
            question, timeout_s = self._asked
            now = self._now()
            self.exchange.ask(question, timeout_s, now)
            self._send(now)

    def _forget_alarms(self) -> None:
        self._timer.cancel()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
