"""Whatever a device says and whenever: a detector raises nothing, and what it tells has finite times."""

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.evidence import measured

GAPS_S = st.sampled_from([0.0, 0.001, 0.1, 1.0, 5.5, 10.0, 600.0, 86400.0, 1e7])
VALUES = st.one_of(st.floats(-100.0, 100.0), st.sampled_from([0.0, 30.0, 30.0, 48.0]), st.floats(allow_nan=True, allow_infinity=True))
WARM = st.one_of(st.none(), st.floats(-60.0, 120.0))
AXES = st.sampled_from([("x_ut", "y_ut", "z_ut"), ("x_ut", "y_ut"), ("x_ut",), ("b_ut",)])


@given(st.data(), AXES, st.sampled_from([None, 1.0, 10.0, 600.0]))
def test_no_reading_ends_a_detector(data: st.DataObject, axes: tuple[str, ...], interval_s: float | None) -> None:
    machine = BayMachine("b", BayDetection(), now=0.0, interval_s=interval_s)
    t = 0.0
    for gap_s, values, warm in data.draw(st.lists(st.tuples(GAPS_S, st.tuples(*[VALUES] * len(axes)), WARM), max_size=40)):
        t += gap_s
        changes = []
        while (due := machine.deadline()) is not None and due < t:
            changes += machine.tick(due)
        changes += machine.feed(Reading(device="b", t=t, temperature_c=warm, **dict(zip(axes, values, strict=True))), t)
        assert all(isfinite(each.onset_s) and isfinite(each.confirmed_s) and 0.0 <= each.confidence <= 1.0 for each in changes)
        assert isfinite(sum(machine.track.z))


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1e10])
def test_what_no_sensor_measures_is_no_measurement_on_any_axis(wrong: float) -> None:
    for values in ((wrong, 0.0, 0.0), (0.0, wrong, 0.0), (0.0, 0.0, wrong)):
        assert measured(Reading(device="b", t=0.0, x_ut=values[0], y_ut=values[1], z_ut=values[2])) is None
