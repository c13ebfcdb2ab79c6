"""Devices are kept configured: looked at, written where they differ, and again after they were away."""

from dataclasses import replace

import pytest

from config.profile import Key, Point, Setting, Step
from drivers.configuring import AGAIN_S, NOT_TAKEN_AGAIN_S, Configuring, Stage, Verdict
from drivers.links.pacing import pace_of
from drivers.modbus.pdu import ModbusQuestion
from tests.drivers.things import SERIAL, device, profile

FILTER = Setting(
    name="filter",
    address=0x1F,
    before=(Step(address=0x69, value=0xB588, wait_ms=20),),
    after=(Step(address=0, value=0),),
    wait_ms=20,
)
BLIND = Setting(name="configuration", address=12, readable=False)


def configuring(*settings: tuple[Setting, int]) -> Configuring:
    of = profile(Point(key=Key.LEVEL, address=0))
    return Configuring([replace(device("a", of=of), settings=settings), device("b", 2)], pace_of(SERIAL))


def test_a_device_that_is_as_wanted_is_looked_at_and_not_written() -> None:
    kept = configuring((FILTER, 5))
    look = kept.answered("a", 0.0)
    assert look is not None
    assert (look.stage, [ask.reads for ask in look.slices]) == (Stage.LOOK, [True])
    assert kept.answered("a", 0.1) is None
    assert kept.ended(look, [(5,)], 0.2) == (None, None)
    assert kept.answered("a", 1e6) is None


def test_one_that_differs_is_unlocked_written_saved_and_read_back() -> None:
    kept = configuring((FILTER, 5))
    look = kept.answered("a", 0.0)
    assert look is not None
    verdict, write = kept.ended(look, [(4,)], 0.1)
    assert verdict is None
    assert write is not None
    questions = [ask.question for ask in write.slices]
    assert all(isinstance(question, ModbusQuestion) for question in questions)
    assert [question.pdu.hex() for question in questions if isinstance(question, ModbusQuestion)] == [
        "060069b588",
        "06001f0005",
        "0600000000",
        "03001f0001",
    ]
    assert [ask.wait_s for ask in write.slices] == [0.02, 0.02, 0.0, 0.0]
    assert kept.ended(write, [(5,)], 0.5) == (Verdict.WRITTEN, None)


def test_one_that_does_not_take_it_is_not_written_over_and_over() -> None:
    kept = configuring((FILTER, 5))
    look = kept.answered("a", 0.0)
    assert look is not None
    _, write = kept.ended(look, [(4,)], 0.0)
    assert write is not None
    assert kept.ended(write, [(4,)], 1.0) == (Verdict.NOT_TAKEN, None)
    assert kept.answered("a", NOT_TAKEN_AGAIN_S) is None
    assert kept.answered("a", 1.0 + NOT_TAKEN_AGAIN_S) is not None


def test_a_look_that_fails_is_repeated_after_a_while() -> None:
    kept = configuring((FILTER, 5))
    look = kept.answered("a", 0.0)
    assert look is not None
    assert kept.ended(look, None, 0.0) == (Verdict.FAILED, None)
    assert kept.answered("a", AGAIN_S - 1) is None
    assert kept.answered("a", AGAIN_S) is not None


def test_what_can_not_be_read_back_is_written_again_each_time_the_device_was_away() -> None:
    kept = configuring((BLIND, 0x0B4D))
    for _ in range(2):
        write = kept.answered("a", 0.0)
        assert write is not None
        assert [ask.reads for ask in write.slices] == [False]
        assert kept.ended(write, [], 0.1) == (Verdict.WRITTEN, None)
        assert kept.answered("a", 0.2) is None
        kept.away("a")


@pytest.mark.parametrize("name", ["b", "nobody"])
def test_a_device_without_settings_is_left_alone(name: str) -> None:
    kept = configuring((FILTER, 5))
    kept.away(name)
    assert kept.answered(name, 0.0) is None
