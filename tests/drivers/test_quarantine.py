"""A refused read that can be done without comes back by itself, however often it was refused."""

from dataclasses import replace

from config.profile import Key, Point
from drivers.modbus.blocks import Block
from drivers.polls import polls_of
from drivers.quarantine import FIRST_S, LONGEST_OF_PROVED_S, LONGEST_S, Quarantine
from tests.drivers.things import SERIAL, device, profile


def temperature() -> Block:
    (poll,) = polls_of((device(of=profile(Point(key=Key.TEMPERATURE_C, address=7))),), SERIAL)
    (block,) = poll.slices
    assert isinstance(block, Block)
    assert not block.essential
    return block


def test_each_refusal_doubles_the_wait_up_to_ten_minutes_and_never_for_ever() -> None:
    quarantine, block, now, waits = Quarantine(), temperature(), 0.0, []
    for _ in range(8):
        quarantine.refused(block, 2, now)
        (shown,) = quarantine.shown(now)
        assert (shown.code, shown.address, shown.devices) == (2, 7, ("a",))
        waits.append(shown.until - now)
        assert quarantine.holds(block, shown.until - 0.001)
        assert not quarantine.holds(block, shown.until)
        now = shown.until
    assert waits[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert max(waits) == LONGEST_S


def test_what_once_gave_a_good_answer_is_asked_again_within_a_minute() -> None:
    quarantine, block = Quarantine(), temperature()
    quarantine.answered(block)
    for _ in range(10):
        quarantine.refused(block, 2, 0.0)
    assert quarantine.shown(0.0)[0].until <= LONGEST_OF_PROVED_S


def test_a_good_answer_ends_it_and_only_its_own() -> None:
    quarantine, block, other = Quarantine(), temperature(), temperature()
    quarantine.refused(block, 2, 0.0)
    quarantine.refused(other, 2, 0.0)
    quarantine.answered(block)
    assert not quarantine.holds(block, 1.0)
    assert quarantine.holds(other, 1.0)


def test_what_a_reading_can_not_do_without_is_never_held() -> None:
    quarantine, block = Quarantine(), replace(temperature(), essential=True)
    quarantine.answered(block)
    assert not quarantine.holds(block, 0.0)
