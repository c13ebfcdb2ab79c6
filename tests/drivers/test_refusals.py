"""What a device refuses: a read that is too much for it is split and stays so; a value is left out for a while, with a reason."""

import asyncio
from collections.abc import Sequence

import pytest

from config.profile import Key, Point, Table
from drivers.bus import Bus
from drivers.quarantine import FIRST_S, LONGEST_OF_PROVED_S
from tests.drivers.rig import running
from tests.drivers.things import DX80, TCP, device, mbap, profile, registers_pdu

INPUT_TEMPERATURE = profile(
    Point(key=Key.LEVEL, address=0), Point(key=Key.TEMPERATURE_C, table=Table.INPUT, address=40, scale=0.1), poll_s=1.0
)


class Choosy:
    """Modbus TCP: refuses longer reads than it bears, and input registers while it says so."""

    def __init__(self, most: int = 125, *, refuses_inputs: bool = False) -> None:
        self.most = most
        self.refuses_inputs = refuses_inputs
        self.asked: list[tuple[int, int, int]] = []

    def __call__(self, request: bytes) -> Sequence[tuple[float, bytes]]:
        function, address, count = request[7], int.from_bytes(request[8:10], "big"), int.from_bytes(request[10:12], "big")
        self.asked.append((function, address, count))
        refused = count > self.most or (function == 4 and self.refuses_inputs)
        levels = [215 if at % 16 != 7 else 0 for at in range(address, address + count)]
        pdu = bytes([function | 0x80, 2]) if refused else registers_pdu(levels, function)
        return [(0.002, mbap(int.from_bytes(request[:2], "big"), request[6], pdu))]


def left_out(bus: Bus) -> list[tuple[str, int, int]]:
    return [(each.table, each.address, each.code) for each in bus.left_out(asyncio.get_running_loop().time())]


@pytest.mark.looptime
async def test_a_read_that_is_refused_as_a_whole_is_split_until_it_is_granted_and_stays_so() -> None:
    unit = Choosy(most=24)
    nodes = [device(f"node-{number}", of=DX80, sub_unit=number) for number in range(1, 8)]
    async with running(TCP, nodes, unit) as rig:
        await asyncio.sleep(10.0)
        assert unit.asked[0] == (3, 16, 104)
        granted = [count for _, _, count in unit.asked if count <= 24]
        refused = [count for _, _, count in unit.asked if count > 24]
        assert len(refused) <= 6, "remembered: each is refused once"
        assert len(granted) > 30
        assert all(len([reading for reading in rig.inbox.of(node.name) if reading.level == 215.0]) >= 8 for node in nodes)
        assert rig.log.events.count("read_split") == len(refused)
        unit.asked.clear()
        await asyncio.sleep(120.0)
        assert max(count for _, _, count in unit.asked) <= 24


@pytest.mark.looptime
async def test_a_refused_value_is_left_out_for_a_while_with_a_reason_and_the_rest_is_read() -> None:
    unit = Choosy(refuses_inputs=True)
    async with running(TCP, [device("bay", of=INPUT_TEMPERATURE)], unit) as rig:
        await asyncio.sleep(FIRST_S - 2)
        assert {(reading.level, reading.temperature_c, reading.trusted) for reading in rig.inbox} == {(215.0, None, True)}
        assert [function for function, _, _ in unit.asked].count(4) == 1
        assert left_out(rig.bus) == [("input", 40, 2)]
        told = [values for event, values in rig.log.lines if event == "values_left_out"]
        where = {"bus": "east", "devices": "bay", "table": "input", "address": 40, "count": 1}
        assert told == [{"fault": "drivers.values_left_out", **where, "refusal": 2, "for_s": round(FIRST_S)}]
        unit.refuses_inputs = False
        await asyncio.sleep(5.0)
        assert rig.inbox[-1].temperature_c == 21.5
        assert left_out(rig.bus) == []


@pytest.mark.looptime
async def test_what_once_gave_a_good_answer_is_asked_again_at_least_once_a_minute_however_often_it_is_refused() -> None:
    unit = Choosy()
    async with running(TCP, [device("bay", of=INPUT_TEMPERATURE)], unit) as rig:
        await asyncio.sleep(5.0)
        assert rig.inbox[-1].temperature_c == 21.5
        unit.refuses_inputs = True
        unit.asked.clear()
        await asyncio.sleep(600.0)
        assert [function for function, _, _ in unit.asked].count(4) >= 600 / (LONGEST_OF_PROVED_S + 2)
        assert all(reading.trusted for reading in rig.inbox)
