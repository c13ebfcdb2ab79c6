"""RTU: the answer is found behind noise, nothing else is taken for it, and no noise is dear."""

import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.profile import Table
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitRefused, UnitSilent
from drivers.modbus.intact import intact_frames
from drivers.modbus.pdu import decode, read, write
from drivers.modbus.rtu import MAX_HEARD, RtuFraming
from tests.drivers.things import registers_pdu, rtu

TWO = read(1, Table.HOLDING, 100, 2)
GOOD = bytes.fromhex("01 03 04 00 01 00 02 2A 32")


def found(*pieces: bytes) -> bytes | None:
    framing = RtuFraming()
    framing.ask(TWO)
    for piece in pieces:
        pdu = framing.feed(piece)
        if pdu is not None:
            return pdu
    return None


def test_a_request_is_sent_as_the_manual_prints_it() -> None:
    assert RtuFraming().ask(read(1, Table.HOLDING, 16, 112)) == bytes.fromhex("01 03 00 10 00 70 45 EB")
    assert RtuFraming().ask(read(0x50, Table.HOLDING, 0x3A, 3)) == bytes.fromhex("50 03 00 3A 00 03 28 47")
    assert RtuFraming().ask(read(254, Table.DISCRETE, 0, 8)) == bytes.fromhex("FE 02 00 00 00 08 6D C3")
    assert RtuFraming().ask(write(1, Table.HOLDING, 0x1E, [0x1000])) == bytes.fromhex("01 06 00 1E 10 00 E4 0C")


@pytest.mark.parametrize(
    "heard",
    [
        "01 03 04 00 01 00 02 2A 32",
        "00 01 03 04 00 01 00 02 2A 32",
        "01 03 04 00 01 00 02 2A 32 00",
        "FF FF 01 03 04 00 01 00 02 2A 32 FF",
        "01 03 04 00 09 00 09 00 00 01 03 04 00 01 00 02 2A 32",
        "01 01 03 04 00 01 00 02 2A 32",
        "01 03 01 03 04 00 01 00 02 2A 32",
        "01 03 04 01 03 04 00 01 00 02 2A 32",
    ],
)
def test_the_answer_is_found_behind_and_before_noise(heard: str) -> None:
    pdu = found(bytes.fromhex(heard))
    assert pdu is not None
    assert decode(TWO, pdu) == (1, 2)


def test_our_own_echo_before_the_answer_is_no_answer() -> None:
    framing = RtuFraming()
    request = framing.ask(TWO)
    assert framing.feed(request) is None
    assert not framing.enough
    assert isinstance(framing.verdict(0.3), UnitSilent)
    assert framing.feed(GOOD) == GOOD[1:-2]


def test_an_echo_that_comes_in_pieces_and_runs_into_the_answer_is_taken_off() -> None:
    framing = RtuFraming()
    request = framing.ask(TWO)
    assert [framing.feed(piece) for piece in (request[:3], request[3:] + GOOD[:4], GOOD[4:])] == [None, None, GOOD[1:-2]]


def test_an_echo_alone_answers_no_write_of_several_values() -> None:
    framing = RtuFraming()
    request = framing.ask(write(1, Table.HOLDING, 1, [10, 258]))
    assert framing.feed(request) is None
    assert framing.feed(rtu(1, bytes.fromhex("1000010002"))) == bytes.fromhex("1000010002")


def test_a_refusal_is_found_behind_what_looks_like_the_start_of_an_answer() -> None:
    pdu = found(bytes.fromhex("01 03 04 01 83 02 C0 F1"))
    assert pdu is not None
    with pytest.raises(UnitRefused) as refused:
        decode(TWO, pdu)
    assert refused.value.code == 2


def test_a_refusal_with_an_unknown_code_is_kept() -> None:
    assert found(bytes.fromhex("01 83 0E C0 F4")) == bytes([0x83, 14])


@pytest.mark.parametrize(
    ("heard", "verdict"),
    [
        (b"", UnitSilent),
        (GOOD[:-1], FrameCorrupt),
        (GOOD[:-2] + GOOD[:-3:-1], FrameCorrupt),
        (b"\xff", FrameCorrupt),
        (rtu(2, registers_pdu([1, 2])), AnswerMismatched),
        (rtu(1, registers_pdu([1, 2], function=4)), AnswerMismatched),
        (rtu(1, registers_pdu([1])), AnswerMismatched),
        (rtu(1, registers_pdu([1, 2, 3])), AnswerMismatched),
        (rtu(1, b"\x06\x00\x01\x00\x02"), AnswerMismatched),
        (rtu(1, b"\x84\x02"), AnswerMismatched),
        (b"\x00\x00" + rtu(7, registers_pdu([1] * 125)) + b"\x00", AnswerMismatched),
    ],
)
def test_silence_noise_and_other_answers_are_told_apart(heard: bytes, verdict: type[Exception]) -> None:
    framing = RtuFraming()
    framing.ask(TWO)
    assert framing.feed(heard) is None
    assert type(framing.verdict(0.3)) is verdict


def test_an_echo_of_a_write_is_the_answer_and_another_echo_is_not() -> None:
    question = write(1, Table.HOLDING, 0x1C, [0x0B4D])
    framing = RtuFraming()
    framing.ask(question)
    assert framing.feed(rtu(1, b"\x06\x00\x1c\x0b\x4e")) is None
    assert isinstance(framing.verdict(0.3), AnswerMismatched)
    assert framing.feed(bytes.fromhex("01 06 00 1C 0B 4D 8F 09")) == question.pdu


def test_what_one_question_left_behind_is_not_there_for_the_next() -> None:
    framing = RtuFraming()
    framing.ask(TWO)
    assert framing.feed(GOOD[:5]) is None
    framing.ask(TWO)
    assert framing.feed(GOOD[5:]) is None


def test_nothing_is_found_when_nothing_was_asked() -> None:
    assert RtuFraming().feed(GOOD) is None


def test_answers_that_came_too_late_are_known_by_their_unit() -> None:
    strays = RtuFraming().strays(b"\x00" + rtu(9, registers_pdu([5])) + b"\xff" + rtu(3, b"\x83\x02"))
    assert strays == (9, 3)


@given(st.binary(max_size=40), st.binary(max_size=8), st.lists(st.integers(1, 60), max_size=6))
def test_noise_before_and_cuts_anywhere_do_not_lose_the_answer(before: bytes, behind: bytes, cuts: list[int]) -> None:
    stream = before + GOOD + behind
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {len(stream)})
    pdu = found(*[stream[start:end] for start, end in zip([0, *ends], ends, strict=False)])
    # Noise that happens to be a whole answer of ours comes first; one in 65536 tries of the very shape.
    assert pdu is not None
    assert len(pdu) in (2, 6)


def test_what_is_heard_beyond_the_bound_is_dropped() -> None:
    framing = RtuFraming()
    framing.ask(TWO)
    for _ in range(100):
        framing.feed(b"\x01" * 100)
    assert len(framing._heard) == MAX_HEARD


@given(st.lists(st.binary(max_size=64), max_size=12))
def test_no_noise_raises_and_no_buffer_outgrows_its_bound(pieces: list[bytes]) -> None:
    framing = RtuFraming()
    framing.ask(TWO)
    for piece in pieces:
        framing.feed(piece)
        assert len(framing._heard) <= MAX_HEARD
    framing.verdict(0.3)
    framing.strays(b"".join(pieces))


@settings(max_examples=30)
@given(st.integers(1, 254), st.integers(1, 125), st.randoms(use_true_random=False))
def test_an_answer_with_a_wrong_bit_is_never_credited(unit: int, count: int, random: Random) -> None:
    question = read(unit, Table.HOLDING, 0, count)
    frame = bytearray(rtu(unit, registers_pdu([random.randrange(65536) for _ in range(count)])))
    frame[random.randrange(len(frame))] ^= 1 << random.randrange(8)
    framing = RtuFraming()
    framing.ask(question)
    assert framing.feed(bytes(frame)) is None


def test_noise_made_to_look_like_answers_costs_milliseconds() -> None:
    question = read(1, Table.HOLDING, 0, 125)
    noise = bytes([1, 3, 250]) * 400
    framing = RtuFraming()
    framing.ask(question)
    began = time.process_time()
    for octet in noise:
        framing.feed(bytes([octet]))
    framing.verdict(0.3)
    list(intact_frames(noise[:MAX_HEARD]))
    assert time.process_time() - began < 0.25
