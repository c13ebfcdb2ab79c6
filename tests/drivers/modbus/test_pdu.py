"""Questions and answers: what we send is what the specification prints, and no answer to another question is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.profile import Table
from drivers.errors import AnswerMismatched, UnitRefused
from drivers.modbus.pdu import ModbusQuestion, decode, read, write

QUESTIONS = [
    (read(1, Table.HOLDING, 16, 112), "0300100070", 226),
    (read(254, Table.DISCRETE, 0, 8), "0200000008", 3),
    (read(1, Table.COIL, 19, 19), "0100130013", 5),
    (read(254, Table.INPUT, 1, 1), "0400010001", 4),
    (write(1, Table.HOLDING, 28, [0x0B4D]), "06001C0B4D", 5),
    (write(1, Table.COIL, 172, [1]), "0500ACFF00", 5),
    (write(1, Table.COIL, 19, [1, 0, 1, 1, 0, 0, 1, 1, 1, 0]), "0F0013000A02CD01", 5),
    (write(1, Table.HOLDING, 1, [10, 258]), "100001000204000A0102", 5),
]


@pytest.mark.parametrize(("question", "pdu", "answer_length"), QUESTIONS)
def test_a_question_is_encoded_as_the_specification_prints_it(question: ModbusQuestion, pdu: str, answer_length: int) -> None:
    assert question.pdu == bytes.fromhex(pdu)
    assert question.answer_length == answer_length


@pytest.mark.parametrize(
    ("question", "answer", "values"),
    [
        (read(1, Table.HOLDING, 107, 3), "0306022B00000064", (555, 0, 100)),
        (read(1, Table.INPUT, 8, 1), "0402000A", (10,)),
        (read(1, Table.COIL, 19, 19), "0103CD6B05", (1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1)),
        (read(1, Table.DISCRETE, 0, 3), "0201FA", (0, 1, 0)),
        (write(1, Table.HOLDING, 1, [3]), "0600010003", ()),
        (write(1, Table.HOLDING, 1, [10, 258]), "1000010002", ()),
    ],
)
def test_an_answer_of_the_specification_is_decoded(question: ModbusQuestion, answer: str, values: tuple[int, ...]) -> None:
    assert decode(question, bytes.fromhex(answer)) == values


@pytest.mark.parametrize(
    "answer",
    [
        "0404000100020000",
        "040400010002",
        "03020001",
        "0306000100020003",
        "0304000100",
        "030400010002FF",
        "0303000100",
        "0300",
        "0600010001",
        "8402",
        "830200",
        "83",
        "",
    ],
)
def test_what_pymodbus_takes_for_success_is_a_mismatch_here(answer: str) -> None:
    with pytest.raises(AnswerMismatched):
        decode(read(1, Table.HOLDING, 100, 2), bytes.fromhex(answer))


@pytest.mark.parametrize("code", [1, 2, 11, 14, 0, 255])
def test_a_refusal_keeps_its_raw_code(code: int) -> None:
    with pytest.raises(UnitRefused) as refused:
        decode(read(1, Table.HOLDING, 0, 1), bytes([0x83, code]))
    assert refused.value.code == code


def test_an_echo_of_another_value_is_no_answer_to_a_write() -> None:
    with pytest.raises(AnswerMismatched):
        decode(write(1, Table.HOLDING, 1, [3]), bytes.fromhex("0600010004"))


@given(st.sampled_from([question for question, _, _ in QUESTIONS]), st.binary(max_size=260))
def test_no_answer_raises_anything_but_our_errors(question: ModbusQuestion, answer: bytes) -> None:
    try:
        values = decode(question, answer)
    except (AnswerMismatched, UnitRefused):
        return
    assert len(values) in (0, question.count)


@pytest.mark.parametrize(("address", "count"), [(0, 0), (0, 126), (65535, 2), (-1, 1), (65536, 1)])
def test_a_read_that_modbus_does_not_have_is_a_programmers_error(address: int, count: int) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        read(1, Table.HOLDING, address, count)


@pytest.mark.parametrize(
    ("table", "address", "values"),
    [
        (Table.INPUT, 0, [1]),
        (Table.HOLDING, 0, []),
        (Table.HOLDING, 0, [0] * 124),
        (Table.HOLDING, 0, [65536]),
        (Table.COIL, 0, [2]),
        (Table.HOLDING, 65535, [1, 2]),
    ],
)
def test_a_write_that_modbus_does_not_have_is_a_programmers_error(table: Table, address: int, values: list[int]) -> None:
    with pytest.raises(ValueError, match=r"can't be written|does not fit"):
        write(1, table, address, values)
