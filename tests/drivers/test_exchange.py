"""When an exchange on a pair is over: after its answer, when its time is up, or after a pause that follows enough octets."""

import pytest

from config.profile import Table
from config.protocols import Protocol
from config.site import SerialLine
from drivers.errors import FrameCorrupt
from drivers.exchange import Exchange
from drivers.links.pacing import pace_of
from drivers.modbus.pdu import ModbusQuestion, read
from drivers.modbus.rtu import RtuFraming
from tests.drivers.things import registers_pdu, rtu

PACE = pace_of(SerialLine(kind="serial", port="/dev/ttyS0"))
QUESTION = read(1, Table.HOLDING, 100, 1)
ANSWER = rtu(1, registers_pdu([7]))


def asked(question: ModbusQuestion = QUESTION) -> tuple[Exchange, bytes, float]:
    """An exchange that has just asked, what it sent, and the time."""
    exchange = Exchange(PACE, {Protocol.MODBUS: RtuFraming()}, lambda _: None, on_tcp=False)
    exchange.opened(0.0)
    exchange.ask(question, 1.0, 10.0)
    request = exchange.request(10.0)
    assert isinstance(request, bytes)
    return exchange, request, 10.0


@pytest.mark.parametrize("piece", [1, 8])
def test_an_echo_that_is_longer_than_the_answer_is_not_enough_to_give_up_after_a_pause(piece: int) -> None:
    exchange, echo, now = asked()
    assert len(echo) > len(ANSWER)
    for at in range(0, len(echo), piece):
        assert exchange.heard(echo[at : at + piece], now) is None
    assert exchange.tick(now + PACE.pause_s + 0.001) is None
    assert exchange.waiting
    assert exchange.heard(ANSWER, now + 0.2) == (7,)


def test_noise_as_long_as_the_answer_and_a_pause_end_an_exchange_early_and_it_may_be_asked_again() -> None:
    exchange, _, now = asked()
    assert exchange.heard(b"\xff" * len(ANSWER), now) is None
    ends = exchange.deadline()
    assert ends is not None
    assert ends == pytest.approx(now + PACE.pause_s)
    assert isinstance(exchange.tick(ends), FrameCorrupt)
    assert exchange.may_retry


def test_noise_and_then_an_echo_leave_the_answer_its_time() -> None:
    exchange, echo, now = asked()
    assert exchange.heard(b"\xff" * 6, now) is None
    assert exchange.heard(echo, now) is None
    assert exchange.tick(now + PACE.pause_s + 0.001) is None
    assert exchange.heard(ANSWER, now + 0.2) == (7,)


def test_less_than_an_answer_waits_until_the_time_is_up() -> None:
    exchange, _, now = asked()
    assert exchange.heard(ANSWER[:-1], now) is None
    assert exchange.tick(now + PACE.pause_s + 0.001) is None
    ends = exchange.deadline()
    assert ends is not None
    assert ends > now + 1.0
    assert isinstance(exchange.tick(ends), FrameCorrupt)
    assert not exchange.may_retry
