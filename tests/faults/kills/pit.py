"""One daemon after another on one journal, before a real broker and a simulated street, each killed at a point that was chosen."""

import asyncio
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from config.profile import Title
from simulators.layout import Carried, LineKind, LinePlan, Model
from simulators.plan import Cars, Span
from simulators.ports import TcpPort
from simulators.scenario import Scenario
from simulators.stand import Stand
from simulators.street import TruthEvent
from tests.brokers import Mosquitto
from tests.faults.kills.points import RANDOM, Needs, Point
from tests.faults.simulation.delivery import held
from tests.faults.simulation.platform import Platform

GATEWAY = "kills"
_POLL_S = 0.15
_LIFE_S = 3.0
"""A point that was not reached by then is a random moment instead."""
_LAST_LIFE_S = 16.0
"""What happens once this daemon knows the bays is seen well, some of it; in three seconds it knew them just before its end."""
_APPLICATION_ID_AT = 68


def scenario(seed: int) -> Scenario:
    """Cars that come and go every few seconds, and detectors that decide by themselves. What stands still for less than a daemon that
    has just started needs to know it would be seen or not, as it happens."""
    return Scenario(
        title=Title(en="Many cars in little time", zh="短时间内大量车辆"),
        seed=seed,
        cars=Cars(
            stay=Span(typical_s=8.0, spread=0.3, shortest_s=6.0),
            gap=Span(typical_s=8.0, spread=0.3, shortest_s=6.0),
            first_move_s=1.0,
            slowest_move_s=1.0,
            drive_overs_per_h=0,
            buses_per_h=0,
        ),
        lines=(LinePlan(name="studs", kind=LineKind.RTU_OVER_TCP, baud=115200, carries=(Carried(model=Model.M77, unit=1, bays=2),)),),
    )


@dataclass(slots=True)
class Dug:
    """What a pit has seen, in street time."""

    hits: Counter[str] = field(default_factory=Counter)
    deaths: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    """When a detector was asked: what a daemon sees, it sees then."""
    truth: tuple[TruthEvent, ...] = ()
    ended_s: float = 0.0
    damaged: int = 0


class Pit:
    def __init__(self, folder: Path, env: dict[str, str], seed: int) -> None:
        self.journal = folder / "journal.db"
        self.dug = Dug()
        self._folder = folder
        self._env = env
        self._random = Random(f"{seed}/kills")
        self._seed = seed
        self._zygote: asyncio.subprocess.Process
        self._stand: Stand
        self.platform: Platform

    @asynccontextmanager
    async def open(self, broker: Mosquitto) -> AsyncIterator["Pit"]:
        self.platform = Platform(broker, GATEWAY)
        async with Stand(scenario(self._seed), self._folder) as self._stand:
            self._note_polls()
            site = self._folder / "site.yaml"
            text = self._stand.site_yaml("127.0.0.1", broker.port, self.journal, GATEWAY, "platform")
            text = text.replace("unit: 1,", f"unit: 1, poll_s: {_POLL_S},")
            site.write_text(text + "\ndetection: {dwell_s: 0, silent_s: 30}\n", "utf-8")
            listening = asyncio.create_task(self.platform.run())
            self._zygote = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.kills.zygote", str(site), stdin=-1, stdout=-1, env=self._env
            )
            try:
                yield self
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
                if self._zygote.returncode is None:
                    self._zygote.kill()
                await self._zygote.wait()

    async def kill(self, point: Point | None) -> bool:
        """One life. None: killed at a random moment. Whether it died where it was meant to."""
        if point is not None and point.needs is Needs.NO_JOURNAL:
            await self._kill_first_start(point)
            return True
        if point is not None and point.needs is Needs.DAMAGE:
            await self._stopped_in_order()
            self._damage()
        nth = 0 if point is None else self._random.randint(1, point.most)
        pid, ended = await self._start(point, nth)
        patience = self._random.uniform(0.0, 1.0) if point is None else _LIFE_S
        if point is not None and point.needs is Needs.STOP:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(ended), self._random.uniform(0.2, 0.8))
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(ended), patience)
        by_itself = ended.done()
        if not by_itself:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        status = await ended
        self.dug.deaths.append(self._stand.street_time())
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, f"a daemon ended with {status}"
        if os.WIFSIGNALED(status):
            self.dug.hits[point.name if point is not None and by_itself else RANDOM] += 1
        return os.WIFSIGNALED(status) and (point is None or by_itself)

    async def _kill_first_start(self, point: Point) -> None:
        """On a journal of its own, for there is only one first start; what comes behind it must find it well."""
        folder = self._folder / f"first-{self.dug.hits[point.name]}"
        folder.mkdir(exist_ok=True)
        _, ended = await self._start(point, self._random.randint(1, point.most), folder)
        await asyncio.wait([ended], timeout=_LIFE_S)
        if not ended.done():
            raise AssertionError(f"a first start lived through: {point.name}")
        assert os.WIFSIGNALED(await ended)
        pid, ended = await self._start(None, 0, folder)
        await asyncio.sleep(0.3)
        os.kill(pid, signal.SIGTERM)
        assert await ended == 0, f"no start behind a first one that was killed: {point.name}"
        found = held(folder / self.journal.name, GATEWAY)
        assert not found.faults, found.faults
        assert {int(event["sequence"]) for event in found.events.values()} == set(range(1, len(found.events) + 1))
        assert found.events
        shutil.rmtree(folder)
        self.dug.hits[point.name] += 1

    async def drained(self, patience_s: float = 60.0) -> None:
        """A last life, at peace, until the platform has everything; then it is stopped in order."""
        pid, ended = await self._start(None, 0)
        await asyncio.sleep(_LAST_LIFE_S)
        end = asyncio.get_running_loop().time() + patience_s
        last, still = -1, 0
        while still < 10 and asyncio.get_running_loop().time() < end:
            still = still + 1 if self.platform.upto == last else 0
            last = self.platform.upto
            await asyncio.sleep(0.1)
        self.dug.ended_s = self._stand.street_time()
        os.kill(pid, signal.SIGTERM)
        assert await ended == 0, "the last daemon did not stop in order"
        await asyncio.sleep(0.5)
        self.dug.truth = self._stand.truth(self.dug.ended_s + 10.0)

    def street_time(self) -> float:
        return self._stand.street_time()

    def _note_polls(self) -> None:
        port = self._stand._ports["studs"]
        assert isinstance(port, TcpPort)
        answers = port.line.answers

        def noted(unit: int, t: float) -> float | None:
            self.dug.polls.append(t)
            return answers(unit, t)

        port.line.answers = noted

    async def _stopped_in_order(self) -> None:
        pid, ended = await self._start(None, 0)
        await asyncio.sleep(0.3)
        os.kill(pid, signal.SIGTERM)
        assert await ended == 0
        self.dug.deaths.append(self._stand.street_time())

    def _damage(self) -> None:
        """Its mark is wrong: everything in it can be read, and it must be set aside."""
        with self.journal.open("r+b") as file:
            file.seek(_APPLICATION_ID_AT)
            file.write(b"\0\0\0\0")
        self.dug.damaged += 1

    async def _start(self, point: Point | None, nth: int, folder: Path | None = None) -> tuple[int, "asyncio.Future[int]"]:
        """Its pid, and the wait status that will come."""
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        kinds, after = (0, 0) if point is None else (int(point.kinds), int(point.after))
        self._zygote.stdin.write(f"{kinds} {nth} {after} {folder or self._folder}\n".encode())
        pid = int(await self._zygote.stdout.readline())
        return pid, asyncio.ensure_future(self._ended(self._zygote.stdout))

    @staticmethod
    async def _ended(said: asyncio.StreamReader) -> int:
        return int(await said.readline())


def plan(kills: int, points: Sequence[Point], random: Random) -> list[Point | None]:
    """Every point as often as the others, and as often a random moment."""
    each = -(-kills // (len(points) + 1))
    lives = [point for point in (*points, None) for _ in range(each)]
    random.shuffle(lives)
    return lives
