"""The gateway killed by SIGKILL at twenty random moments of an hour: after deduplication by id, nothing lost, invented or disordered."""

import asyncio
import json
import struct
import sys
import time
from collections import defaultdict
from pathlib import Path
from random import Random

from simulators.scenario import load_scenario
from simulators.street import Street
from tests.brokers import Mosquitto
from tests.end_to_end.oracle import judge, told
from tests.end_to_end.street_hour import SETTLED_S, WALL_AT_ZERO_S, Platform, facts
from tests.end_to_end.street_process import SCENARIO

HOUR_S = 3600.0
KILLS = 20
_LONGEST_S = 300.0


async def _process(folder: Path, port: int, start_s: float) -> asyncio.subprocess.Process:
    arguments = (str(folder), str(port), str(start_s), str(HOUR_S))
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.end_to_end.street_process", *arguments)


async def _until(now: Path, target_s: float, process: asyncio.subprocess.Process) -> float:
    """Waits for the street time; returns it. Fails when the process ends before."""
    end = time.monotonic() + _LONGEST_S
    while (reached := struct.unpack("<d", now.read_bytes())[0]) < target_s:
        assert process.returncode is None, f"it ended by itself with {process.returncode} at {reached}"
        assert time.monotonic() < end, f"it hangs at {reached}"
        await asyncio.sleep(0.002)
    assert isinstance(reached, float)
    return reached


async def test_twenty_kills_of_the_daemon_lose_and_invent_nothing(tmp_path: Path) -> None:
    random = Random(20)
    moments = sorted(random.uniform(30, HOUR_S - 90) for _ in range(KILLS))
    now = tmp_path / "now"
    now.write_bytes(struct.pack("<d", 0.0))
    broker = Mosquitto(tmp_path / "broker")
    broker.start()
    platform = Platform(broker)
    listening = asyncio.create_task(platform.run())
    try:
        start_s = 0.0
        for moment in moments:
            process = await _process(tmp_path, broker.port, start_s)
            await _until(now, moment, process)
            await asyncio.sleep(random.uniform(0, 0.02))
            process.kill()
            await process.wait()
            start_s = struct.unpack("<d", now.read_bytes())[0] + random.uniform(1, 6)
        process = await _process(tmp_path, broker.port, start_s)
        assert await asyncio.wait_for(process.wait(), _LONGEST_S) == 0
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        broker.stop()
    scenario = load_scenario(SCENARIO)
    truth = Street(scenario.seed, scenario.plan()).truth(HOUR_S - SETTLED_S)
    verdict = judge(facts(truth), told(platform.received), WALL_AT_ZERO_S + HOUR_S - SETTLED_S)
    identifiers = [json.loads(body)["id"] for body in platform.received]
    print(f"{verdict}; {len(identifiers)} messages, {len(identifiers) - len(set(identifiers))} of them again")
    assert verdict.good, str(verdict)
    epochs = {identifier.split("/")[1] for identifier in identifiers}
    assert KILLS // 2 < len(epochs) <= KILLS + 1, "each start is an epoch of its own; one killed at once may have told nothing"
    facts_of_id: dict[str, set[str]] = defaultdict(set)
    for body in platform.received:
        event = json.loads(body)
        event["data"].pop("replayed", None)
        facts_of_id[event["id"]].add(json.dumps(event))
    assert all(len(each) == 1 for each in facts_of_id.values()), "an id means the same event whenever it comes"
    sequences = {int(identifier.rpartition("/")[2]) for identifier in identifiers}
    assert sequences == set(range(1, len(sequences) + 1)), "no number is missing, and none was used for two events"
    assert len(sequences) == len(facts_of_id)
