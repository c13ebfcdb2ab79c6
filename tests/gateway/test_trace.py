"""The reading trace: what is written is read again, and what is no trace is told in one sentence."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sentences import catalogue
from drivers.reading import Quality, Reading, Sighting
from gateway.trace import Header, TraceFault, header_line, parse_line, reading_line

numbers = st.floats(-1000, 1000).map(lambda value: round(value, 3))
maybe = st.none() | numbers
keys = st.sampled_from(["t", "device", "values", "x_ut", "tags", "sightings"])
readings = st.builds(
    Reading,
    device=st.text(min_size=1, max_size=20),
    t=st.floats(0, 1e6).map(lambda value: round(value, 6)),
    quality=st.sampled_from(Quality),
    silent=st.booleans(),
    x_ut=maybe,
    level=maybe,
    occupied=st.none() | st.booleans(),
    temperature_c=maybe,
    count=st.none() | st.integers(0, 2**32),
    fault=st.none() | st.integers(0, 65535) | st.text(max_size=8),
    sightings=st.none()
    | st.lists(st.builds(Sighting, st.text(min_size=1, max_size=8), maybe), max_size=4, unique_by=lambda each: each.tag).map(
        lambda heard: tuple(sorted(heard, key=lambda each: (each.rssi_dbm is None, each.tag)))
    ),
)


@given(readings)
def test_a_reading_survives_the_way_into_a_trace_and_back(reading: Reading) -> None:
    again = parse_line(reading_line(reading))
    assert isinstance(again, Reading)
    if reading.sightings is not None:
        assert again.sightings is not None
        assert set(again.sightings) == set(reading.sightings)
    assert reading_line(again) == reading_line(parse_line(reading_line(again)))  # type: ignore[arg-type]
    assert (again.device, again.t, again.x_ut, again.level, again.occupied, again.count, again.fault, again.silent, again.quality) == (
        reading.device,
        reading.t,
        reading.x_ut,
        reading.level,
        reading.occupied,
        reading.count,
        reading.fault,
        reading.silent,
        reading.quality,
    )


def test_the_lines_of_the_contract_are_read() -> None:
    assert parse_line('{"trace":"kerbgate.readings/1","wall":"2026-05-01T00:00:00Z"}') == Header(1_777_593_600.0)
    reading = parse_line('{"t":12.35,"device":"bay-07","values":{"x_ut":36.41,"y_ut":-2.88,"z_ut":28.30,"temperature_c":21.5}}')
    assert reading == Reading(device="bay-07", t=12.35, x_ut=36.41, y_ut=-2.88, z_ut=28.30, temperature_c=21.5)
    assert parse_line(header_line(1_777_593_600.0)) == Header(1_777_593_600.0)


def test_sightings_and_tags_of_one_scan_stand_together() -> None:
    reading = parse_line('{"t":1,"device":"p","values":{"sightings":{"A1":-60},"tags":["B2"]}}')
    assert isinstance(reading, Reading)
    assert reading.sightings == (Sighting("A1", -60.0), Sighting("B2"))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "trace.not_json"),
        ("[1]", "trace.not_object"),
        ('{"t":1,"values":{}}', "trace.device"),
        ('{"t":"soon","device":"a"}', "trace.number"),
        ('{"t":NaN,"device":"a"}', "trace.number"),
        ('{"t":1,"device":"a","values":[]}', "trace.values"),
        ('{"t":1,"device":"a","values":{"x_ut":"36"}}', "trace.number"),
        ('{"t":1,"device":"a","values":{"occupied":2}}', "trace.occupied"),
        ('{"t":1,"device":"a","values":{"sightings":[]}}', "trace.sightings"),
        ('{"t":1,"device":"a","quality":"fair"}', "trace.quality"),
        ('{"trace":"kerbgate.readings/9"}', "trace.format"),
        ('{"trace":"kerbgate.readings/1","wall":"yesterday"}', "trace.wall"),
        ("x" * 70_000, "trace.too_long"),
    ],
)
def test_what_is_no_trace_is_named(line: str, sentence: str) -> None:
    with pytest.raises(TraceFault) as caught:
        parse_line(line)
    assert caught.value.sentence == sentence
    for text in catalogue()[sentence].values():
        text.format(**caught.value.values)


@given(
    st.text(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["t", "device", "values", "x_ut", "tags", "sightings"]), inner)
        ),
        max_leaves=10,
    ).map(json.dumps)
)
def test_no_line_raises_anything_but_a_trace_fault(line: str) -> None:
    with suppress(TraceFault):
        parse_line(line)
