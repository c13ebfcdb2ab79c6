"""What a person sees of a device: also which of its values are left out, why, and for how much longer."""

import json
from pathlib import Path

from config.loader import load_site
from drivers.quarantine import Quarantined
from gateway.clock import TimeQuality
from gateway.detection.detectors import Detectors, Polled
from gateway.minting import Now
from gateway.status import Stages, snapshot
from tests.config.sites import RIGHT, written

HELD = Quarantined(devices=("d1",), table="input", address=40, count=1, code=2, until=130.0)


def test_values_that_are_left_out_stand_at_their_device_with_cause_and_expiry(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, RIGHT)).site
    detectors = Detectors(site, [Polled("d1", 2.0), Polled("d2", 2.0)], 0.0)
    stages = {"d1": Stages(), "d2": Stages()}
    now = Now(monotonic_s=100.0, wall_s=1_767_000_000.0, quality=TimeQuality.SYNCED)
    shown = snapshot("g-1", detectors, stages.items(), (), now, last_sequence=0, acknowledged=0, quarantined=[HELD])
    devices = {each["device"]: each["left_out"] for each in json.loads(shown.body("device"))["devices"]}
    assert devices == {"d1": [{"table": "input", "address": 40, "count": 1, "cause": "refused_2", "for_s": 30.0}], "d2": []}
