"""Reads that a technician asks for, in turn with the polls."""

import asyncio

import pytest

from drivers.errors import BusBusy, LinkDown, UnitSilent
from drivers.links.faults import BusStopped
from drivers.plan import MOST_JOBS
from tests.drivers.rig import Rig, rtu_device, running, tcp_device
from tests.drivers.things import (
    SERIAL,
    TCP,
    device,
)

pytestmark = pytest.mark.looptime


async def test_a_technician_reads_in_turn_with_the_polls() -> None:
    async with running(SERIAL, [device("a", 1), device("b", 2)], rtu_device(lambda unit, _: unit * 11)) as rig:
        await asyncio.sleep(0.7)
        before = len(rig.inbox)
        reading = await rig.bus.read_once("b")
        assert reading.level == 22.0
        assert asyncio.get_running_loop().time() < 0.8
        assert len(rig.inbox) == before


async def test_a_technician_is_told_when_the_unit_is_silent_and_may_ask_in_vain_no_more_often_than_there_is_room() -> None:
    async with running(TCP, [device("a", 1, poll_s=600.0)], tcp_device(lambda *_: 1, silent=(1,))) as rig:
        await asyncio.sleep(1.0)
        with pytest.raises(UnitSilent):
            await rig.bus.read_once("a")
        asked = [asyncio.create_task(rig.bus.read_once("a")) for _ in range(MOST_JOBS + 3)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(answer) for answer in answers} == {UnitSilent, BusBusy}
        with pytest.raises(KeyError):
            await rig.bus.read_once("nobody")


async def test_a_technician_who_went_away_is_not_read_for() -> None:
    async with running(TCP, [device("a", 1, poll_s=600.0)], tcp_device(lambda *_: 1, silent=(1,))) as rig:
        await asyncio.sleep(1.0)
        asked = [asyncio.create_task(rig.bus.read_once("a")) for _ in range(5)]
        await asyncio.sleep(0.1)
        for task in asked[1:]:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        await asyncio.sleep(5.0)
        assert len(rig.link.sent) == 2


async def test_a_bus_that_is_stopped_tells_those_who_wait() -> None:
    rig = Rig(TCP, [device()], tcp_device(lambda *_: 1, silent=(1,)))
    task = asyncio.create_task(rig.bus.run())
    await asyncio.sleep(0.1)
    asked = asyncio.create_task(rig.bus.read_once("a"))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(BusStopped):
        await asked
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(LinkDown):
        await rig.bus.read_once("a")
