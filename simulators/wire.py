"""What lies between a master and the units: an RS-485 pair with its baud rate (a network without one is in `network.py`).

    request --- n characters ---> unit thinks --- n characters ---> answer, in the pieces that an adapter hands on

The pair is half duplex: who sends while another sends destroys both. All times are the event loop's, so that virtual time works.
"""

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Protocol

from config.site import Parity
from config.site import Wire as WirePlan
from simulators.damage import Damage
from simulators.faults import Echo, Fault, Late

Deliver = Callable[[bytes], None]
Answers = Callable[[int, float], float | None]
"""How long a unit thinks before it answers at a time; None for one that is silent."""


class Asking(Protocol):
    """One connection to the units of a line."""

    def ask(self, data: bytes) -> None:
        """Bytes of a request, as they come; they may come in parts."""

    def forget(self) -> None:
        """The line was silent for so long that what came before is no part of what comes next."""


class Served(Protocol):
    """The units of a line, whatever they speak."""

    def connect(self, answered: Callable[[int, bytes], None]) -> Asking:
        """`answered` gets the unit and the bytes of each answer."""


_LONGEST_PIECE_S = 0.012
_MOST_PIECE = 16
"""An adapter hands on what is in its buffer, 16 bytes or about as often as USB is asked."""
_NEW_FRAME_S = 0.020
"""So long a silence begins a new frame. T3.5 is shorter, but a busy machine must not tear frames apart."""
_MOST_WAITING = 64
"""Answers under way on one line; a flood of requests beyond that is lost."""
_MOST_UNSENT_S = 5.0
"""So much a serial server keeps for a slow pair; a flood beyond that is lost."""
_WHOLE = 260


def character_s(plan: WirePlan) -> float:
    """Start bit, eight data bits, parity, stop bits."""
    return (1 + 8 + (plan.parity is not Parity.NONE) + plan.stop_bits) / plan.baud


class Line:
    """What both kinds share: the units, what goes wrong, and street time."""

    def __init__(self, units: Served, answers: Answers, faults: Sequence[Fault], clock: Callable[[], float], random: Random) -> None:
        self.units = units
        self.answers = answers
        self.clock = clock
        self.damage = Damage(faults, random)
        self.waiting = 0
        self._late = tuple(fault for fault in faults if isinstance(fault, Late))
        self._echoes = tuple(fault for fault in faults if isinstance(fault, Echo))
        self._random = random

    def thinks_s(self, unit: int) -> float | None:
        """Until this unit begins to answer; None where it does not."""
        t = self.clock()
        usual = self.answers(unit, t)
        if usual is None or self.waiting >= _MOST_WAITING:
            return None
        late = sum(fault.by_s for fault in self._late if fault.at(t) and self._random.random() < fault.chance)
        return usual * self._random.uniform(0.8, 1.2) + late

    def echoes(self) -> bool:
        t = self.clock()
        return any(fault.at(t) for fault in self._echoes)


class RtuLine(Line):
    """An RS-485 pair. `whole` is a serial server that hands on an answer when the pair has fallen silent."""

    def __init__(
        self,
        units: Served,
        answers: Answers,
        faults: Sequence[Fault],
        clock: Callable[[], float],
        random: Random,
        *,
        plan: WirePlan,
        whole: bool = False,
    ) -> None:
        super().__init__(units, answers, faults, clock, random)
        self.character_s = character_s(plan)
        self.piece = _WHOLE if whole else max(1, min(_MOST_PIECE, int(_LONGEST_PIECE_S / self.character_s)))
        self.sent_until = 0.0
        self.speaking: list[_Answer] = []

    def attach(self, deliver: Deliver) -> "RtuEnd":
        return RtuEnd(self, deliver)


class _Answer:
    """One answer under way."""

    def __init__(self, begins: float, ends: float) -> None:
        self.begins = begins
        self.ends = ends
        self.spoilt = False


class RtuEnd:
    """The master's end of the pair."""

    def __init__(self, line: RtuLine, deliver: Deliver) -> None:
        self._line = line
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._session = line.units.connect(self._answered)
        self._heard_until = 0.0
        self._open = True

    def send(self, data: bytes) -> None:
        """The master sends: clocked out at the baud rate, behind what it is still sending."""
        line = self._line
        now = self._loop.time()
        begins = max(now, line.sent_until)
        if begins - now > _MOST_UNSENT_S:
            return
        ends = begins + len(data) * line.character_s
        line.sent_until = ends
        for answer in line.speaking:
            if begins < answer.ends and answer.begins < ends:
                answer.spoilt = True
                data = line.damage.collide(data)
        self._loop.call_at(ends, self._heard, data, begins, ends)

    def close(self) -> None:
        self._open = False

    def _heard(self, data: bytes, begins: float, ends: float) -> None:
        line = self._line
        if begins - self._heard_until > _NEW_FRAME_S:
            self._session.forget()
        self._heard_until = ends
        if line.echoes():
            self._hand_on(data)
        arrived = line.damage.pass_on(data, line.clock())
        if arrived:
            self._session.ask(arrived)

    def _answered(self, unit: int, data: bytes) -> None:
        line = self._line
        thinks_s = line.thinks_s(unit)
        if thinks_s is None:
            return
        begins = self._loop.time() + thinks_s
        answer = _Answer(begins, begins + len(data) * line.character_s)
        if begins < line.sent_until:
            answer.spoilt = True
        for other in line.speaking:
            if begins < other.ends and other.begins < answer.ends:
                answer.spoilt = other.spoilt = True
        line.speaking.append(answer)
        line.waiting += 1
        for at in range(0, len(data), line.piece):
            piece = data[at : at + line.piece]
            self._loop.call_at(begins + (at + len(piece)) * line.character_s, self._piece, answer, piece, at + len(piece) == len(data))

    def _piece(self, answer: _Answer, piece: bytes, last: bool) -> None:
        line = self._line
        if last:
            line.speaking.remove(answer)
            line.waiting -= 1
        if answer.spoilt:
            piece = line.damage.collide(piece)
        self._hand_on(line.damage.pass_on(piece, line.clock()))

    def _hand_on(self, piece: bytes) -> None:
        if piece and self._open:
            self._deliver(piece)
