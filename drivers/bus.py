"""The one owner of a line: takes turns as the plan says, hands on what was read, opens the link again when it is down."""

import asyncio
from collections.abc import Callable, Sequence
from random import Random

from tenacity import AsyncRetrying, retry_if_exception_type

from config.protocols import Protocol
from config.site import Line
from drivers.backoff import Backoff
from drivers.capture import Capture
from drivers.counters import BusCounters, LinkCounters, Tally
from drivers.cycle import Cycle, Decoders
from drivers.device import BusDevice, devices_of
from drivers.errors import BusBusy, LinkDown, WireError
from drivers.exchange import LONGEST_BABBLE_S
from drivers.follow_up import FollowUp, command
from drivers.jobs import Jobs
from drivers.links import Link
from drivers.links import open_link as open_real_link
from drivers.links.faults import BusStopped
from drivers.log import Log
from drivers.patience import Patience
from drivers.plan import Plan
from drivers.polls import polls_of, split
from drivers.port import Port
from drivers.quarantine import Quarantine, Quarantined
from drivers.question import Answer
from drivers.reading import Reading
from drivers.reporting import Reporting
from drivers.session import Session
from drivers.task import Poll, Task
from drivers.timer import DeadlineTimer
from drivers.turns import Asked, Babbled, LinkLost, LinkOpened, Outcome, SliceEnded, Turn, Withdrawn

__all__ = ["Bus", "BusDevice", "devices_of"]

GRID_S = 0.05
"""Where no silences are kept, polls begin at the same times on all buses: one turn of the loop serves them all."""
FLOOD_S = 0.2
"""Who holds up the next request for so long, floods the line; a late answer is shorter."""


class Bus:
    """Give `run` to a task: it goes on until it is cancelled. `emit` gets every Reading, in order, from the event loop."""

    def __init__(
        self,
        name: str,
        line: Line,
        devices: Sequence[BusDevice],
        emit: Callable[[Reading], None],
        *,
        log: Log,
        open_link: Callable[[Line], Link] = open_real_link,
        random: Random | None = None,
        polling: bool = True,
        on_fault: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Where `polling` is False the bus only does the jobs that it is asked for. `on_fault` is told what went wrong."""
        self.name = name
        self._devices = tuple(devices)
        self._tallies = {device.name: Tally() for device in self._devices}
        protocols = dict.fromkeys(device.profile.protocol for device in self._devices) or {Protocol.MODBUS: None}
        self._port = Port(line, open_link(line), protocols, done=self._slice_over, lost=self._link_lost, late=self._count_late)
        self._plan = Plan(polls_of(self._devices, line) if polling else (), 0.0 if self._port.pace.gap_s else GRID_S)
        self._patience = Patience(self._devices, self._tallies)
        self._quarantine = Quarantine()
        self._decoders = Decoders(lambda task, block: isinstance(task, Poll) and split(task, block, line) is not None)
        self._cycles: dict[Task, Cycle] = {}
        self._backoff = Backoff(random or Random())
        self._jobs = Jobs()
        self._reporting = Reporting(name, log, self._port.capture, emit, on_fault)
        self._follow_up = FollowUp(line, self._port.pace, self._devices, self._plan, self._jobs, self._reporting, emit, writes=polling)
        self._turn: Turn | None = None
        self._wake: DeadlineTimer | None = None
        self._session: Session | None = None
        self._up = False
        self._last_error: LinkDown | None = None
        self._asked_last: int | None = None

    async def run(self) -> None:
        """Owns the line until it is cancelled. A line that is down is opened again for ever, ever more rarely."""
        opening = AsyncRetrying(wait=self._backoff, retry=retry_if_exception_type(LinkDown), sleep=asyncio.sleep)
        try:
            await opening(self._one_session)
        finally:
            self._up = False
            self._last_error = BusStopped(bus=self.name)
            self._jobs.fail_all(self._last_error)

    async def read_once(self, device: str) -> Reading:
        """A technician's read, in turn with the polls. Raises WireError, and KeyError for a device of another bus."""
        poll = self._follow_up.polls_alone[device]
        if not self._up and self._last_error is not None:
            raise self._last_error
        if self._plan.full:
            raise BusBusy(bus=self.name)
        ticket, answer = self._jobs.add()
        now = asyncio.get_running_loop().time()
        self._plan.feed(Asked(ticket, command(poll)), now)
        self._nudge(now)
        try:
            return await answer
        except asyncio.CancelledError:
            self._plan.feed(Withdrawn(ticket), asyncio.get_running_loop().time())
            raise

    @property
    def capture(self) -> Capture:
        """The last minutes of its bytes."""
        return self._port.capture

    def left_out(self, now: float) -> tuple[Quarantined, ...]:
        """Values that are not asked for until then, since the device refused them."""
        return self._quarantine.shown(now)

    def counters(self) -> BusCounters:
        link = LinkCounters(
            up=self._up,
            opened=self._port.opened,
            last_error=self._last_error,
            stray_octets=self._port.exchange.stray_octets,
            skipped_polls=self._plan.skipped,
        )
        devices = tuple(self._tallies[device.name].snapshot(device, self._plan.state_of(device.name)) for device in self._devices)
        now = self._port.exchange.quiet_at
        return BusCounters(bus=self.name, link=link, devices=devices, quarantined=self._quarantine.shown(now))

    async def _one_session(self) -> None:
        loop = asyncio.get_running_loop()
        self._session = session = Session()
        self._wake = DeadlineTimer(loop, self._woken)
        try:
            await self._port.open()
            self._up = True
            now = loop.time()
            self._reporting.link_up(now)
            self._plan.feed(LinkOpened(), now)
            self._next_turn(now)
            await session.ended()
        except LinkDown as fault:
            self._lost(fault, loop.time())
            raise
        finally:
            self._session = None
            self._wake.cancel()
            self._wake = None
            self._turn = None
            self._port.close()

    # What the event loop calls.

    def _woken(self, now: float) -> None:
        if self._session is not None:
            self._session.guarded(self._next_turn, now)

    def _slice_over(self, result: Answer | WireError, now: float) -> None:
        if self._session is not None:
            self._session.guarded(self._ended, result, now)

    def _link_lost(self, fault: Exception) -> None:
        if self._session is not None:
            self._session.end(fault)

    def _nudge(self, now: float) -> None:
        """There is work: begin it, unless the line is busy."""
        if self._session is not None and self._up and self._turn is None:
            self._session.guarded(self._next_turn, now)

    def _next_turn(self, now: float) -> None:
        """Take a turn, or wait until there may be one."""
        assert self._wake is not None
        if self._turn is not None:
            return
        for turn in self._plan.tick(now):
            assert isinstance(turn, Turn)
            self._turn = turn
            self._wake.set(None)
            if turn.first:
                self._cycles[turn.task] = Cycle(turn.task, self._port.pace, self._tallies, self._quarantine, self._decoders)
                if turn.ticket is None:
                    for device in turn.slice.devices:
                        self._tallies[device].lateness_s.append(turn.late_s)
            timeout_s = self._patience.hurried_s(turn.slice) if turn.hurried else turn.slice.timeout_s
            self._port.ask(turn.slice.question, timeout_s, turn.slice.cost_s, now)
            return
        self._wake.set(self._plan.deadline())

    def _ended(self, result: Answer | WireError, now: float) -> None:
        turn = self._turn
        assert turn is not None
        self._turn = None
        exchange = self._port.exchange
        cut_s = turn.slice.timeout_s - exchange.timeout_s
        followed = self._cycles[turn.task].ended(turn.slice, result, exchange.round_trip_s, now, may_retry=exchange.may_retry, cut_s=cut_s)
        self._reporting.left_out(self._quarantine.news(), now)
        if isinstance(followed, SliceEnded):
            self._plan.feed(followed, now)
        else:
            del self._cycles[turn.task]
            if followed.outcome is Outcome.ANSWERED:
                self._backoff.proved()
                self._reporting.proved()
            self._follow_up.finished(turn, followed, now)
        self._heard_before(turn.slice.question.unit, exchange.babbled_s, now)
        self._next_turn(now)

    def _heard_before(self, unit: int, babbled_s: float, now: float) -> None:
        """What held up a request came from the unit that was asked before it, as far as anybody can tell."""
        talker = self._asked_last
        if babbled_s < LONGEST_BABBLE_S:
            self._asked_last = unit
        if talker is None or babbled_s < FLOOD_S:
            return
        self._plan.feed(Babbled(talker, babbled_s), now)
        self._reporting.floods(talker, babbled_s, now)

    def _lost(self, fault: LinkDown, now: float) -> None:
        was_up, self._up = self._up, False
        self._last_error = fault
        self._turn = None
        self._cycles.clear()
        self._plan.feed(LinkLost(), now)
        self._jobs.fail_all(fault)
        self._follow_up.away(self._devices)
        self._reporting.link_lost(fault, self._devices, now, was_up=was_up)

    def _count_late(self, unit: int) -> None:
        for device in self._devices:
            if device.unit == unit:
                self._tallies[device.name].late += 1
