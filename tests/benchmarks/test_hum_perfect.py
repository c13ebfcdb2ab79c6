"""The comparison on labelled recordings in short: it runs, its recordings are what it says, and what must be better is better."""

import numpy as np

from tests.benchmarks.hum_labelled import parking, passing, spread_over
from tests.benchmarks.hum_perfect import judge_parking, judge_passing

NAMES = ("ours", "fixed")


def test_the_recordings_are_as_weak_as_they_are_said_to_be() -> None:
    traces = [parking(seed) for seed in range(300)]
    sigmas = np.array([trace.sigmas for trace in traces])
    assert 0.52 < (sigmas >= 6.0).mean() < 0.68
    assert 0.2 < (sigmas < 3.0).mean() < 0.33
    assert 28.0 < np.median([trace.hum for trace in traces]) < 40.0
    assert parking(5).values.tolist() == parking(5).values.tolist() != parking(6).values.tolist()
    assert all(trace.label is not None and 0.0 < trace.label[0] < trace.label[1] <= trace.times[-1] for trace in traces)


def test_a_label_begins_where_the_vehicle_is_felt_also_where_that_is_late_on_its_way() -> None:
    way = np.linspace(0.0, 1.0, 401)
    seen = spread_over(40.0 * np.clip((way - 0.6) / 0.3, 0.0, 1.0), 5.0, 4.5, 40.0)
    assert seen is not None
    takes_s, from_s, to_s = seen
    assert abs(from_s / takes_s - 0.64) < 0.01
    assert abs(to_s - from_s - 4.5) < 0.01


def test_more_recordings_are_told_perfectly_than_by_a_threshold_and_fewer_drive_overs_parked() -> None:
    assert passing(1).passes == 2
    parked = [judge_parking(NAMES, seed) for seed in range(500, 620)]
    ours, fixed = (sum(each[number].perfect for each in parked) for number in range(2))
    assert ours > fixed
    assert ours >= 78
    passed = [judge_passing(NAMES, seed) for seed in range(500, 620)]
    ours, fixed = (sum(each[number] for each in passed) for number in range(2))
    assert ours <= 6 < fixed
