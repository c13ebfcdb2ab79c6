"""An hour of a street, from the wires to a real broker, in virtual time: every arrival and departure told once, in order, nothing else.

The wires are loopback sockets, the broker is a mosquitto in a process of its own, the journal is a real file.
"""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator

from simulators.scenario import load_scenario
from tests.brokers import Mosquitto
from tests.end_to_end.oracle import judge, told
from tests.end_to_end.street_hour import SETTLED_S, WALL_AT_ZERO_S, Hour, StreetRun, bodies
from tests.programs import program
from tests.virtual_time import run_virtual

HOUR_S = 3600.0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path / "broker")
    mosquitto.start()
    yield mosquitto
    mosquitto.stop()


def judged(folder: Path, broker: Mosquitto, outages: Sequence[tuple[float, float]] = ()) -> list[bytes]:
    """Runs the hour, judges what came, and returns it."""
    begun = time.perf_counter()
    street = StreetRun(load_scenario("quiet-street"), folder, broker.port, 0.0, HOUR_S)
    received, facts = run_virtual(Hour(street, broker, outages).run)
    verdict = judge(facts, told(received), WALL_AT_ZERO_S + HOUR_S - SETTLED_S)
    again = len(received) - len({json.loads(body)["id"] for body in received})
    print(f"{verdict}; {len(received)} messages, {again} of them again; {time.perf_counter() - begun:.0f} s")
    assert verdict.good, str(verdict)
    assert verdict.facts > 150
    return received


@pytest.fixture
def subscriber(tmp_path: Path, broker: Mosquitto) -> Iterator[Path]:
    """A program that is not ours: mosquitto_sub writes what it receives into this file, one message a line."""
    path = tmp_path / "received.jsonl"
    command = [program("mosquitto_sub"), "-p", str(broker.port), "-q", "1", "-t", "kerb/v1/+/ev/#"]
    with path.open("wb") as out:
        process = subprocess.Popen(command, stdout=out)
    yield path
    process.terminate()
    process.wait()


def test_an_hour_of_24_bays_and_2_stations_is_told_once_and_in_order(tmp_path: Path, broker: Mosquitto, subscriber: Path) -> None:
    received = judged(tmp_path, broker)
    lines = [body for message in subscriber.read_bytes().splitlines() for body in bodies(message)]
    assert lines == received, "mosquitto_sub received the same, in the same order"
    schema = Draft202012Validator(json.loads(files("gateway.uplink").joinpath("event.schema.json").read_text("utf-8")))
    for line in lines:
        schema.validate(json.loads(line))
        assert isinstance(JSONFormat().read(CloudEvent, line), CloudEvent)
    kinds = Counter(json.loads(body)["type"].removeprefix("kerbgate.") for body in received)
    assert set(kinds) == {
        "bay.park_start",
        "bay.park_end",
        "station.bike_arrived",
        "station.bike_left",
        "station.count_changed",
        "gateway.started",
    }
    assert kinds["station.count_changed"] == kinds["station.bike_arrived"] + kinds["station.bike_left"]
    identifiers = [json.loads(body)["id"] for body in received]
    assert len(set(identifiers)) == len(identifiers), "delivered once means once, also before deduplication"
    assert identifiers == sorted(identifiers)


def test_a_broker_that_is_killed_ten_times_in_that_hour_changes_nothing(tmp_path: Path, broker: Mosquitto) -> None:
    random = Random(11)
    outages = [(at + random.uniform(0, 200), random.choice([1.0, 5.0, 20.0, 90.0])) for at in range(100, 3400, 330)]
    assert len(outages) == 10
    judged(tmp_path, broker, outages)
