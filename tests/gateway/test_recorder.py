"""From changes to commits: order, retries while the disk refuses, and what happens at the bound."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from config.site import Bay, BayDetection, Site, StationDetection
from config.site import Journal as Settings
from gateway import recorder as room
from gateway.clock import ShiftedClock
from gateway.detection.change import BayChange, Change, DeviceChange, GatewayChange, Kind, Occupancy, Reason
from gateway.detection.detectors import Detectors, Polled
from gateway.events import Epoch, Event
from gateway.journal.journal import Journal
from gateway.journal.row import Batch, Gap, Resumed
from gateway.journal.trouble import JournalTrouble
from gateway.logs import begin
from gateway.recorder import Recorder

SITE = Site.model_construct(
    gateway="g",
    buses=(),
    devices=(),
    bays=(Bay(id="b1", device="d1"),),
    stations=(),
    operators=(),
    detection=BayDetection(),
    station_detection=StationDetection(),
)


def change(number: int) -> BayChange:
    arrived = number % 2 == 0
    return BayChange(
        bay="b1",
        kind=Kind.PARK_START if arrived else Kind.PARK_END,
        state=Occupancy.OCCUPIED if arrived else Occupancy.VACANT,
        previous=Occupancy.VACANT if arrived else Occupancy.OCCUPIED,
        onset_s=float(number),
        confirmed_s=number + 3.0,
        confidence=0.9,
        reason=Reason.LEVEL,
    )


@dataclass
class RefusingDisk:
    """A real journal behind a disk that refuses the first so many commits."""

    journal: Journal
    refusals: int
    batches: list[Batch] = field(default_factory=list)

    @property
    def resumed(self) -> Resumed:
        return self.journal.resumed

    @property
    def epoch(self) -> Epoch:
        return self.journal.epoch

    def take_gaps(self) -> tuple[Gap, ...]:
        return self.journal.take_gaps()

    async def append(self, batch: Batch) -> None:
        if self.refusals:
            self.refusals -= 1
            raise JournalTrouble("journal.disk_full", path="/journal.db")
        await self.journal.append(batch)
        self.batches.append(batch)


async def opened(folder: Path) -> Journal:
    return await Journal.open(Settings(path=folder / "journal.db"), "g", lambda: "9f3a")


def recorder(disk: RefusingDisk, told: list[Event]) -> Recorder:
    clock = ShiftedClock(1_777_593_600.0)
    detectors = Detectors(SITE, [Polled("d1", 1.0)], clock.monotonic())
    return Recorder("g", detectors, cast("Journal", disk), clock, told.extend, begin(50))


@pytest.mark.looptime
async def test_what_a_disk_refuses_is_asked_again_in_order_and_told_only_then(tmp_path: Path) -> None:
    disk, told = RefusingDisk(await opened(tmp_path), refusals=3), list[Event]()
    recording = recorder(disk, told)
    running = asyncio.create_task(recording.run())
    recording.record([change(0)])
    await asyncio.sleep(1)
    recording.record([change(1)])
    assert told == []
    assert recording.waiting == 2
    assert str(recording.trouble) != "None"
    await recording.drained()
    assert [event.sequence for event in told] == [1, 2]
    assert recording.trouble is None
    rows = await disk.journal.after(0, 10)
    assert [row.sequence for row in rows] == [1, 2]
    running.cancel()
    await disk.journal.close()


@pytest.mark.looptime
async def test_an_event_and_the_state_it_leads_to_are_one_commit(tmp_path: Path) -> None:
    disk, told = RefusingDisk(await opened(tmp_path), refusals=0), list[Event]()
    recording = recorder(disk, told)
    running = asyncio.create_task(recording.run())
    recording.record([change(0)])
    await recording.drained()
    (batch,) = disk.batches
    assert [row.sequence for row in batch.rows] == [1]
    assert {kept.subject for kept in batch.states} == {"bay/b1", "mint/b1"}
    running.cancel()
    await disk.journal.close()


@pytest.mark.looptime
async def test_beyond_the_bound_changes_are_counted_and_told_as_one_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "QUEUE_EVENTS_MAX", 4)
    disk, told = RefusingDisk(await opened(tmp_path), refusals=2), list[Event]()
    recording = recorder(disk, told)
    running = asyncio.create_task(recording.run())
    changes: list[Change] = [change(number) for number in range(7)]
    recording.record(changes)
    await recording.drained()
    recording.record([change(8)])
    await recording.drained()
    assert [event.change.kind for event in told[4:]] == [Kind.GATEWAY_GAP, Kind.PARK_START]
    body = json.loads((await disk.journal.after(4, 1))[0].body)
    assert (body["type"], body["data"]["cause"], body["data"]["count"]) == ("kerbgate.gateway.gap", "storage_full", 3)
    assert [event.sequence for event in told] == [1, 2, 3, 4, 5, 6]
    running.cancel()
    await disk.journal.close()


@pytest.mark.looptime
async def test_from_half_the_bound_on_telemetry_gives_way_and_a_gap_accounts_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "QUEUE_EVENTS_MAX", 8)
    disk, told = RefusingDisk(await opened(tmp_path), refusals=2), list[Event]()
    recording = recorder(disk, told)
    running = asyncio.create_task(recording.run())
    fault = DeviceChange(device="d1", kind=Kind.DEVICE_FAULT, cause="no_answer", onset_s=0.0, confirmed_s=1.0)
    for number in range(3):
        recording.record([fault, change(number)])
    assert recording.waiting == 5, "two faults of the device, and three changes of the bay"
    recording.record([change(number) for number in (3, 4)])
    await recording.drained()
    recording.record([change(5)])
    await recording.drained()
    bays = [event.change for event in told if isinstance(event.change, BayChange)]
    assert bays == [change(number) for number in range(6)], "no bay gives way to a device"
    assert [event.change.kind for event in told if not isinstance(event.change, BayChange)] == [Kind.DEVICE_FAULT] * 2 + [Kind.GATEWAY_GAP]
    gap = next(event.change for event in told if isinstance(event.change, GatewayChange))
    assert (gap.cause, gap.count) == ("storage_full", 1)
    running.cancel()
    await disk.journal.close()


async def test_a_state_that_cannot_be_read_is_left_out_and_the_rest_is_taken(tmp_path: Path) -> None:
    journal = await opened(tmp_path)
    disk, told = RefusingDisk(journal, refusals=0), list[Event]()
    first = recorder(disk, told)
    running = asyncio.create_task(first.run())
    first.record([change(0)])
    await first.drained()
    running.cancel()
    states = disk.batches[0].states
    broken = tuple(kept if kept.subject.startswith("mint/") else type(kept)(kept.subject, "nonsense") for kept in states)
    again = recorder(disk, told)
    again.restore(Resumed(journal.resumed.epoch, 2, 0, broken))
    assert again.mint.session("b1") == told[0].id
    await journal.close()
