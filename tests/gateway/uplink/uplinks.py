"""An uplink beside a journal of its own, for tests with a real broker."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from config.site import Uplink as Settings
from gateway.clock import SystemClock
from gateway.detection.change import Kept
from gateway.journal.journal import Journal
from gateway.journal.row import Batch, Row
from gateway.uplink.client import Snapshot, Uplink
from gateway.uplink.outside import Result
from gateway.uplink.topics import Upto
from tests.gateway.journal.journals import GATEWAY, gap, opened, row, salt
from tests.gateway.journal.journals import settings as journal_settings

_SUBJECTS = ("bay/b1", "bay/b2", "station/s1", "device/d1")
_EMPTY = (Snapshot("bay", '{"bays":[]}'), Snapshot("station", '{"stations":[]}'))


@dataclass(slots=True)
class Lines:
    """A log that remembers."""

    lines: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)

    def debug(self, event: str, /, **values: object) -> None:
        self.lines.append(("debug", event, values))

    def info(self, event: str, /, **values: object) -> None:
        self.lines.append(("info", event, values))

    def warning(self, event: str, /, **values: object) -> None:
        self.lines.append(("warning", event, values))

    def error(self, event: str, /, **values: object) -> None:
        self.lines.append(("error", event, values))

    def warnings(self) -> list[str]:
        """The sentence of each, or why."""
        return [str(values.get("fault", values.get("why", event))) for level, event, values in self.lines if level == "warning"]


def _pages(snapshot: Snapshot, octets: int) -> list[Snapshot]:
    """Each with a part of its bays."""
    if len(snapshot.body) <= octets:
        return [snapshot]
    bays = json.loads(snapshot.body)["bays"]
    most = max(1, len(bays) * octets // (len(snapshot.body) + 1))
    parts = [bays[at : at + most] for at in range(0, len(bays), most)]
    return [Snapshot(snapshot.event_class, json.dumps({"bays": part}), page) for page, part in enumerate(parts, 1)]


@dataclass(slots=True)
class Rest:
    """Stands where the rest of the gateway does. `present` may be changed."""

    journal: Journal
    present: list[Snapshot]
    gaps: list[tuple[str, int, str]] = field(default_factory=list)
    forgotten: list[Upto] = field(default_factory=list)
    committed: Callable[[], None] = lambda: None
    kept: list[Kept] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def snapshots(self, octets: int) -> list[Snapshot]:
        return [page for each in self.present for page in _pages(each, octets)]

    async def gap(self, uplink: str, row: Row, why: str) -> None:
        self.gaps.append((uplink, row.sequence, why))
        await self.journal.append(Batch((gap(self.journal.last_sequence + 1, row.sequence, row.sequence),), ()))
        self.committed()

    async def rolled_back(self, has: Upto) -> None:
        self.forgotten.append(has)
        await self.journal.new_epoch(has.epoch)

    def keep(self, kept: Kept) -> None:
        self.kept.append(kept)

    def command_ended(self, result: Result, kept: Kept) -> None:
        self.results.append(result)
        self.kept.append(kept)


@dataclass(slots=True)
class Roadside:
    """What stands at the roadside: journal and uplink."""

    journal: Journal
    uplink: Uplink
    log: Lines
    rest: Rest

    async def commit(self, count: int, *, epoch: str | None = None, subjects: Sequence[str] = _SUBJECTS) -> None:
        """Events in turn about four subjects, in one commit."""
        first = self.journal.last_sequence + 1
        rows = tuple(row(number, subjects[number % len(subjects)]) for number in range(first, first + count))
        if epoch is not None:
            rows = tuple(replace(each, body=each.body.replace("0000000001-abcd", epoch)) for each in rows)
        await self.journal.append(Batch(rows, ()))
        self.uplink.notify()

    async def drained(self, timeout_s: float = 20.0) -> None:
        async with asyncio.timeout(timeout_s):
            await self.uplink.drained()

    async def troubled(self, sentence: str, timeout_s: float = 15.0) -> dict[str, str | int]:
        """Waits for this trouble; what fills its sentence in."""
        await until(lambda: (found := self.uplink.status().last_trouble) is not None and found.sentence == sentence, timeout_s)
        trouble = self.uplink.status().last_trouble
        assert trouble is not None
        return trouble.values


async def until(condition: Callable[[], bool], timeout_s: float = 15.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  # what is waited for is in another process
            await asyncio.sleep(0.01)


class Reachable(Protocol):
    """A broker, or what stands before one."""

    host: str
    port: int


def towards(broker: Reachable, **more: Any) -> Settings:
    return Settings.model_validate({"host": broker.host, "port": broker.port, "reconnect_max_s": 1, "rate_per_s": 0} | more)


@asynccontextmanager
async def roadside(
    folder: Path, settings: Settings, *, running: bool = True, generator: random.Random | None = None, present: Sequence[Snapshot] = _EMPTY
) -> AsyncIterator[Roadside]:
    async with opened(folder) as journal:
        log, rest = Lines(), Rest(journal, list(present))
        uplink = Uplink(settings, GATEWAY, journal, rest, SystemClock(), generator or random.Random(1), log)
        rest.committed = uplink.notify
        task = asyncio.create_task(uplink.run()) if running else None
        try:
            yield Roadside(journal, uplink, log, rest)
        finally:
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


@dataclass(slots=True)
class Several:
    """Several uplinks on one journal."""

    journal: Journal
    uplinks: list[Uplink]

    async def commit(self, count: int) -> None:
        first = self.journal.last_sequence + 1
        await self.journal.append(Batch(tuple(row(number) for number in range(first, first + count)), ()))
        for uplink in self.uplinks:
            uplink.notify()

    def acknowledged(self) -> dict[str, int]:
        return {uplink.name: uplink.status().acknowledged for uplink in self.uplinks}


@asynccontextmanager
async def several(folder: Path, settings: Sequence[Settings]) -> AsyncIterator[Several]:
    journal = await Journal.open(journal_settings(folder), GATEWAY, salt, [each.name for each in settings])
    rest = Rest(journal, [])
    uplinks = [Uplink(each, GATEWAY, journal, rest, SystemClock(), random.Random(1), Lines()) for each in settings]
    tasks = [asyncio.create_task(uplink.run()) for uplink in uplinks]
    try:
        yield Several(journal, uplinks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await journal.close()
