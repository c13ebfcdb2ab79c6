"""Brokers that bear small messages only and, in MQTT 3.1.1, can't say so: they close at each one, or take and drop it. Real mosquitto."""

import json
from pathlib import Path

import pytest

from gateway.journal.row import UPLINK
from gateway.uplink.outside import Snapshot
from tests.brokers import mosquitto
from tests.faults.counted import Hasty, consuming, judged
from tests.gateway.uplink.uplinks import Roadside, roadside, towards, until

_OLD = {"mqtt": "3.1.1", "batch": 50}
_EVENTS = 400
"""In a row of one class: a batch of fifty has some ten thousand bytes."""


async def _one_street(street: Roadside) -> None:
    for _ in range(4):
        await street.commit(_EVENTS // 4, subjects=("bay/b",))


async def test_a_broker_that_closes_at_each_large_message_is_sent_small_ones(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker", more=["max_packet_size 2000"]) as broker:
        async with roadside(tmp_path, towards(broker, **_OLD), generator=Hasty()) as street:
            await _one_street(street)
            await street.drained(30)
            assert street.uplink.status().acknowledged == _EVENTS
            assert street.rest.gaps == [], "no event was at fault"
            assert any("smaller" in event for _, event, _ in street.log.lines)


async def test_a_broker_that_takes_large_messages_and_drops_them_is_sent_small_ones(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker", more=["message_size_limit 2000"]) as broker:
        settings = towards(broker, ack="platform", ack_timeout_s=1, **_OLD)
        async with consuming(tmp_path, broker.host, broker.port) as consumer, roadside(tmp_path, settings, generator=Hasty()) as street:
            await until(lambda: street.uplink.status().connected)
            await _one_street(street)
            await street.drained(60)
            verdict = await judged(consumer, street.journal)
            assert (verdict.events, verdict.lost, verdict.doubled, verdict.disordered, verdict.holes) == (_EVENTS, 0, 0, 0, 0)
            assert street.journal.acknowledged_of(UPLINK) == _EVENTS


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_the_present_state_is_told_in_pages_that_the_broker_bears(tmp_path: Path, version: str) -> None:
    bays = [{"bay": f"350582-0123-{number:03}", "state": "occupied", "since": None} for number in range(400)]
    with mosquitto(tmp_path / "broker", more=["max_packet_size 3000"]) as broker:
        present = [Snapshot("bay", json.dumps({"bays": bays}))]
        async with roadside(tmp_path, towards(broker, mqtt=version), generator=Hasty(), present=present) as street:
            await street.commit(3)
            await street.drained(30)
            assert street.uplink.status().connected
