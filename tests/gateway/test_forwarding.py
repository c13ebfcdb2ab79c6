"""What the uplinks ask of the gateway: the present state in pages, a gap told and committed, a new epoch in use."""

import json
from pathlib import Path
from random import Random

import pytest

from config.site import Site
from gateway.clock import SystemClock
from gateway.detection.change import Kept, Occupancy
from gateway.events import Epoch
from gateway.forwarding import Forwarding
from gateway.journal.row import Row
from gateway.status import BayStatus, Snapshot
from gateway.uplink.batches import BYTES_MAX
from gateway.uplink.topics import Upto
from tests.gateway.journal.journals import GATEWAY, opened
from tests.gateway.uplink.uplinks import Lines


def _present(bays: int) -> Snapshot:
    each = [
        BayStatus(
            bay=f"350582-0123-{n:04d}", state=Occupancy.OCCUPIED, likely=Occupancy.OCCUPIED, since="2026-05-01T08:15:02.120Z", session=None
        )
        for n in range(bays)
    ]
    return Snapshot(gateway=GATEWAY, time="2026-05-01T08:15:02.120Z", last_sequence=7, bays=tuple(each), stations=(), devices=())


@pytest.mark.parametrize("bays", [0, 1, 500, 5000])
def test_the_present_state_of_a_large_street_goes_in_pages_that_every_broker_takes(bays: int) -> None:
    pages = _present(bays).pages("bay", BYTES_MAX)
    assert all(len(page.encode()) <= BYTES_MAX for page in pages)
    told = [json.loads(page) for page in pages]
    names = [bay["bay"] for page in told for bay in page["bays"]]
    assert names == [f"350582-0123-{n:04d}" for n in range(bays)]
    assert all(page["billable"] is False for page in told)
    if len(pages) == 1:
        assert "page" not in told[0], "one page is as it always was"
    else:
        assert [(page["page"], page["pages"]) for page in told] == [(n, len(pages)) for n in range(1, len(pages) + 1)]


class Recording:
    """Where the recorder stands: what was recorded, and the epoch in use."""

    def __init__(self) -> None:
        self.mint = self
        self.epoch = Epoch(1, "abcd")
        self.recorded: list[tuple[str, int | None, int]] = []
        self.committed = 0
        self.commands: list[Kept] = []

    def record(self, changes: list[object]) -> None:
        for change in changes:
            self.recorded.append((change.cause, change.first_sequence, self.epoch.number))  # type: ignore[attr-defined]

    async def drained(self) -> None:
        self.committed = len(self.recorded)


async def test_a_gap_and_a_new_epoch_are_told_by_events(tmp_path: Path) -> None:
    site = Site.model_validate(
        {
            "gateway": GATEWAY,
            "buses": [{"name": "b", "line": {"kind": "tcp", "host": "h"}}],
            "devices": [{"name": "d", "bus": "b", "profile": "kerb-pile", "unit": 1}],
            "uplinks": [{"name": "city", "host": "a"}, {"name": "fleet", "host": "b"}],
        }
    )
    recording = Recording()
    async with opened(tmp_path, uplinks=("city", "fleet")) as journal:
        forwarding = Forwarding(site, journal, recording, lambda: _present(2), SystemClock(), Random(1), Lines())  # type: ignore[arg-type]
        assert [uplink.name for uplink in forwarding.uplinks] == ["city", "fleet"]
        assert {message.event_class for message in forwarding.snapshots(60_000)} == {"bay", "station", "device"}
        await forwarding.gap("city", Row(9, "bay", "bay/x", "{}"), "no")
        await forwarding.rolled_back(Upto("g-1/…", 4000, 12))
        assert recording.recorded[0] == ("refused:city", 9, 1)
        assert recording.recorded[1][:2] == ("storage_rollback", None)
        assert recording.recorded[1][2] > 4000, "the alarm itself is of the new epoch already"
        assert recording.committed == 2
