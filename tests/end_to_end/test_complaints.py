"""The four complaints that drivers really made about such systems, each from readings to native events through the gateway's own parts.

A driver left at 16:57, was billed to 17:34, and the session was split in two. The operator named four causes: rain upset the sensor;
the carrier's network was slow; the next car pulled in at once and its time was added; a departure was never recorded and guessed.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

from drivers.reading import Reading
from gateway.clock import TimeQuality
from gateway.detection.change import Kind
from gateway.detection.detectors import Detectors, Polled
from gateway.events import Epoch
from gateway.minting import Mint, Now
from gateway.replay import TraceReader, bays_of, replay
from gateway.trace import reading_line
from gateway.uplink.encodings.cloudevents import encode
from tests.gateway.field import Stay, field_readings

DEVICE = "bay-1"


def events(readings: Iterable[Reading]) -> list[dict[str, Any]]:
    lines = (reading_line(reading) + "\n" for reading in readings)
    told = replay(bays_of((DEVICE,)), (Polled(DEVICE, None),), TraceReader(), lines)
    return [json.loads(encode(event)) for event in told]


def kinds(told: Iterable[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("kerbgate.bay.") for event in told]


def test_rain_that_cools_and_upsets_the_sensor_splits_no_session() -> None:
    """A cloudburst: seven degrees in ten minutes on a sensor that drifts as deployed ones do, noise doubled, spikes."""

    def temperature(t: float) -> float:
        return 30.0 - 7.0 / (1.0 + math.exp(-(t - 3600.0) / 120.0))

    random = Random(3)
    dry = field_readings((Stay(600, 7200),), 9000, temperature=temperature, drift_ut_per_c=(1.5, -0.8, 3.0))
    wet = []
    for reading in dry:
        rain = 3000 < reading.t < 5400
        if rain and random.random() < 0.1:
            continue
        spike = 40.0 if rain and random.random() < 0.01 else 0.0
        assert reading.x_ut is not None
        wet.append(replace(reading, x_ut=reading.x_ut + (random.gauss(0.0, 0.4) if rain else 0.0) + spike))
    start, end = events(wet)
    assert kinds((start, end)) == ["park_start", "park_end"]
    assert abs(start["data"]["onset_s"] - 600) <= 3
    assert abs(end["data"]["onset_s"] - 7200) <= 3
    assert end["data"]["session"] == start["data"]["session"] == start["id"]


def test_a_slow_network_moves_no_billed_moment() -> None:
    """What is billed is the onset, set where the car was felt; an event that leaves an hour later says the same."""
    at_once = events(field_readings((Stay(60, 400),), 500))
    mint = Mint("replay", Epoch(1, "0000"), 1)
    detectors = Detectors(bays_of((DEVICE,)), (Polled(DEVICE, None),), 0.0)
    changes = [change for reading in field_readings((Stay(60, 400),), 500) for change in detectors.feed(reading, reading.t)]
    late = [json.loads(encode(event)) for event in mint.events(changes, Now(4100.0, 4100.0, TimeQuality.SYNCED))]
    assert [(event["id"], event["time"], event["recordedtime"]) for event in late] == [
        (event["id"], event["time"], event["recordedtime"]) for event in at_once
    ]


def test_the_next_car_that_pulls_in_at_once_is_a_session_of_its_own() -> None:
    """Five seconds of empty bay, manoeuvres included in what is seen; the times of the two cars are not added."""
    for gap_s in (5.0, 8.0, 15.0, 30.0):
        gone_s = 402.25
        stays = (Stay(60, 400), Stay(gone_s + gap_s, 1000, delta_ut=(-6.0, 14.0, 9.0)))
        told = events(field_readings(stays, 1100, seed=int(gap_s)))
        assert kinds(told) == ["park_start", "park_end", "park_start", "park_end"], gap_s
        first_end, second_start = told[1], told[2]
        assert abs(first_end["data"]["onset_s"] - 400) <= 3
        assert abs(second_start["data"]["onset_s"] - (gone_s + gap_s)) <= 3
        assert first_end["data"]["session"] != second_start["data"]["session"]
        assert [event["data"]["bay_sequence"] for event in told] == [1, 2, 3, 4]


def test_a_departure_while_the_link_was_down_is_told_with_its_bounds_and_not_guessed() -> None:
    stay = (Stay(60, 400),)
    seen = [reading for reading in field_readings(stay, 2000) if not 300 < reading.t < 1500]
    detectors = Detectors(bays_of((DEVICE,)), (Polled(DEVICE, 1.0),), 0.0)
    changes = []
    for reading in seen:
        while (due := detectors.deadline()) is not None and due < reading.t:
            changes += detectors.tick(due)
        changes += detectors.feed(reading, reading.t)
    bay = [change for change in changes if change.kind.subject_class == "bay"]
    assert [change.kind for change in bay] == [Kind.PARK_START, Kind.COMMS_LOST, Kind.COMMS_RESTORED, Kind.PARK_END]
    mint = Mint("replay", Epoch(1, "0000"), 1)
    end = json.loads(encode(mint.events(bay, Now(2000.0, 2000.0, TimeQuality.SYNCED))[-1]))
    assert (end["data"]["reason"], end["data"]["state"]) == ("recovered", "vacant")
    assert end["data"]["time_min"] == end["time"] == "1970-01-01T00:05:00.000Z", "billed to the last moment at which the car was seen"
    assert end["data"]["time_max"] == "1970-01-01T00:25:00.000Z"
