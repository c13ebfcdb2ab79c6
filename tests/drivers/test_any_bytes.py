"""Whatever comes over a line: a framing raises FrameCorrupt and AnswerMismatched only, a question UnitRefused and AnswerMismatched.

Octets are random, or a true answer that was cut, repeated and damaged, for random ones seldom get far into a frame.
"""

from hypothesis import given
from hypothesis import strategies as st

from config.profile import Table
from config.protocols import Protocol
from config.site import Line, RtuOverTcpLine, SerialLine, TcpLine
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitRefused, UnitSilent, WireError
from drivers.frames import question_for
from drivers.framing import framing_for
from drivers.modbus.pdu import read, write
from drivers.question import Question
from tests.drivers.things import mbap, registers_pdu, rtu

SERIAL = SerialLine(kind="serial", port="/dev/none")
TCP = TcpLine(kind="tcp", host="127.0.0.1")
SERVER = RtuOverTcpLine(kind="rtu_over_tcp", host="127.0.0.1", port=4001)

CASES: list[tuple[Line, Question, bytes]] = [
    (SERIAL, read(1, Table.HOLDING, 0, 2), rtu(1, registers_pdu([1, 2]))),
    (SERVER, read(1, Table.COIL, 0, 9), rtu(1, b"\x01\x02\xff\x01")),
    (SERIAL, read(1, Table.HOLDING, 0, 2), rtu(1, b"\x83\x02")),
    (SERIAL, write(1, Table.HOLDING, 0x1C, [0x0B4D]), rtu(1, b"\x06\x00\x1c\x0b\x4d")),
    (SERIAL, write(1, Table.HOLDING, 1, [10, 258]), rtu(1, b"\x10\x00\x01\x00\x02")),
    (TCP, read(9, Table.HOLDING, 200, 2), mbap(1, 9, registers_pdu([1, 2]))),
    (SERIAL, question_for(Protocol.DEYING_M77, 1, 1), b"$001,02,01,0,0,000,000*23\r\n"),
    (SERIAL, question_for(Protocol.HMR2300, 7, None), b"  1,200  -   345    7,000  \r"),
    (SERVER, question_for(Protocol.UHFREADER18, 0, None), bytes.fromhex("13 00 01 03 01 0C 000000000000000000000313 3F 39")),
]


@st.composite
def streams(draw: st.DrawFn, answer: bytes) -> list[bytes]:
    """In pieces."""
    piece = st.one_of(
        st.binary(max_size=64),
        st.just(answer),
        st.builds(lambda at: answer[:at], st.integers(0, len(answer))),
        st.builds(lambda at: answer[at:], st.integers(0, len(answer))),
        st.builds(lambda at, octet: answer[:at] + bytes([octet]) + answer[at + 1 :], st.integers(0, len(answer) - 1), st.integers(0, 255)),
    )
    return draw(st.lists(piece, max_size=24))


@given(st.sampled_from(CASES), st.data())
def test_no_stream_raises_anything_but_what_is_said(case: tuple[Line, Question, bytes], data: st.DataObject) -> None:
    line, question, answer = case
    framing = framing_for(line, question.protocol)
    framing.ask(question)
    pieces = data.draw(streams(answer))
    for piece in pieces:
        try:
            payload = framing.feed(piece)
        except (FrameCorrupt, AnswerMismatched):
            framing.reset()
            payload = None
        assert framing.enough in (True, False)
        if payload is not None:
            decoded(question, payload)
            framing.ask(question)
    assert isinstance(framing.verdict(0.3), UnitSilent | FrameCorrupt | AnswerMismatched)
    assert all(isinstance(unit, int) for unit in framing.strays(b"".join(pieces)))


@given(st.sampled_from(CASES), st.data())
def test_no_payload_raises_anything_but_what_is_said(case: tuple[Line, Question, bytes], data: st.DataObject) -> None:
    _, question, answer = case
    for piece in data.draw(streams(answer)):
        decoded(question, piece)


def decoded(question: Question, payload: bytes) -> None:
    try:
        answer = question.decode(payload)
    except WireError as error:
        assert isinstance(error, UnitRefused | AnswerMismatched)  # noqa: PT017 - it may raise, and must not raise others
    else:
        assert all(isinstance(each, int | str) for each in answer)
