"""pymodbus' request handler in memory, asked with frames that are written out by hand."""

import asyncio

import pytest

from simulators.modbus_server import Units
from tests.simulators.requests import Shelf, crc, mbap, rtu

pytestmark = pytest.mark.looptime


def framed(text: str) -> bytes:
    data = bytes.fromhex(text)
    return data + crc(data)


async def answered(units: Units, *requests: bytes) -> list[bytes]:
    answers: list[bytes] = []
    session = units.connect(lambda _unit, data: answers.append(data))
    for request in requests:
        session.ask(request)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return answers


def units(*, is_rtu: bool = True) -> tuple[Units, Shelf]:
    shelf = Shelf(1000)
    return Units({0x50: shelf}, asyncio.get_running_loop().time, rtu=is_rtu), shelf


async def test_a_published_request_is_answered_byte_by_byte() -> None:
    served, _ = units()
    request = bytes.fromhex("5003003A00032847")
    assert await answered(served, request) == [framed("50 03 06 0422 0423 0424")]


async def test_a_register_beyond_the_last_is_refused_with_exception_02() -> None:
    served, _ = units()
    assert await answered(served, rtu(0x50, 3, 199, 2)) == [framed("50 83 02")]


async def test_functions_that_the_device_has_not_are_refused_with_exception_01() -> None:
    served, _ = units()
    assert await answered(served, rtu(0x50, 4, 0, 1)) == [framed("50 84 01")]
    assert await answered(served, rtu(0x50, 1, 0, 8)) == [framed("50 81 01")]


async def test_a_write_reaches_the_device_and_is_echoed() -> None:
    served, shelf = units()
    request = rtu(0x50, 6, 0x69, 0xB588)
    assert await answered(served, request) == [request]
    assert shelf.written == [(0x69, [0xB588])]


async def test_a_broadcast_write_reaches_every_unit_and_nobody_answers() -> None:
    shelves = {1: Shelf(), 2: Shelf()}
    served = Units(shelves, asyncio.get_running_loop().time, rtu=True)
    assert await answered(served, rtu(0, 6, 3, 4)) == []
    assert [shelf.written for shelf in shelves.values()] == [[(3, [4])], [(3, [4])]]


async def test_other_units_damaged_frames_and_noise_are_not_answered_and_do_no_harm() -> None:
    served, _ = units()
    good = rtu(0x50, 3, 1, 1)
    damaged = good[:-1] + bytes([good[-1] ^ 1])
    assert await answered(served, rtu(0x51, 3, 1, 1), damaged, b"\x00\xff\x17", rtu(0x51, 0x41, 1)) == []
    assert len(await answered(served, damaged, good)) == 1


async def test_two_requests_in_one_turn_of_the_loop_get_two_answers() -> None:
    served, _ = units(is_rtu=False)
    answers: list[bytes] = []
    session = served.connect(lambda _unit, data: answers.append(data))
    session.ask(mbap(1, 0x50, 3, 10, 1))
    session.ask(mbap(2, 0x50, 3, 20, 1))
    await asyncio.sleep(0.01)
    assert [(answer[1], answer[9:]) for answer in answers] == [(1, b"\x03\xf2"), (2, b"\x03\xfc")]
