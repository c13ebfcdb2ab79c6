"""The recorder over a real journal, given real changes of bays: the way of an event from the detectors to the disk."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.site import Bay, BayDetection, Site, StationDetection
from drivers.reading import Reading
from gateway.clock import Clock
from gateway.detection.change import BayChange, Evidence, Kind, Occupancy, Reason
from gateway.detection.detectors import Detectors, Polled
from gateway.events import Event
from gateway.journal.journal import Journal
from gateway.logs import begin
from gateway.recorder import Recorder
from tests.gateway.journal.journals import GATEWAY, salt, settings

BAYS = 40
SITE = Site.model_construct(
    gateway=GATEWAY,
    buses=(),
    devices=(),
    bays=tuple(Bay(id=f"350582-0123-{number:03}", device=f"geo-{number:02}") for number in range(BAYS)),
    stations=(),
    operators=(),
    detection=BayDetection(),
    station_detection=StationDetection(),
)


def change(number: int, now: float) -> BayChange:
    """Of one bay after the other, with all that a real one carries."""
    arrived = number // BAYS % 2 == 0
    wobble = number * 37 % 1000 / 100
    return BayChange(
        bay=SITE.bays[number % BAYS].id,
        kind=Kind.PARK_START if arrived else Kind.PARK_END,
        state=Occupancy.OCCUPIED if arrived else Occupancy.VACANT,
        previous=Occupancy.VACANT if arrived else Occupancy.OCCUPIED,
        onset_s=now - 6.12,
        confirmed_s=now,
        confidence=0.9 + wobble / 100,
        reason=Reason.LEVEL,
        evidence=Evidence(
            delta_ut=(12.1 + wobble, -3.04, 8.8 - wobble), baseline_ut=(36.4, -2.9 + wobble, 28.3), temperature_c=21.5, readings=9
        ),
    )


@dataclass(slots=True)
class Recording:
    recorder: Recorder
    journal: Journal
    told: list[Event] = field(default_factory=list)


@asynccontextmanager
async def recording(folder: Path, clock: Clock, max_mb: int = 8) -> AsyncIterator[Recording]:
    """Every bay has settled, so that its kept state is a whole one."""
    journal = await Journal.open(settings(folder, max_mb), GATEWAY, salt)
    now = clock.monotonic()
    detectors = Detectors(SITE, [Polled(bay.watched_by[0], 1.0) for bay in SITE.bays], now - 30)
    for second in range(20):
        for number, bay in enumerate(SITE.bays):
            at = now - 30 + second
            x, z = 30.0 + number / 7 + second % 3 / 10, 28.0 + second % 2 / 10
            detectors.feed(Reading(device=bay.watched_by[0], t=at, x_ut=x, y_ut=-3.1, z_ut=z), at)
    told: list[Event] = []

    def committed(events: Sequence[Event]) -> None:
        told.extend(events)

    recorder = Recorder(GATEWAY, detectors, journal, clock, committed, begin(50))
    running = asyncio.create_task(recorder.run())
    try:
        yield Recording(recorder, journal, told)
    finally:
        running.cancel()
        await journal.close()
