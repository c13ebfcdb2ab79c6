"""Starts everything in order, keeps it running, and stops it in order.

Start: journal, then what it remembers into the machines, then recorder, uplink, buses, local socket. Stop: buses first, so that
nothing new comes; then what was decided is committed; then a short time for the uplink; then the journal is closed. The order
is a courtesy: a SIGKILL anywhere loses nothing that was committed.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from functools import partial
from random import Random
from typing import Any

from config.loader import LoadedSite
from config.site import Line
from drivers.bus import Bus, devices_of
from drivers.capture import Piece
from drivers.links import open_link
from drivers.links.link import Link
from gateway.backlog_watch import BacklogWatch
from gateway.captures import Captures
from gateway.clock import Clock, Stamp
from gateway.clock_watch import ClockWatch
from gateway.dating import Dating
from gateway.detection.change import GatewayChange, Kind
from gateway.detection.detectors import Detectors, Polled
from gateway.events import Event
from gateway.first_words import first_anchors, first_changes
from gateway.forwarding import Forwarding
from gateway.journal.journal import Journal
from gateway.local_socket import serving, socket_path
from gateway.logs import Log
from gateway.pipeline import Pipeline
from gateway.recorder import Recorder, now_of
from gateway.requests import Requests
from gateway.status import Snapshot, snapshot

_COMMIT_S = 3.0
_LAST_WORDS_S = 3.0
_RESTART_S = 5.0
_WATCH_S = 2.0
_STEP_TOLD_S = 0.25


class Gateway:
    """One site, running."""

    def __init__(
        self,
        loaded: LoadedSite,
        *,
        clock: Clock,
        log: Log,
        random: Random | None = None,
        opener: Callable[[Line], Link] = open_link,
        begun: Callable[[], None] = lambda: None,
    ) -> None:
        """`begun` is called once, when all is set up and its tasks are made."""
        self.loaded = loaded
        self.site = loaded.site
        self.clock = clock
        self._log = log
        self._random = random or Random(secrets.randbits(64))
        self._opener = opener
        self._begun = begun
        self.buses: dict[str, Bus] = {}
        self._wired = False
        self.recorder: Recorder
        self.pipeline: Pipeline
        self.detectors: Detectors
        self.forwarding: Forwarding

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. Raises JournalTrouble when the journal can't be opened: without it nothing may be told."""
        uplinks = [uplink.name for uplink in self.site.forwards_to]
        self.journal = await Journal.open(self.site.journal, self.site.gateway, lambda: f"{self._random.randrange(65536):04x}", uplinks)
        try:
            self._wire_up()
            async with AsyncExitStack() as stack:
                socket, requests = socket_path(self.site.journal.path), Requests(self)
                try:
                    await stack.enter_async_context(serving(socket, requests.answer, requests.stream))
                except OSError as why:
                    self._log.warning("no local socket; verbs of the command line can't ask this daemon", path=str(socket), why=str(why))
                await self._run_tasks(stop)
        finally:
            await self.journal.close()

    def _wire_up(self) -> None:
        at = now_of(self.clock)
        now = at.monotonic_s
        devices = {bus.name: devices_of(bus.name, self.site, self.loaded.profiles) for bus in self.site.buses}
        polled = [Polled(device.name, device.poll_s) for members in devices.values() for device in members]
        self.detectors = Detectors(self.site, polled, now)
        self.recorder = Recorder(self.site.gateway, self.detectors, self.journal, self.clock, self._committed, self._log)
        self.recorder.restore(self.journal.resumed)
        self.journal.dating = Dating(self.journal.resumed.anchors, self._stamp)
        self.pipeline = Pipeline(self.site, self.detectors, self.recorder, self.clock)
        resumed = self.journal.resumed
        if resumed.trouble is not None:
            fault = resumed.trouble
            self._log.error("the journal cannot be written yet; events wait in memory", fault=fault.sentence, **fault.values)
        if resumed.quarantined is not None:
            self._log.error("the journal was damaged and set aside; what could be read is kept", set_aside=str(resumed.quarantined))
        for hole in resumed.missing:
            self._log.error("events are missing from the journal", first=hole.first, last=hole.last)
        self.recorder.note(first_anchors(resumed, at))
        self.recorder.record(first_changes(resumed, now))
        captures = Captures(self.site.journal.path.parent / "captures", self.clock, self._log)
        for bus in (each for each in self.site.buses if devices[each.name]):
            self.buses[bus.name] = Bus(
                bus.name,
                bus.line,
                devices[bus.name],
                emit=self.pipeline.feed,
                open_link=self._opener,
                random=self._random,
                log=self._log,
                on_fault=captures.on_fault(bus.name, partial(self._captured, bus.name)),
            )
        self.forwarding = Forwarding(self.site, self.journal, self.recorder, self.snapshot, self.clock, self._random, self._log)
        self._wired = True

    def _captured(self, bus: str) -> tuple[Piece, ...]:
        return self.buses[bus].capture.pieces()

    async def _run_tasks(self, stop: asyncio.Event) -> None:
        """Each task is kept running by itself: a fault in one bus must not end the others."""
        running = [self._kept(f"bus {name}", bus.run) for name, bus in self.buses.items()]
        running += [
            self._kept("detectors", self.pipeline.run),
            self._kept("checkpoint", self._checkpoints),
            self._kept("watch", self._watch),
        ]
        recorder = asyncio.create_task(self._kept("recorder", self.recorder.run))
        uplinks = [asyncio.create_task(self._kept(name, run)) for name, run in self.forwarding.runs()]
        tasks = [asyncio.create_task(each) for each in running]
        loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
        self._log.info("started", gateway=self.site.gateway, buses=len(self.buses), devices=len(self.site.devices), loop=loop)
        self._begun()
        try:
            await stop.wait()
        finally:
            self._log.info("stopping")
            await _cancelled(tasks)
            self.recorder.checkpoint()
            await _within(_COMMIT_S, self.recorder.drained())
            await self.forwarding.drained(_LAST_WORDS_S)
            await _cancelled(uplinks)
            await _cancelled([recorder])
            self._log.info("stopped", not_committed=self.recorder.waiting)

    async def _kept(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await run()
            except Exception as fault:  # Whatever it was, a programmer's error in one part must not end the rest.
                self._log.error("a part failed and is started again", part=name, why=repr(fault), exc_info=True)
            await asyncio.sleep(_RESTART_S)

    @property
    def outstanding(self) -> bool:
        """Whether the disk or the broker owes us an answer: a test in virtual time holds its clock meanwhile."""
        return self._wired and (self.recorder.busy or self.forwarding.waiting)

    @property
    def waiting(self) -> int:
        """Events that are in the journal and not released."""
        return self.journal.last_sequence - self.journal.acknowledged

    async def _checkpoints(self) -> None:
        while True:
            await asyncio.sleep(self.site.journal.checkpoint_s)
            self.recorder.checkpoint()

    async def _watch(self) -> None:
        """The clock and the backlog: what they do becomes events too."""
        clock, backlog = ClockWatch(self._stamp()), BacklogWatch()
        while True:
            await asyncio.sleep(_WATCH_S)
            now = self.clock.monotonic()
            changes = backlog.feed(self.waiting, now)
            if (found := clock.feed(self._stamp())) is not None:
                self.recorder.note([found.anchor])
                if found.cause is not None and abs(found.step_s) >= _STEP_TOLD_S:
                    self._log.info("the wall clock was set", step_s=round(found.step_s, 3), why=found.cause)
                    changes.append(
                        GatewayChange(kind=Kind.GATEWAY_CLOCK_STEP, onset_s=now, confirmed_s=now, cause=found.cause, step_s=found.step_s)
                    )
            if changes:
                self.recorder.record(changes)
            if self.journal.dating is not None and self.journal.dating.holding:
                self._notify()

    def _stamp(self) -> Stamp:
        clock = self.clock
        return Stamp(clock.boot_id(), clock.since_boot_ns(), round(clock.wall() * 1e9), clock.quality())

    def _committed(self, events: Sequence[Event]) -> None:
        self.pipeline.journalled(events)
        self._notify()

    def _notify(self) -> None:
        self.forwarding.notify()

    def snapshot(self, *, local: bool = False) -> Snapshot:
        """With what is for those who stand before the gateway, if asked for: percentiles and ailments of every device take their ms."""
        now = now_of(self.clock)
        return snapshot(
            self.site.gateway,
            self.detectors,
            self.pipeline.stages.items(),
            ((bay.id, self.recorder.mint.session(bay.id)) for bay in self.site.bays),
            now,
            last_sequence=self.recorder.mint.next_sequence - 1,
            acknowledged=self.journal.acknowledged,
            quarantined=[each for bus in self.buses.values() for each in bus.left_out(now.monotonic_s)],
            counters=[bus.counters() for bus in self.buses.values()] if local else (),
            work=self.detectors.work_list() if local else (),
        )


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _within(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError:
        pass  # What was not done in time is in the journal, or will be decided again by the next start.
