"""One gateway after another on one journal: each ends as by SIGKILL, and the next begins with the files as they are on the disk.

A gateway in this process can't be killed without its cleanup. It is abandoned instead: in one turn of the loop its way to the broker
and its lines are cut off, its journal's thread is parked before its next call with a side effect, and the files are copied. What it
still does after that, it does to files that nobody looks at any more.
"""

import asyncio
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from config.loader import LoadedSite
from gateway.events import Event
from gateway.journal.trouble import JournalTrouble
from gateway.logs import Log
from gateway.supervisor import Gateway
from tests.faults.shim import DISK, SYNCS, Call, Shim
from tests.faults.simulation.clock import SimulatedClock
from tests.faults.simulation.delivery import held
from tests.faults.simulation.network import Network
from tests.faults.simulation.schedule import Schedule
from tests.faults.simulation.wires import Wires

_RESTART_S = 5.0
"""What systemd waits when it could not be started."""
_BOOT_S = 15.0
_CALL_PATIENCE_S = 20.0


@dataclass(slots=True)
class Confirmed:
    """What gateways said that they had committed, of all lives."""

    ids: set[str] = field(default_factory=set)
    telemetry: set[str] = field(default_factory=set)
    """Of those, the events of devices: on a full disk they may give way, with a gap told."""
    on_disk: set[str] = field(default_factory=set)
    """What else the files held at a death: committed, and nobody was told any more."""


class _Watched(Gateway):
    """Tells what it committed, until it is dead."""

    confirmed: Confirmed
    dead: bool = False

    @property
    def uplink_waits(self) -> bool:
        """The broker owes an answer."""
        return self._wired and self.forwarding.waiting

    @property
    def connected(self) -> bool:
        return self._wired and any(status.connected for status in self.forwarding.statuses())

    def _committed(self, events: Sequence[Event]) -> None:
        if not self.dead:
            self.confirmed.ids.update(event.id for event in events)
            self.confirmed.telemetry.update(event.id for event in events if event.change.kind.subject_class == "device")
        super()._committed(events)

    @property
    def unreleased(self) -> bool:
        return self._wired and self.waiting > 0

    @property
    def settled(self) -> bool:
        """All that was decided is committed."""
        return self._wired and not self.recorder.busy


class Disk:
    """What the journal's thread meets: the shim, and the one bell that it rings when a thread stands."""

    def __init__(self, shim: Shim) -> None:
        self.shim = shim
        self._heard, self._bell = os.pipe2(os.O_NONBLOCK)
        self._sync_s = 0.0
        self._death: asyncio.Future[None] | None = None
        asyncio.get_running_loop().add_reader(self._heard, self._rung)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._heard)
        os.close(self._heard)
        os.close(self._bell)

    def slow(self, sync_s: float) -> None:
        """Each sync takes so long from now on; 0: as usual."""
        self._sync_s = sync_s
        if self._death is None:
            self._arm()

    def _arm(self) -> None:
        self.shim.park(SYNCS if self._sync_s else Call(0), 1, self._bell)

    async def standing_before(self, nth_call: int) -> None:
        """Returns with the thread parked before its n-th call from now; or unparked, where there are not so many for a while."""
        self._death = asyncio.get_running_loop().create_future()
        if self.shim.parked:
            return
        self.shim.park(DISK, nth_call, self._bell)
        await asyncio.wait([self._death], timeout=_CALL_PATIENCE_S)

    def go_on(self) -> None:
        """The thread of a gateway that is dead may end."""
        self._death = None
        self.shim.release()
        self._arm()

    def _rung(self) -> None:
        os.read(self._heard, 64)
        if self._death is not None:
            if not self._death.done():
                self._death.set_result(None)
            return
        asyncio.get_running_loop().call_later(self._sync_s, self._let_go)

    def _let_go(self) -> None:
        if self._death is None:
            self.shim.release()
            self._arm()


class Lives:
    """`run` until cancelled. `gateway` and `network` are those of the present life, None between two."""

    def __init__(self, schedule: Schedule, loaded: LoadedSite, wires: Wires, disk: Disk, folder: Path, broker_port: int, log: Log) -> None:
        self.confirmed = Confirmed()
        self.deaths: list[tuple[float, float]] = []
        """From when to when no gateway ran."""
        self.gateway: _Watched | None = None
        self.network: Network | None = None
        self.journal = folder / "life-0" / "journal.db"
        self._schedule = schedule
        self._loaded = loaded
        self._wires = wires
        self._disk = disk
        self._folder = folder
        self._broker_port = broker_port
        self._log = log
        self._lives = 0
        self._booted_s = 0.0
        self._abandoned: list[asyncio.Task[None]] = []

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def run(self) -> None:
        for kill in (*self._schedule.kills, None):
            running = asyncio.create_task(self._live())
            if kill is None:
                await running
                return
            await asyncio.sleep(max(0.0, kill.at_s - self._now()))
            if kill.nth_call:
                await self._disk.standing_before(kill.nth_call)
            died = self._now()
            self._abandon(running)
            if kill.reboot:
                # The daemon is not the first thing that a machine starts.
                self._booted_s = died + kill.away_s - min(_BOOT_S, kill.away_s / 2)
            await asyncio.sleep(kill.away_s)
            self.deaths.append((died, self._now()))

    async def _live(self) -> None:
        """One process that is started again whenever it can't begin, on the same files."""
        self.journal.parent.mkdir(exist_ok=True)
        self._disk.shim.watch(self.journal.parent)
        clock = SimulatedClock(self._schedule.clock, self._booted_s)
        while True:
            async with Network(self._broker_port, self._schedule.outages, self._wires.street_time) as network:
                random = Random(f"{self._schedule.seed}/gateway/{self._lives}")
                gateway = _Watched(self._site(network.port), clock=clock, log=self._log, random=random, opener=self._wires.opener)
                gateway.confirmed = self.confirmed
                self.gateway, self.network = gateway, network
                # A journal that can't be opened now ends the process, as it should.
                with suppress(JournalTrouble):
                    await gateway.run(asyncio.Event())
            if gateway.dead:
                return
            self._wires.hang_up()
            await asyncio.sleep(_RESTART_S)

    def _site(self, port: int) -> LoadedSite:
        site = self._loaded.site
        journal = site.journal.model_copy(update={"path": self.journal})
        assert site.uplink is not None
        uplink = site.uplink.model_copy(update={"port": port})
        return LoadedSite(
            site.model_copy(update={"journal": journal, "uplink": uplink}), self._loaded.profiles, self._loaded.path, self._loaded.advice
        )

    def _abandon(self, running: asyncio.Task[None]) -> None:
        """From here on it has no effect on anything that is looked at."""
        if self.gateway is not None:
            self.gateway.dead = True
        if self.network is not None:
            self.network.die()
        self._wires.hang_up()
        self._lives += 1
        copy = self._folder / f"life-{self._lives}"
        copy.mkdir()
        for file in self.journal.parent.iterdir():
            if file.is_file():
                shutil.copyfile(file, copy / file.name)
        self.journal = copy / self.journal.name
        self._look(copy)
        self.gateway = self.network = None
        self._disk.shim.watch(copy)
        self._disk.go_on()
        running.cancel()
        self._abandoned.append(running)

    def _look(self, folder: Path) -> None:
        """At a copy: the files that the next life finds must stay what they are."""
        looked = self._folder / "looked-at"
        shutil.copytree(folder, looked)
        with suppress(JournalTrouble):
            self.confirmed.on_disk |= held(looked / self.journal.name, self._loaded.site.gateway).events.keys()
        shutil.rmtree(looked)

    async def buried(self) -> None:
        """Returns once all abandoned gateways have ended."""
        await asyncio.gather(*self._abandoned, return_exceptions=True)
