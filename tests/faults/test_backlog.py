"""A long absence in short form: the state first, then the backlog in order, in little memory. Figures: `tests.benchmarks.drain`."""

import asyncio
import json
from pathlib import Path

from gateway.uplink.client import Snapshot
from tests.benchmarks import polls_while_draining
from tests.benchmarks.drain import rss_kib
from tests.brokers import mosquitto, subscribed
from tests.faults import long_absence
from tests.gateway.journal.journals import GATEWAY
from tests.gateway.uplink.uplinks import roadside, towards, until

_EVENTS = 10_000
_ROOM_KIB = 16 * 1024


async def test_after_a_long_absence_the_present_state_is_there_at_once_and_the_log_follows_in_order(tmp_path: Path) -> None:
    state = json.dumps({"bays": [{"bay": str(number), "state": "occupied"} for number in range(500)]})
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker), running=False) as street:
            street.rest.present[:] = [Snapshot("bay", state)]
            for _ in range(10):
                await street.commit(_EVENTS // 10)
            async with subscribed(broker, f"kerb/v1/{GATEWAY}/#") as subscriber:
                loop = asyncio.get_running_loop()
                before, began = rss_kib(), loop.time()
                task = asyncio.create_task(street.uplink.run())
                assert (await subscriber.message()).topic.endswith("/state")
                told = await subscriber.message()
                assert (told.topic, told.payload) == (f"kerb/v1/{GATEWAY}/snap/bay", state)
                assert loop.time() - began < 5.0
                numbers = [int(json.loads(each.payload)["sequence"]) for each in await subscriber.take(_EVENTS)]
                await street.drained()
                assert numbers == list(range(1, _EVENTS + 1))
                assert rss_kib() - before < _ROOM_KIB
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


async def test_while_the_log_is_behind_the_state_is_told_again(tmp_path: Path) -> None:
    """A slow rate holds the log back; what happens meanwhile is seen in the state, not after an hour of backlog."""
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker, rate_per_s=1, batch=1), running=False) as street:
            street.rest.present[:] = [Snapshot("bay", '{"then":1}')]
            await street.commit(100)
            async with subscribed(broker, f"kerb/v1/{GATEWAY}/snap/bay") as subscriber:
                task = asyncio.create_task(street.uplink.run())
                assert (await subscriber.message()).payload == '{"then":1}'
                await until(lambda: street.uplink.status().connected)
                street.rest.present[:] = [Snapshot("bay", '{"now":1}')]
                await street.commit(1)
                assert (await subscriber.message(8.0)).payload == '{"now":1}'
                assert street.uplink.status().acknowledged < 50
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


def test_polls_begin_in_time_while_a_backlog_drains_in_the_same_process() -> None:
    """Generous: a shared machine delays anything by tens of ms now and then. Figures: `docs/benchmarks.md`."""
    rows = polls_while_draining.run(_EVENTS, seconds=2.0)
    print(*rows, sep="\n")
    for (before, during), more_ms in ((rows[0:2], 10.0), (rows[2:4], 100.0)):
        assert during.sent > 500
        assert min(before.polls, during.polls) > 20
        assert during.p50_ms < before.p50_ms + more_ms
        assert during.p99_ms < before.p99_ms + 10 * more_ms


def test_hours_without_a_network_cost_no_poll_no_event_and_little_memory() -> None:
    """Three days and 100,000 events: `python -m tests.faults.long_absence`."""
    absence = long_absence.run(hours=6, events=3000)
    print(absence)
    assert absence.in_order
    assert absence.events > 3000
    # A poll that begins before the end may be answered behind it; the street has no faults.
    assert absence.polls_answered >= absence.polls_due - 10
    assert 0.0 <= absence.state_s < 5.0
    assert absence.grown_mib < 16.0
