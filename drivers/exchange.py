"""One exchange at a time: keeps the silences, matches the answer, throws away what came too late. Pure; the bus moves the bytes.

    ask ─▶ quiet ──T3.5 over, nothing heard──▶ asked ──answer, or time is up──▶ over

RTU             quiet for T3.5, request, answer; what came before the request is drained
RTU over TCP    the same; after a timeout the connection is opened anew, unless an answer that was sent later has come
Modbus TCP      the transaction id decides, nothing is drained, nothing is waited for
"""

from collections.abc import Callable, Mapping

from config.protocols import Protocol
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitSilent, WireError
from drivers.framing import Framing
from drivers.links.pacing import Pace
from drivers.question import Answer, Question, Shape

LONGEST_BABBLE_S = 1.0
TIMEOUTS_TO_REOPEN = 5
SECONDS_TO_REOPEN = 10.0
"""On TCP: so many questions in a row and so long without any answer, both, and the connection may be half open."""
_REMEMBERED = 64
_ANSWERS_KEPT = 512


class Exchange:
    """`late` is told the unit of each intact answer that came when nobody waited for it any more."""

    def __init__(self, pace: Pace, framings: Mapping[Protocol, Framing], late: Callable[[int], None], *, on_tcp: bool) -> None:
        self.stray_octets = 0
        self.round_trip_s = 0.0
        """Of the last answer, from the end of the request."""
        self.timeout_s = 0.0
        """Of this exchange."""
        self.may_retry = False
        """Whether the exchange that just failed is surely over, so that its answer can't be taken for that of a retry."""
        self.babbled_s = 0.0
        """How long the request of this question was held up by bytes that nobody had asked for."""
        self.proved = False
        """Something has been answered since the link was opened."""
        self._pace = pace
        self._gap_s = pace.gap_s
        self._framings = framings
        self._framing = next(iter(framings.values()))
        self._late = late
        self._on_tcp = on_tcp
        self._question: Question | None = None
        self._sent = 0.0
        self._ends: float | None = None
        self._over_at: float | None = None
        self._octets = 0
        self._octets_expected = 0
        self._free_at = 0.0
        self._free_from = self._babble_ends = 0.0
        self._drained = 0
        self._strays = bytearray()
        self._timeouts = 0
        self._answered_at = 0.0
        self._unanswered: dict[Shape, None] = {}
        self._out_of_step = False
        self._may_be_late = False
        """Since a question went unanswered: whatever comes late is counted."""
        self._last: dict[int, tuple[Question, bytes, Answer]] = {}

    @property
    def waiting(self) -> bool:
        """A request was sent, and its answer has not come."""
        return self._ends is not None

    def opened(self, now: float) -> None:
        self._count_strays()
        for framing in self._framings.values():
            framing.reset()
        self._question = None
        self._ends = self._over_at = None
        self._timeouts = 0
        self._answered_at = now
        self._unanswered.clear()
        self.proved = False
        self._out_of_step = False
        self._free_at = now + self._pace.gap_s

    def needs_new_link(self, question: Question, now: float) -> bool:
        """Whether an old answer on this connection could be taken for the answer to this question."""
        if not self._on_tcp:
            return False
        if self._out_of_step or (self._timeouts >= TIMEOUTS_TO_REOPEN and now - self._answered_at >= SECONDS_TO_REOPEN):
            return True
        return bool(self._unanswered) and question.shape in self._unanswered

    def ask(self, question: Question, timeout_s: float, now: float) -> None:
        """Begins; `request` gives the bytes when the line is quiet."""
        self._question = question
        self._framing = self._framings[question.protocol]
        self.timeout_s = timeout_s
        if self._gap_s:
            self._free_from = max(now, self._free_at)
            self._babble_ends = self._free_from + LONGEST_BABBLE_S
            self.babbled_s = 0.0
            self._drained = 0
        self.may_retry = False

    @property
    def quiet_at(self) -> float:
        """When the request may be sent, should nothing be heard before."""
        return self._free_at

    def request(self, now: float) -> bytes | WireError | None:
        """What to send now; None while the line must stay quiet, an error when it babbles on and on."""
        question = self._question
        assert question is not None
        if self._strays or self._may_be_late:
            self._count_strays()
        if self._drained:
            self.babbled_s = now - self._free_from
        if self._gap_s and now < self._free_at:
            return self._over(FrameCorrupt(unit=question.unit, octets=self._drained), now) if now > self._babble_ends else None
        frame = self._framing.ask(question)
        self._sent = now
        self._ends = now + self.timeout_s
        if self._gap_s:
            # Bytes take their time on a pair.
            self._sent += self._pace.wire_s(len(frame))
            self._ends = self._sent + self.timeout_s + self._pace.wire_s(question.answer_octets)
            self._octets = 0
            self._octets_expected = question.answer_octets
        self._over_at = None
        return frame

    def heard(self, data: bytes, now: float) -> Answer | WireError | None:
        """The answer, or what is wrong with it; None while there is neither."""
        if self._ends is None:
            # Nobody asked. On a stream with resynchronisation of its own the framing sorts it out at the next question.
            if self._framing.drains:
                # Who talks out of turn may do so in pieces: T3.5 between two of them is no end of it.
                self._free_at = max(self._free_at, now + (self._pace.pause_s if self._drained else self._pace.gap_s))
                self._strays += data
                self._drained += len(data)
                if len(self._strays) > 4096:
                    self._count_strays()
                return None
            self.stray_octets += len(data)
        question = self._question
        try:
            payload = self._framing.feed(data)
        except (FrameCorrupt, AnswerMismatched) as error:
            if self._ends is None:
                self._out_of_step = True
                return None
            return self._failed(error, now)
        if payload is None or question is None:
            if self._gap_s:
                # Whether it really is enough is asked once, when the pause is over, not at each octet of noise.
                self._octets += len(data)
                self._over_at = now + self._pace.pause_s if self._octets >= self._octets_expected else None
            return None
        return self._answered(question, payload, now)

    def deadline(self) -> float | None:
        """When the answer is given up."""
        if self._ends is None or self._over_at is None:
            return self._ends
        return min(self._ends, self._over_at)

    def tick(self, now: float) -> WireError | None:
        due = self.deadline()
        if due is None or now < due or self._ends is None:
            return None
        ended_by_pause = self._over_at is not None and self._over_at < self._ends
        if ended_by_pause and not self._framing.enough:
            # Our own echo is among it.
            self._over_at = None
            return self.tick(now)
        verdict = self._framing.verdict(self.timeout_s)
        if ended_by_pause and isinstance(verdict, AnswerMismatched):
            # Somebody else's answer, too late. Ours may still come.
            self._over_at = None
            return self.tick(now)
        self.may_retry = ended_by_pause
        return self._failed(verdict, now)

    def _answered(self, question: Question, payload: bytes, now: float) -> Answer | WireError:
        self._timeouts = 0
        self._answered_at = now
        self.proved = True
        if self._unanswered:
            self._unanswered.clear()
        self.round_trip_s = now - self._sent if now > self._sent else 0.0
        self._end(now)
        # A register that has not changed gives the same bytes: most answers need no decoding, and no new objects.
        last = self._last.get(id(question))
        if last is not None and last[0] is question and last[1] == payload:
            return last[2]
        try:
            answer = question.decode(payload)
        except WireError as error:
            return error
        if last is None and len(self._last) >= _ANSWERS_KEPT:
            self._last.clear()
        self._last[id(question)] = (question, payload, answer)
        return answer

    def _failed(self, error: WireError, now: float) -> WireError:
        if isinstance(error, UnitSilent):
            self._timeouts += 1
            self._may_be_late = True
            if self._framing.drains and self._question is not None:
                if len(self._unanswered) >= _REMEMBERED:
                    self._unanswered.pop(next(iter(self._unanswered)))
                self._unanswered[self._question.shape] = None
        elif isinstance(error, FrameCorrupt):
            # A stream without resynchronisation, or an answer that may still be in it.
            self._out_of_step = not self._framing.drains
            self.may_retry = self.may_retry or self._out_of_step
        return self._over(error, now)

    def _over(self, error: WireError, now: float) -> WireError:
        self._end(now)
        return error

    def _end(self, now: float) -> None:
        if self._ends is not None:
            self._free_at = max(now, self._sent) + self._gap_s
        self._question = None
        self._ends = self._over_at = None

    def _count_strays(self) -> None:
        drained = bytes(self._strays)
        self._strays.clear()
        self.stray_octets += len(drained)
        for unit in self._framing.strays(drained):
            self._late(unit)
