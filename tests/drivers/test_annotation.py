"""What the bytes of a bus mean, piece by piece."""

import pytest

from drivers.annotation import Annotated, Annotator, Kind
from drivers.capture import Piece, Way
from tests.drivers.things import mbap, registers_pdu, rtu

ASKED = rtu(b"\x07\x03\x00\x10\x00\x02")
ANSWER = rtu(7, registers_pdu([1, 2]))


def annotated(*pieces: tuple[Way, bytes], mbap: bool = False) -> list[Annotated]:
    annotator = Annotator(mbap=mbap)
    return [annotator.feed(Piece(10.0 + 0.01 * number, way, data)) for number, (way, data) in enumerate(pieces)]


def test_a_question_and_its_answer_in_two_parts() -> None:
    asked, part, answer = annotated((Way.OUT, ASKED), (Way.IN, ANSWER[:4]), (Way.IN, ANSWER[4:]))
    assert (asked.kind, asked.unit, asked.function, asked.address, asked.count) == (Kind.READ, 7, 3, 16, 2)
    assert (part.kind, part.unit) == (Kind.PART, 7)
    assert (answer.kind, answer.unit, answer.count) == (Kind.ANSWER, 7, 4)
    assert answer.after_s == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("asked", "heard", "kind"),
    [
        (ASKED, b"\xff\x00" + ANSWER, Kind.ANSWER),
        (ASKED, rtu(7, b"\x83\x02"), Kind.REFUSAL),
        (ASKED, rtu(8, registers_pdu([1, 2])), Kind.FOREIGN),
        (ASKED, rtu(7, registers_pdu([1, 2], 4)), Kind.FOREIGN),
        (ASKED, ANSWER[:-1] + b"\x00", Kind.PART),
        (ASKED, ASKED, Kind.ECHO),
        (ASKED, ASKED + ANSWER, Kind.ANSWER),
        (rtu(b"\x07\x06\x00\x01\x00\x05"), rtu(b"\x07\x06\x00\x01\x00\x05"), Kind.ANSWER),
        (rtu(b"\x07\x10\x00\x01\x00\x01\x02\x00\x05"), rtu(b"\x07\x10\x00\x01\x00\x01"), Kind.ANSWER),
        (b"*0IP\r", b"*0IP OK\r", Kind.PART),
    ],
)
def test_what_is_heard_is_named(asked: bytes, heard: bytes, kind: Kind) -> None:
    assert annotated((Way.OUT, asked), (Way.IN, heard))[1].kind is kind


def test_a_refusal_has_its_code_and_a_write_its_value() -> None:
    asked, refused = annotated((Way.OUT, rtu(b"\x07\x06\x00\x01\x00\x05")), (Way.IN, rtu(7, b"\x86\x03")))
    assert (asked.kind, asked.address, asked.count) == (Kind.WRITE, 1, 5)
    assert (refused.kind, refused.code, refused.function) == (Kind.REFUSAL, 3, 6)


def test_modbus_tcp_has_no_crc_and_no_echo() -> None:
    asked, answer, refused = annotated(
        (Way.OUT, mbap(1, 7, b"\x03\x00\x10\x00\x02")),
        (Way.IN, mbap(1, 7, registers_pdu([1, 2]))),
        (Way.IN, mbap(1, 7, b"\x83\x02")),
        mbap=True,
    )
    assert (asked.kind, asked.unit, asked.address, asked.count) == (Kind.READ, 7, 16, 2)
    assert (answer.kind, answer.unit) == (Kind.ANSWER, 7)
    assert (refused.kind, refused.code) == (Kind.REFUSAL, 2)


def test_another_protocol_is_shown_as_it_is_and_a_note_is_no_byte() -> None:
    note, asked = annotated((Way.NOTE, b"link_up"), (Way.OUT, b"*0IP\r"))
    assert (note.kind, asked.kind, asked.unit) == (Kind.NOTE, Kind.REQUEST, None)


def test_a_flood_is_bounded_and_an_answer_before_any_question_is_nobody_s() -> None:
    first, *_, last = annotated((Way.IN, ANSWER), *[(Way.IN, b"\x55" * 100)] * 50)
    assert (first.kind, first.after_s) == (Kind.FOREIGN, None)
    assert last.kind is Kind.PART
