"""A bad line: no wrong value is taken, every whole answer is found, and noise costs in proportion to its length only."""

import time
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from config.profile import Table
from drivers.errors import UnitSilent
from drivers.modbus.crc import CRC
from drivers.modbus.pdu import read, write
from drivers.modbus.rtu import MAX_HEARD, RtuFraming
from tests.drivers.noise import TROUBLES, exchanges, pieces
from tests.drivers.things import registers_pdu, rtu

FRAMES = 20_000
ECHOED = read(1, Table.HOLDING, 100, 2)
ANSWER = rtu(1, registers_pdu([1, 2]))
SET = write(1, Table.HOLDING, 0x1C, [0x0B4D])
COPY = rtu(1, SET.pdu)


def taken(framing: RtuFraming, stream: bytes, random: Random) -> bytes | None:
    for piece in pieces(random, stream):
        pdu = framing.feed(piece)
        if pdu is not None:
            return pdu
    return None


def test_no_wrong_value_is_taken_and_every_whole_answer_is_found() -> None:
    """The odds of a wrong CRC that agrees are 1 in 65536 for each damaged frame; this seed draws none."""
    framing = RtuFraming()
    random = Random(2)
    met: Counter[str] = Counter()
    for heard in exchanges(1, FRAMES):
        met[heard.trouble] += 1
        framing.ask(heard.question)
        pdu = taken(framing, heard.stream, random)
        assert pdu in ((heard.pdu,) if heard.whole else (heard.pdu, None)), (heard.trouble, heard.stream.hex(" "))
    assert set(met) == set(TROUBLES)


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
def test_part_of_an_echo_is_neither_an_answer_nor_noise(lost: int) -> None:
    """One register: its answer is shorter than the echo of its question."""
    question = read(1, Table.HOLDING, 100, 1)
    request = rtu(1, question.pdu)
    for part in (request[lost:], request[:-lost]):
        framing = RtuFraming()
        framing.ask(question)
        assert framing.feed(part) is None
        assert not framing.enough
        assert isinstance(framing.verdict(0.3), UnitSilent)
        assert framing.feed(rtu(1, registers_pdu([7]))) == registers_pdu([7])


def test_an_echo_whose_last_octet_is_lost_may_look_whole_with_the_first_of_the_answer() -> None:
    question = next(each for at in range(65536) if rtu(1, (each := read(1, Table.HOLDING, at, 1)).pdu)[-1] == 1)
    framing = RtuFraming()
    framing.ask(question)
    assert framing.feed(rtu(1, question.pdu)[:-1] + rtu(1, registers_pdu([7]))) == registers_pdu([7])


def test_what_was_heard_before_our_own_request_is_no_answer_to_it() -> None:
    framing = RtuFraming()
    framing.ask(ECHOED)
    assert framing.feed(rtu(1, registers_pdu([8, 9])) + rtu(1, ECHOED.pdu) + ANSWER) == registers_pdu([1, 2])


def echoing() -> RtuFraming:
    framing = RtuFraming()
    framing.ask(ECHOED)
    assert framing.feed(rtu(1, ECHOED.pdu) + ANSWER) is not None
    framing.ask(SET)
    return framing


def test_on_a_line_that_echoes_one_copy_of_a_write_is_no_answer_and_two_are() -> None:
    framing = echoing()
    assert framing.feed(COPY) is None
    assert not framing.enough
    assert isinstance(framing.verdict(0.3), UnitSilent)
    assert framing.feed(COPY) == SET.pdu


@pytest.mark.parametrize("before", [COPY[:-1], COPY[2:], COPY[:6] + b"\x00\x00"])
def test_the_answer_to_a_write_is_found_behind_its_damaged_echo(before: bytes) -> None:
    assert echoing().feed(before + COPY) == SET.pdu


def test_an_echo_of_a_write_behind_junk_is_still_only_an_echo() -> None:
    framing = echoing()
    assert framing.feed(b"\x00\xff\x13" + COPY) is None
    assert framing.feed(COPY) == SET.pdu


def test_a_line_that_was_opened_anew_is_still_one_that_echoes() -> None:
    framing = echoing()
    framing.reset()
    framing.ask(SET)
    assert framing.feed(COPY) is None


def test_a_line_that_echoes_no_more_is_believed_after_a_few_answers() -> None:
    framing = echoing()
    for _ in range(3):
        framing.ask(ECHOED)
        assert framing.feed(ANSWER) is not None
    framing.ask(SET)
    assert framing.feed(COPY) == SET.pdu


def crafted(octets: int) -> bytes:
    """A head of an answer at every third octet, each with room for the whole answer behind it."""
    return (bytes([1, 3, 250]) * (octets // 3 + 1))[:octets]


def refusals(octets: int) -> bytes:
    return (b"\x01\x83" * octets)[:octets]


def lengths(octets: int) -> bytes:
    """Frames of every length, for what looks for frames of anybody."""
    return bytes(octet for at in range(octets) for octet in (1, 3, at % 251))[:octets]


def cost_s(junk: bytes, size: int, count: int) -> float:
    """Of the whole of it, in as many exchanges as it takes, fed in pieces of one size: the best of three."""
    question = read(1, Table.HOLDING, 0, count)
    framing = RtuFraming()
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for start in range(0, len(junk), MAX_HEARD):
            framing.ask(question)
            part = junk[start : start + MAX_HEARD]
            for at in range(0, len(part), size):
                framing.feed(part[at : at + size])
                assert framing.enough is not None
            framing.verdict(0.3)
        best = min(best, time.process_time() - began)
    return best


@pytest.mark.parametrize("size", [1, 16, MAX_HEARD])
@pytest.mark.parametrize("make", [crafted, refusals, lengths, bytes])
def test_eight_times_the_junk_costs_eight_times_as_much(make: Callable[[int], bytes], size: int) -> None:
    small, large = cost_s(make(1024), size, 125), cost_s(make(8192), size, 125)
    assert large < 12 * small + 0.002


@pytest.mark.parametrize("make", [crafted, refusals, lengths])
def test_heads_everywhere_cost_no_more_than_a_running_crc_some_times_over(make: Callable[[int], bytes]) -> None:
    """As a ratio, so that a slow machine does not matter: where each head is read to its end, it is more than a hundred."""
    junk = make(8192)
    running = float("inf")
    for _ in range(5):
        began = time.process_time()
        CRC.of(junk)
        running = min(running, time.process_time() - began)
    assert cost_s(junk, MAX_HEARD, 125) < 30 * running + 0.002
