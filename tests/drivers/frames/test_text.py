"""The two ASCII protocols: printed answers are read, strangers and damage are not, noise around is skipped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.protocols import Protocol
from config.site import SerialLine
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitSilent
from drivers.frames import question_for
from drivers.frames.deying_m77 import M77Framing
from drivers.frames.hmr2300 import Hmr2300Framing
from drivers.framing import Framing, framing_for
from drivers.modbus.rtu import RtuFraming
from drivers.question import Question

M77 = question_for(Protocol.DEYING_M77, 1, 1)
HMR = question_for(Protocol.HMR2300, 7, None)
PRINTED = b"$001,02,01,0,0,000,000*23\r\n"
BY_SUM = b"$001,02,01,0,0,000,000*DC\r\n"
FIELD = b"  1,200  -   345    7,000  \r"
LINE = SerialLine(kind="serial", port="/dev/none")
CASES = [(M77, PRINTED), (HMR, FIELD)]


def asked(question: Question) -> Framing:
    framing = framing_for(LINE, question.protocol)
    framing.ask(question)
    return framing


def test_requests_are_those_of_the_manuals() -> None:
    assert M77Framing().ask(M77) == b"#001,*$01"
    assert Hmr2300Framing().ask(HMR) == b"*07P\r"
    assert (M77.request_octets, M77.answer_octets) == (9, len(PRINTED))
    assert (HMR.request_octets, HMR.answer_octets) == (5, len(FIELD))


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        (PRINTED, (2, 0, 0, 0, 0)),
        (BY_SUM, (2, 0, 0, 0, 0)),
        (b"$001,02,01,1,7,060,010*14\r\n", (2, 1, 7, 60, 100)),
    ],
)
def test_both_readings_of_the_check_are_taken(answer: bytes, fields: tuple[int, ...]) -> None:
    payload = asked(M77).feed(answer)
    assert payload is not None
    assert M77.decode(payload) == fields


def test_signs_blanks_and_commas_of_a_field_are_read() -> None:
    payload = asked(HMR).feed(FIELD)
    assert payload is not None
    assert HMR.decode(payload) == (1200, -345, 7000)
    assert HMR.decode(b"-30,000  +00,001        0  \r") == (-30000, 1, 0)


@pytest.mark.parametrize(("question", "answer"), CASES)
def test_an_answer_is_found_behind_noise_an_echo_and_half_an_answer(question: Question, answer: bytes) -> None:
    request = framing_for(LINE, question.protocol).ask(question)
    for before in (b"\xff" * 8, request, b"\x00" + request[3:], answer[:-3], b"$ ,-"):
        for cut in range(len(before + answer)):
            framing = asked(question)
            stream = before + answer
            assert framing.feed(stream[:cut]) is None
            assert framing.feed(stream[cut:]) == answer


@pytest.mark.parametrize(
    ("question", "heard", "verdict"),
    [
        (M77, b"", UnitSilent),
        (M77, b"#001,*$01", UnitSilent),
        (M77, b"$002,02,01,0,0,000,000*22\r\n", AnswerMismatched),
        (M77, b"$001,02,02,0,0,000,000*22\r\n", AnswerMismatched),
        (M77, PRINTED.replace(b"*23", b"*24"), FrameCorrupt),
        (M77, PRINTED[:-1], FrameCorrupt),
        (M77, b"$001,02,01,3,0,000,000*20\r\n", FrameCorrupt),
        (HMR, b"", UnitSilent),
        (HMR, b"*07P\r", UnitSilent),
        (HMR, FIELD[:-1], FrameCorrupt),
        (HMR, FIELD[:4] + FIELD[5:], FrameCorrupt),
        (HMR, FIELD.replace(b" 1,200", b"99,200"), FrameCorrupt),
        (HMR, b"  1 200  " * 3 + b"\r", FrameCorrupt),
    ],
)
def test_silence_damage_and_strangers_are_told_apart(question: Question, heard: bytes, verdict: type[Exception]) -> None:
    framing = asked(question)
    assert framing.feed(heard) is None
    assert type(framing.verdict(0.3)) is verdict


@pytest.mark.parametrize(("question", "answer"), CASES)
def test_a_lost_octet_never_gives_a_value(question: Question, answer: bytes) -> None:
    for lost in range(len(answer)):
        assert asked(question).feed(answer[:lost] + answer[lost + 1 :]) is None


@pytest.mark.parametrize(("question", "answer"), CASES)
def test_what_one_question_left_behind_is_not_there_for_the_next(question: Question, answer: bytes) -> None:
    framing = asked(question)
    framing.feed(answer[:9])
    framing.ask(question)
    assert framing.feed(answer[9:]) is None


def test_a_late_answer_is_known_by_its_host_where_it_shows_one() -> None:
    assert M77Framing().strays(b"\x00" + PRINTED + BY_SUM) == (1, 1)
    assert Hmr2300Framing().strays(FIELD) == ()
    assert HMR.shape == question_for(Protocol.HMR2300, 8, None).shape
    assert M77.shape != question_for(Protocol.DEYING_M77, 1, 2).shape


@pytest.mark.parametrize(
    ("protocol", "unit", "sub_unit"),
    [
        (Protocol.DEYING_M77, 0, 1),
        (Protocol.DEYING_M77, 1, 100),
        (Protocol.DEYING_M77, 1, None),
        (Protocol.HMR2300, 99, None),
        (Protocol.UHFREADER18, 255, None),
        (Protocol.MODBUS, 1, None),
    ],
)
def test_an_address_that_a_protocol_does_not_have_is_refused(protocol: Protocol, unit: int, sub_unit: int | None) -> None:
    with pytest.raises(ValueError, match=r"."):
        question_for(protocol, unit, sub_unit)


def test_each_protocol_has_its_framing_on_every_line() -> None:
    assert isinstance(framing_for(LINE, Protocol.MODBUS), RtuFraming)
    assert len({type(framing_for(LINE, each)) for each in Protocol}) == len(Protocol)


@given(st.binary(max_size=20), st.sampled_from(CASES))
def test_no_noise_before_loses_an_answer(before: bytes, case: tuple[Question, bytes]) -> None:
    question, answer = case
    assert asked(question).feed(before + answer) is not None
