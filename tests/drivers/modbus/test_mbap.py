"""Modbus TCP: the transaction id decides, whatever the segments look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.profile import Table
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitSilent
from drivers.modbus.mbap import MbapFraming
from drivers.modbus.pdu import read
from tests.drivers.things import mbap, registers_pdu

QUESTION = read(9, Table.HOLDING, 200, 2)
PDU = registers_pdu([200, 201])


def asked(times: int = 1) -> MbapFraming:
    framing = MbapFraming()
    for _ in range(times):
        framing.ask(QUESTION)
    return framing


def test_a_request_has_its_own_transaction_id_each_time() -> None:
    framing = MbapFraming()
    assert framing.ask(QUESTION) == bytes.fromhex("0001 0000 0006 09 03 00C8 0002")
    assert framing.ask(QUESTION) == bytes.fromhex("0002 0000 0006 09 03 00C8 0002")


def test_the_transaction_id_goes_round() -> None:
    framing = asked(0xFFFF)
    assert framing.ask(QUESTION)[:2] == b"\x00\x00"
    assert framing.feed(mbap(0, 9, PDU)) == PDU


def test_a_late_answer_is_counted_and_the_right_one_behind_it_taken() -> None:
    framing = asked(2)
    assert framing.feed(mbap(1, 9, registers_pdu([100, 101])) + mbap(2, 9, PDU)) == PDU
    assert framing.strays(b"") == (9,)
    assert framing.strays(b"") == ()


def test_a_late_answer_may_come_in_two_halves_over_two_exchanges() -> None:
    framing = asked()
    late = mbap(1, 9, registers_pdu([100, 101]))
    assert framing.feed(late[:8]) is None
    assert isinstance(framing.verdict(0.3), UnitSilent)
    framing.ask(QUESTION)
    assert framing.feed(late[8:] + mbap(2, 9, PDU)) == PDU


def test_a_second_answer_with_the_same_id_is_a_stray() -> None:
    framing = asked()
    assert framing.feed(mbap(1, 9, PDU)) == PDU
    framing.ask(QUESTION)
    assert framing.feed(mbap(1, 9, registers_pdu([7, 7]))) is None


def test_an_answer_of_another_unit_is_a_mismatch() -> None:
    with pytest.raises(AnswerMismatched):
        asked().feed(mbap(1, 8, PDU))


@pytest.mark.parametrize(
    "header", ["0001 0001 0007 09", "0001 0000 0001 09", "0001 0000 00FF 09", "0001 0000 0000 09", "4854 5450 2F31 2E"]
)
def test_a_header_that_makes_no_sense_ends_the_stream(header: str) -> None:
    with pytest.raises(FrameCorrupt):
        asked().feed(bytes.fromhex(header) + PDU)


def test_nothing_of_an_old_connection_lives_on() -> None:
    framing = asked()
    framing.feed(mbap(1, 9, PDU)[:9])
    framing.reset()
    framing.ask(QUESTION)
    assert framing.feed(mbap(2, 9, PDU)) == PDU


@given(st.lists(st.integers(1, 40), max_size=8), st.integers(0, 3))
def test_segments_may_be_cut_and_glued_anywhere(cuts: list[int], late: int) -> None:
    framing = asked(late + 1)
    stream = b"".join(mbap(number, 9, registers_pdu([number] * 2)) for number in range(1, late + 1)) + mbap(late + 1, 9, PDU)
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {len(stream)})
    answers = [framing.feed(stream[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
    assert answers[-1] == PDU
    assert answers[:-1] == [None] * (len(answers) - 1)


@given(st.lists(st.binary(max_size=64), max_size=20))
def test_no_bytes_raise_anything_but_our_errors_and_the_buffer_is_bounded(pieces: list[bytes]) -> None:
    framing = asked()
    for piece in pieces:
        try:
            framing.feed(piece)
        except (FrameCorrupt, AnswerMismatched):
            framing.reset()
            framing.ask(QUESTION)
        assert len(framing._buffer) < 261
    assert isinstance(framing.verdict(0.3), UnitSilent)
