"""One simulated hour or day: everything that its seed draws, run through, and judged."""

import asyncio
import errno
import gc
import logging
import tempfile
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.logs import begin
from simulators.street import What
from tests.brokers import Mosquitto
from tests.faults.shim import SYNCS, WRITES, Call, Shim
from tests.faults.simulation.clock import SimulatedClock
from tests.faults.simulation.delivery import DeliveryVerdict, firsts, held, judge_delivery
from tests.faults.simulation.keepalive import asked_rarely
from tests.faults.simulation.lives import Disk, Lives
from tests.faults.simulation.loop import SimulationLoop
from tests.faults.simulation.platform import Platform
from tests.faults.simulation.schedule import BrokerFault, BrokerKind, DiskFault, DiskKind, Schedule
from tests.faults.simulation.street import scenario, site
from tests.faults.simulation.telling import told
from tests.faults.simulation.truth import Fact, TruthVerdict, judge_truth
from tests.faults.simulation.unseen import tolerance, unseen
from tests.faults.simulation.wires import Wires

_DRAIN_S = 720.0
"""Events without a date are held back for ten minutes of these."""
_ERRORS = {
    DiskKind.FULL: (Call.WRITE_LOG | Call.WRITE_FILE, errno.ENOSPC),
    DiskKind.WRITE_ERROR: (WRITES, errno.EIO),
    DiskKind.SYNC_ERROR: (SYNCS, errno.EIO),
    DiskKind.READ_ONLY: (WRITES | Call.OPEN | Call.RENAME | Call.UNLINK, errno.EROFS),
}
_IN_MEMORY = Path("/dev/shm")  # noqa: S108
_COLLECTED_AT = 20_000


@dataclass(slots=True)
class Outcome:
    seed: int
    cpu_s: float
    faults: dict[str, int]
    truth: TruthVerdict
    delivery: DeliveryVerdict
    trouble: list[str] = field(default_factory=list)
    """What else went wrong: a fault that nobody expected, an end that was not reached."""

    @property
    def findings(self) -> list[str]:
        found = []
        for verdict in (self.delivery, self.truth):
            for name in ("lost", "doubled", "reordered", "invented", "wrongly_dated"):
                found += [f"{name}: {each}" for each in getattr(verdict, name, [])]
        return [*found, *(f"trouble: {each}" for each in self.trouble)]


class Hour:
    """Of one seed. A broker is shared by hours that come one after another: each has a gateway of its own name."""

    def __init__(self, schedule: Schedule, broker: Mosquitto, shim: Shim, folder: Path) -> None:
        self._schedule = schedule
        self._broker = broker
        self._shim = shim
        self._folder = folder
        self.gateway = f"s{schedule.seed}"
        self._broker_up = True
        self._broker_frozen = False
        self._platform = Platform(broker, self.gateway)
        self._trouble: list[str] = []
        self.last = 0
        """The last number that was given out when the hour ended."""

    async def run(self, loop: SimulationLoop) -> tuple[list[Fact], Lives, Platform, list[str], Wires]:
        loop.set_exception_handler(
            lambda _, context: self._trouble.append(f"in the loop: {context.get('exception') or context['message']!r}")
        )
        street = scenario(self._schedule.seed, self._schedule.lines, self._schedule.stretch)
        disk = Disk(self._shim)
        try:
            async with Wires(street, self._folder) as wires:
                loaded = site(wires, self.gateway, self._schedule.ack, self._schedule.stretch)
                log = begin(logging.CRITICAL, for_people=False)
                lives = Lives(self._schedule, loaded, wires, disk, self._folder, self._broker.port, log)
                loop.parked = lambda: self._shim.parked
                loop.owed = lambda: self._owed(lives)
                loop.soon = lambda: self._soon(lives)
                await self._through(lives, disk)
                facts = [
                    Fact(event.who, "arrived" if event.what is What.ARRIVED else "left", event.t)
                    for event in wires.truth(self._schedule.stretch.length_s + 2 * _DRAIN_S)
                ]
        finally:
            self._shim.fail(Call(0), 0)
            self._shim.fill(None)
            self._shim.release()
            disk.close()
            if not self._broker_up:
                self._broker.start()
            if self._broker_frozen:
                self._broker.thaw()
        return facts, lives, self._platform, self._trouble, wires

    def _owed(self, lives: Lives) -> bool:
        if not self._broker_up or self._broker_frozen:
            return False
        if self._platform.asking:
            return True
        return lives.gateway is not None and lives.gateway.uplink_waits and lives.network is not None and lives.network.passes

    def _soon(self, lives: Lives) -> tuple[int, int] | None:
        """How far everybody is, while somebody has further to go."""
        gateway = lives.gateway
        if gateway is None or not gateway.unreleased or not gateway.connected:
            return None
        if not self._broker_up or self._broker_frozen or lives.network is None or not lives.network.passes:
            return None
        return gateway.waiting, len(self._platform.received)

    async def _through(self, lives: Lives, disk: Disk) -> None:
        running = asyncio.create_task(lives.run())
        beside = [asyncio.create_task(self._platform.run())]
        beside += [asyncio.create_task(each) for each in self._faults(lives, disk)]
        await asyncio.wait([running], timeout=self._schedule.stretch.length_s - asyncio.get_running_loop().time())
        await self._drained(running, lives)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await lives.buried()
        for task in beside:
            if task.done() and not task.cancelled() and task.exception() is not None:
                self._trouble.append(f"in a fault: {task.exception()!r}")
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await asyncio.sleep(1.0)

    async def _drained(self, running: asyncio.Task[None], lives: Lives) -> None:
        """All that is under way when the hour ends must arrive."""
        if running.done():
            self._trouble.append(f"the gateway ended by itself: {running.exception()!r}")
            return
        for _ in range(int(_DRAIN_S)):
            if lives.gateway is not None and lives.gateway.settled:
                # What comes after this is the next hour's concern.
                self.last = self.last or lives.gateway.journal.last_sequence
                if lives.gateway.journal.acknowledged >= self.last:
                    return
            await asyncio.sleep(1.0)
        self._trouble.append("what was confirmed did not all arrive within twelve quiet minutes")

    def _faults(self, lives: Lives, disk: Disk) -> list[Coroutine[Any, Any, None]]:
        schedule = self._schedule
        found = [self._disk(fault, disk) for fault in schedule.disks] + [self._break(fault) for fault in schedule.brokers]
        return found + [self._cut(cut.from_s, cut.octets, lives) for cut in schedule.cuts]

    async def _until(self, t: float) -> None:
        await asyncio.sleep(max(0.0, t - asyncio.get_running_loop().time()))

    async def _disk(self, fault: DiskFault, disk: Disk) -> None:
        await self._until(fault.from_s)
        if fault.kind is DiskKind.SLOW:
            disk.slow(fault.sync_s)
            await self._until(fault.to_s)
            disk.slow(0.0)
            return
        if fault.kind is DiskKind.FULL and fault.may_overwrite:
            self._shim.fill(0)
        else:
            self._shim.fail(*_ERRORS[fault.kind])
        await self._until(fault.to_s)
        self._shim.fail(Call(0), 0)
        self._shim.fill(None)

    async def _break(self, fault: BrokerFault) -> None:
        await self._until(fault.from_s)
        match fault.kind:
            case BrokerKind.KILLED:
                self._broker_up = False
                self._broker.kill()
                await self._until(fault.to_s)
                self._broker.start()
                self._broker_up = True
            case BrokerKind.FROZEN:
                self._broker_frozen = True
                self._broker.freeze()
                await self._until(fault.to_s)
                self._broker.thaw()
                self._broker_frozen = False
            case BrokerKind.AWAY:
                self._platform.leave()
                await self._until(fault.to_s)
                self._platform.come_back()

    async def _cut(self, from_s: float, octets: int, lives: Lives) -> None:
        await self._until(from_s)
        if lives.network is not None:
            lives.network.cut_after(octets)


def simulate(schedule: Schedule, broker: Mosquitto, shim: Shim) -> Outcome:
    begun = time.process_time()
    # What a power cut leaves is decided by the shim and by copies: no sync has to reach a real disk.
    with tempfile.TemporaryDirectory(prefix="kerbgate-sim-", dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as folder:
        hour = Hour(schedule, broker, shim, Path(folder))
        gc.collect()
        gc.freeze()
        # An hour's objects fit into memory: looking for cycles among them every 700 objects costs for nothing.
        gc.set_threshold(_COLLECTED_AT)
        with asked_rarely(), asyncio.Runner(loop_factory=SimulationLoop) as runner:
            loop = runner.get_loop()
            assert isinstance(loop, SimulationLoop)
            facts, lives, platform, trouble, wires = runner.run(hour.run(loop))
        journal = held(lives.journal, hour.gateway)
        trouble += journal.faults
    said = lives.confirmed
    delivery = judge_delivery(
        said.ids, journal.events, platform.received, hour.last, said.on_disk, telemetry=said.telemetry, undated=journal.undated
    )
    clock = SimulatedClock(schedule.clock)
    events = [each for each in (told(event, clock) for event in firsts(platform.received)[0]) if each is not None]
    until_s, tolerated = schedule.stretch.judged_until_s, tolerance(schedule.stretch)
    truth = judge_truth(facts, events, unseen(schedule, wires.scenario, lives.deaths), until_s, tolerated)
    return Outcome(schedule.seed, time.process_time() - begun, dict(schedule.counts()), truth, delivery, trouble)
