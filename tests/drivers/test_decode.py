"""Registers to values: sign, words, scale, bits, what is absent, what must not be believed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.profile import Key, Point, PointType, Profile, Table, TagList
from config.protocols import Protocol
from drivers.decode import decoder_for
from drivers.frames import question_for
from drivers.frames.uhfreader18 import Scan
from drivers.modbus.blocks import Block
from drivers.polls import polls_of
from drivers.question import Answer
from drivers.reading import Quality, Reading, Sighting
from drivers.task import Ask
from tests.drivers.things import DX80, TCP, device, profile


def decoded(of: Profile, *answers: tuple[int, ...], sub_unit: int | None = None) -> Reading:
    bay = device("bay-07", of=of, sub_unit=sub_unit)
    (poll,) = polls_of([bay], TCP)
    assert [block.count for block in poll.slices if isinstance(block, Block)] == [len(answer) for answer in answers]
    return decoder_for(bay, poll.slices).decode(answers, 12.5)


def point(key: Key = Key.LEVEL, **rest: object) -> Profile:
    return profile(Point.model_validate({"key": key, "address": 0, **rest}))


@pytest.mark.parametrize(
    ("of", "registers", "key", "value"),
    [
        (point(), (65535,), "level", 65535.0),
        (point(type="i16"), (65535,), "level", -1.0),
        (point(type="i16", scale=0.01), (0xFEE0,), "level", -2.88),
        (point(type="u32"), (0x0001, 0x0002), "level", 65538.0),
        (point(type="i32", scale=0.5, offset=1.0), (0xFFFF, 0xFFFE), "level", 0.0),
        (point(Key.COUNT, type="u32"), (0xFFFF, 0xFFFF), "count", 4294967295),
        (point(Key.OCCUPIED), (1,), "occupied", True),
        (point(Key.OCCUPIED), (0,), "occupied", False),
        (point(Key.OCCUPIED, bit=1, type="bit"), (0b10,), "occupied", True),
        (point(Key.OCCUPIED, bit=1, type="bit"), (0b101,), "occupied", False),
        (point(Key.OCCUPIED, bit=15), (0x8000,), "occupied", True),
        (point(Key.OCCUPIED, table="discrete", type="bit"), (1,), "occupied", True),
        (point(Key.FAULT), (0x1234,), "fault", 0x1234),
        (point(Key.TEMPERATURE_C, scale=0.1, type="i16"), (0xFFFF,), "temperature_c", -0.1),
        (point(Key.DISTANCE_MM, absent=0xFFFF), (0xFFFF,), "distance_mm", None),
        (point(Key.TEMPERATURE_C, absent=-32768, type="i16"), (0x8000,), "temperature_c", None),
        (point(Key.TEMPERATURE_C, absent=0x8000, type="i16"), (0x8000,), "temperature_c", None),
        (point(Key.DISTANCE_MM, absent=0xFFFF), (0xFFFE,), "distance_mm", 65534.0),
    ],
)
def test_a_register_becomes_a_value(of: Profile, registers: tuple[int, ...], key: str, value: object) -> None:
    reading = decoded(of, registers)
    assert getattr(reading, key) == value
    assert type(getattr(reading, key)) is type(value)
    assert reading.trusted
    assert (reading.device, reading.t) == ("bay-07", 12.5)


def test_what_the_device_does_not_have_is_none() -> None:
    reading = decoded(point(), (7,))
    assert (reading.x_ut, reading.occupied, reading.sightings, reading.cause) == (None, None, None, None)


def test_scaling_leaves_no_dust() -> None:
    assert decoded(point(scale=0.01), (2883,)).level == 28.83


@pytest.mark.parametrize(("raw", "quality"), [(9, Quality.BAD), (10, Quality.GOOD), (20, Quality.GOOD), (21, Quality.BAD)])
def test_a_value_beyond_the_profiles_range_is_bad_with_its_cause(raw: int, quality: Quality) -> None:
    reading = decoded(point(minimum=10, maximum=20), (raw,))
    assert reading.quality is quality
    assert reading.cause == (None if quality is Quality.GOOD else "level_out_of_range")
    assert not reading.silent


def test_a_node_whose_radio_is_lost_is_silent_and_its_old_value_is_dropped() -> None:
    reading = decoded(DX80, (431, 0, 0, 0, 0, 0, 0, 0x3501), sub_unit=3)
    assert reading.silent
    assert (reading.cause, reading.level) == ("radio_timeout", None)
    assert decoded(DX80, (431, 0, 0, 0, 0, 0, 0, 0x3500), sub_unit=3).level == 431.0


def test_each_node_has_its_own_window_of_a_shared_read() -> None:
    nodes = [device(f"node-{number}", of=DX80, sub_unit=number) for number in (1, 2)]
    (poll,) = polls_of(nodes, TCP)
    answer = tuple(range(24))
    assert [decoder_for(node, poll.slices).decode([answer], 0.0).level for node in nodes] == [0.0, 16.0]


def test_out_of_reach_outweighs_not_to_be_believed() -> None:
    rules = [
        {"address": 1, "equals": 1, "mask": 1, "effect": "bad", "cause": "loop_fault"},
        {"address": 1, "equals": 2, "mask": 2, "effect": "silent", "cause": "unplugged"},
    ]
    of = profile(Point(key=Key.LEVEL, address=0), health=rules)
    assert decoded(of, (5, 0b11)).cause == "unplugged"
    bad = decoded(of, (5, 0b01))
    assert (bad.quality, bad.silent, bad.cause, bad.level) == (Quality.BAD, False, "loop_fault", 5.0)
    assert decoded(of, (5, 0b00)).trusted


def test_values_may_lie_in_several_tables() -> None:
    of = profile(
        Point(key=Key.OCCUPIED, table=Table.DISCRETE, address=1, type=PointType.BIT),
        Point(key=Key.COUNT, table=Table.INPUT, address=9, type=PointType.U32),
    )
    reading = decoded(of, (1,), (1, 2))
    assert (reading.occupied, reading.count) == (True, 65538)


TAGS = profile(tags=TagList(count_address=0, first_address=1, entries=2, tag_words=2))


def test_tags_are_upper_case_hexadecimal_with_their_rssi() -> None:
    reading = decoded(TAGS, (2, 0x00AB, 0xCDEF, 0xFFC4, 0x1234, 0x0001, 0xFFA6))
    assert reading.sightings == (Sighting("00ABCDEF", -60.0), Sighting("12340001", -90.0))


def test_a_scan_that_heard_none_is_an_empty_scan() -> None:
    assert decoded(TAGS, (0, 1, 1, 1, 1, 1, 1)).sightings == ()


def test_more_tags_than_there_is_room_for_are_not_believed() -> None:
    reading = decoded(TAGS, (3, 1, 1, 1, 1, 1, 1))
    assert (reading.quality, reading.cause, reading.sightings) == (Quality.BAD, "tags_implausible", None)


def test_a_reader_without_rssi_says_none() -> None:
    of = profile(tags=TagList(count_address=0, first_address=1, entries=1, tag_words=2, rssi=False))
    assert decoded(of, (1, 0x00AB, 0xCDEF)).sightings == (Sighting("00ABCDEF"),)


@given(st.lists(st.integers(0, 65535), min_size=7, max_size=7))
def test_no_registers_make_decoding_fail(registers: list[int]) -> None:
    reading = decoded(TAGS, tuple(registers))
    assert reading.trusted == (registers[0] <= 2)


def framed(protocol: Protocol, *points: Point, **rest: Any) -> Profile:
    return profile(*points, protocol=protocol, **rest)


def of_fields(of: Profile, answer: Answer) -> Reading:
    bay = device("bay-07", of=of, sub_unit=1)
    ask = Ask(question=question_for(of.protocol, 1, 1), timeout_s=0.3, cost_s=0.1, devices=("bay-07",))
    return decoder_for(bay, [ask]).decode([answer], 12.5)  # type: ignore[list-item]


M77 = framed(
    Protocol.DEYING_M77,
    Point(key=Key.OCCUPIED, field="state"),
    Point(key=Key.BATTERY_PCT, field="battery", scale=10.0, absent=9),
    Point(key=Key.LEVEL, field="threshold", maximum=500),
    health=[{"field": "state", "equals": 2, "effect": "silent", "cause": "detector_failed"}],
)


def test_named_fields_become_values() -> None:
    reading = of_fields(M77, (2, 1, 7, 60, 100))
    assert (reading.device, reading.t, reading.occupied, reading.battery_pct, reading.level) == ("bay-07", 12.5, True, 70.0, 60.0)
    assert of_fields(M77, (2, 0, 9, 60, 100)).battery_pct is None
    assert of_fields(M77, (2, 0, 9, 501, 100)).cause == "level_out_of_range"


def test_a_field_that_tells_of_a_fault_silences_the_sensor() -> None:
    reading = of_fields(M77, (2, 2, 7, 60, 100))
    assert (reading.silent, reading.cause, reading.occupied) == (True, "detector_failed", None)


def test_fields_may_be_negative_whatever_their_type() -> None:
    of = framed(Protocol.HMR2300, Point(key=Key.X_UT, field="x", scale=0.01, type=PointType.I16), Point(key=Key.Y_UT, field="y"))
    reading = of_fields(of, (-30000, -1, 0))
    assert (reading.x_ut, reading.y_ut) == (-300.0, -1.0)


def test_the_tags_of_a_scan_are_sightings_without_a_strength() -> None:
    of = framed(
        Protocol.UHFREADER18,
        Point(key=Key.COUNT, field="count"),
        health=[{"field": "status", "equals": 4, "effect": "bad", "cause": "memory_full"}],
    )
    scan = Scan(("ABCD", "0123"))
    reading = of_fields(of, scan)
    assert (reading.sightings, reading.count) == ((Sighting("ABCD"), Sighting("0123")), 2)
    assert of_fields(of, Scan()).sightings == ()
    full = Scan(("ABCD",))
    full.status = 4
    assert of_fields(of, full).cause == "memory_full"


def test_a_field_that_the_protocol_does_not_have_is_refused_when_the_decoder_is_built() -> None:
    with pytest.raises(ValueError, match=r"tuple"):
        of_fields(framed(Protocol.HMR2300, Point(key=Key.LEVEL, field="state")), (1, 2, 3))


def test_the_very_same_answers_give_the_same_values_at_a_new_time_and_others_do_not() -> None:
    bay = device("bay-07", of=point())
    (poll,) = polls_of([bay], TCP)
    decoder = decoder_for(bay, poll.slices)
    answer = (7,)
    assert [decoder.decode([answer], t) for t in (1.0, 2.0)] == [Reading(device="bay-07", t=t, level=7.0) for t in (1.0, 2.0)]
    assert decoder.decode([(8,)], 3.0).level == 8.0
    assert decoder.decode([answer], 4.0).level == 7.0


def test_a_value_that_lies_in_a_neighbours_block_is_new_when_that_block_is() -> None:
    """The first block that holds the register is the one that it is taken from."""
    bay, other = device("bay-07", of=point()), device("bay-08", of=point())
    ((theirs,), (ours,)) = (polls_of([each], TCP)[0].slices for each in (other, bay))
    decoder = decoder_for(bay, (theirs, ours))
    kept = (1,)
    assert [decoder.decode([answer, kept], 1.0).level for answer in ((5,), (6,))] == [5.0, 6.0]
