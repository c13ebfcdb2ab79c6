"""The shell around the detectors: readings come in from the buses, changes go out to the recorder. It owns the ticking.

No `if` about occupancy here: the machines decide, this hands over and counts.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from config.site import Site
from drivers.reading import Reading
from gateway.clock import Clock
from gateway.detection.change import BayChange, Change, DeviceChange, StationChange
from gateway.detection.detectors import Detectors
from gateway.events import Event
from gateway.recorder import Recorder
from gateway.status import Stages

_LISTENER_READINGS_MAX = 10_000
_TICK_MAX_S = 5.0


class Pipeline:
    """Give `feed` to the buses; run `run` beside them."""

    def __init__(self, site: Site, detectors: Detectors, recorder: Recorder, clock: Clock) -> None:
        self.stages: dict[str, Stages] = {device.name: Stages() for device in site.devices}
        self._devices_of = {f"bay/{bay.id}": bay.watched_by for bay in site.bays} | {
            f"station/{station.id}": station.piles for station in site.stations
        }
        self._detectors = detectors
        self._clock = clock
        self._recorder = recorder
        self._listeners: set[asyncio.Queue[Reading]] = set()

    def feed(self, reading: Reading) -> None:
        """One reading of a bus. Never waits."""
        self.stages[reading.device].count(reading)
        for listener in self._listeners:
            if not listener.full():
                listener.put_nowait(reading)
        self._record(self._detectors.feed(reading, reading.t))

    def _record(self, changes: Sequence[Change]) -> None:
        if not changes and not self._detectors.unkept:
            return
        for change in changes:
            for device in self._devices(change):
                self.stages[device].settled += 1
        self._recorder.record(changes)

    def _devices(self, change: Change) -> tuple[str, ...]:
        match change:
            case BayChange(bay=bay):
                return self._devices_of[f"bay/{bay}"]
            case StationChange(station=station):
                return self._devices_of[f"station/{station}"]
            case DeviceChange(device=device):
                return (device,)
            case _:
                return ()

    def journalled(self, events: Sequence[Event]) -> None:
        for event in events:
            for device in self._devices(event.change):
                stage = self.stages[device]
                stage.journalled += 1
                stage.last_sequence = event.sequence

    async def run(self) -> None:
        """Wakes the machines when they want to be woken, until cancelled."""
        while True:
            now = self._clock.monotonic()
            self._record(self._detectors.tick(now))
            due = self._detectors.deadline()
            await asyncio.sleep(_TICK_MAX_S if due is None else min(max(due - now, 0.05), _TICK_MAX_S))

    async def readings(self) -> AsyncIterator[Reading]:
        """Every reading from now on. A listener that does not keep up misses some; the detectors never wait for it."""
        queue: asyncio.Queue[Reading] = asyncio.Queue(_LISTENER_READINGS_MAX)
        self._listeners.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)
