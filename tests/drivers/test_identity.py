"""A device that is another model than its profile says is found out by its registers, and believed no more until it is the right one."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from config.profile import Identity, Key, Point, Setting, Table
from drivers.identity import AGAIN_S, OTHER_MODEL
from tests.drivers.rig import running
from tests.drivers.things import TCP, device, mbap, profile, registers_pdu

SETTING = Setting(name="filter", address=9, readable=False)
LOOP = profile(
    Point(key=Key.LEVEL, address=5), identity=(Identity(table=Table.INPUT, address=0, mask=0xFF, equals=34),), settings=(SETTING,)
)
BAY = replace(device("bay", of=LOOP), settings=((SETTING, 7),))


class Model:
    """Modbus TCP; input register 0 tells its type, or is refused."""

    def __init__(self, number: int | None) -> None:
        self.number = number
        self.silent = False
        self.asked: list[int] = []

    def __call__(self, request: bytes) -> Sequence[tuple[float, bytes]]:
        function = request[7]
        self.asked.append(function)
        if self.silent:
            return []
        if function == 6:
            pdu = request[7:]
        elif function == 4:
            pdu = bytes([0x84, 2]) if self.number is None else registers_pdu([0x0300 | self.number], 4)
        else:
            pdu = registers_pdu([100])
        return [(0.002, mbap(int.from_bytes(request[:2], "big"), request[6], pdu))]


@pytest.mark.looptime
async def test_the_right_model_is_asked_once_and_again_after_it_was_away() -> None:
    unit = Model(34)
    async with running(TCP, [BAY], unit) as rig:
        await asyncio.sleep(100.0)
        assert all(reading.trusted for reading in rig.inbox)
        assert unit.asked.count(4) == 1
        unit.silent = True
        await asyncio.sleep(30.0)
        unit.silent = False
        await asyncio.sleep(90.0)
        assert unit.asked.count(4) == 2


@pytest.mark.looptime
async def test_another_model_is_not_believed_and_not_written_to_until_the_right_one_stands_there() -> None:
    unit = Model(35)
    async with running(TCP, [BAY], unit) as rig:
        await asyncio.sleep(20.0)
        assert {(reading.trusted, reading.cause) for reading in rig.inbox[1:]} == {(False, OTHER_MODEL)}
        assert [values for event, values in rig.log.lines if event == "other_model"] == [
            {"fault": "drivers.other_model", "bus": "east", "device": "bay"}
        ]
        assert 6 not in unit.asked
        assert (await rig.bus.read_once("bay")).cause == OTHER_MODEL
        unit.number = 34
        await asyncio.sleep(AGAIN_S + 2)
        assert rig.inbox[-1].trusted
        assert unit.asked.count(6) == 1


@pytest.mark.looptime
async def test_a_device_that_does_not_tell_its_model_is_believed() -> None:
    unit = Model(None)
    async with running(TCP, [BAY], unit) as rig:
        await asyncio.sleep(20.0)
        assert all(reading.trusted for reading in rig.inbox)
        assert (await rig.bus.read_once("bay")).level == 100.0
        assert unit.asked.count(6) == 1
