"""Lines that go down and come back, in virtual time."""

import asyncio
from collections.abc import Sequence

import pytest

from drivers.links.faults import ClosedByPeer, PortMissing
from drivers.links.link import Listener
from tests.drivers.rig import Rig, rtu_device, running, tcp_device
from tests.drivers.things import (
    SERIAL,
    TCP,
    device,
)

pytestmark = pytest.mark.looptime


async def test_a_line_that_goes_down_is_reported_for_all_its_devices_and_opened_again() -> None:
    async with running(TCP, [device("a", 1), device("b", 2)], tcp_device(lambda *_: 1)) as rig:
        await asyncio.sleep(2.9)
        rig.link.go_down(ClosedByPeer(host="h", port=502))
        await asyncio.sleep(100.0)
        outage = [reading for reading in rig.inbox if reading.silent]
        assert [reading.device for reading in outage] == ["a", "b", "a", "b"]
        assert {reading.cause for reading in outage} == {"link_down"}
        assert outage[2].t - outage[0].t >= 60.0
        counters = rig.bus.counters()
        assert not counters.link.up
        assert isinstance(counters.link.last_error, ClosedByPeer)
        with pytest.raises(ClosedByPeer):
            await rig.bus.read_once("a")
        rig.link.fault = None
        await asyncio.sleep(40.0)
        assert rig.inbox.of("a")[-1].trusted
        assert rig.bus.counters().link.up
    assert rig.log.events == ["link_up", "link_down", "link_up"]


async def test_after_a_long_outage_the_next_one_is_again_tried_soon() -> None:
    async with running(TCP, [device()], tcp_device(lambda *_: 1)) as rig:
        await asyncio.sleep(1.5)
        rig.link.go_down(ClosedByPeer(host="h", port=502))
        await asyncio.sleep(600.0)
        rig.link.fault = None
        await asyncio.sleep(60.0)
        assert rig.inbox[-1].trusted
        rig.link.go_down(ClosedByPeer(host="h", port=502))
        await asyncio.sleep(1.2)
        assert rig.inbox[-1].silent
        rig.link.fault = None
        await asyncio.sleep(3.0)
        assert rig.inbox[-1].trusted


async def test_a_port_that_is_not_there_at_the_start_is_found_once_it_is() -> None:
    rig = Rig(SERIAL, [device()], rtu_device(lambda *_: 3))
    rig.link.fault = PortMissing(port="/dev/ttyUSB0", reason="ENOENT")
    task = asyncio.create_task(rig.bus.run())
    await asyncio.sleep(5.0)
    assert [(reading.silent, reading.cause) for reading in rig.inbox] == [(True, "link_down")]
    rig.link.fault = None
    await asyncio.sleep(30.0)
    assert rig.inbox[-1].level == 3.0
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_server_that_accepts_and_hangs_up_is_not_called_without_a_pause() -> None:
    rig = Rig(TCP, [device(f"bay-{unit}", unit) for unit in range(1, 5)], lambda _: [])

    def hang_up(_: bytes) -> Sequence[tuple[float, bytes]]:
        raise ClosedByPeer(host="h", port=502)

    rig.link.answer = hang_up
    task = asyncio.create_task(rig.bus.run())
    await asyncio.sleep(300.0)
    assert 8 <= rig.link.opened <= 25
    assert len(rig.inbox) <= 4 * 6
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_device_that_hangs_up_when_idle_is_called_again_without_an_outage() -> None:
    async with running(TCP, [device(poll_s=60.0)], tcp_device(lambda *_: 1)) as rig:
        await asyncio.sleep(30.0)
        rig.link.fault = ClosedByPeer(host="h", port=502)
        opened = rig.link.open

        async def welcome(listener: Listener) -> None:
            rig.link.fault = None
            await opened(listener)

        rig.link.open = welcome  # type: ignore[method-assign]
        await asyncio.sleep(60.0)
        assert [reading.trusted for reading in rig.inbox] == [True, True]
    assert rig.log.events == ["link_up"]


async def test_a_half_open_connection_is_opened_anew() -> None:
    async with running(TCP, [device()], tcp_device(lambda *_: 1)) as rig:
        await asyncio.sleep(1.9)
        alive, rig.link.answer = rig.link.answer, lambda _: []
        opened = rig.link.open

        async def fresh(listener: Listener) -> None:
            await opened(listener)
            rig.link.answer = alive

        rig.link.open = fresh  # type: ignore[method-assign]
        await asyncio.sleep(30.0)
        assert rig.inbox[-1].trusted
        assert rig.link.opened == 2


async def test_a_stream_that_lost_step_is_opened_anew_and_read_in_the_same_cycle() -> None:
    served = tcp_device(lambda *_: 4)
    junk = [b"HTTP/1.1 400 Bad Request\r\n"]

    async with running(TCP, [device()], lambda request: [(0.01, junk.pop())] if junk else served(request)) as rig:
        await asyncio.sleep(0.9)
        assert [reading.level for reading in rig.inbox] == [4.0]
        assert rig.link.opened == 2


async def test_half_of_a_full_line_that_dies_at_once_costs_the_others_little_while_it_is_found_out() -> None:
    dead: set[int] = set()
    alive = rtu_device(lambda unit, _: unit)

    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        return [] if request[0] in dead else alive(request)

    devices = [device(f"bay-{unit}", unit, poll_s=0.5) for unit in range(1, 25)]
    async with running(SERIAL, devices, answer) as rig:
        await asyncio.sleep(20.0)
        dead.update(range(2, 25, 2))
        await asyncio.sleep(20.0)
        told = {reading.device for reading in rig.inbox if reading.silent}
        found_out = [reading for reading in rig.inbox.of("bay-1") if reading.t > 20.0]
    assert told == {f"bay-{unit}" for unit in dead}
    # Waited for as long as ever, two of them would be found out by now, and the others read less often.
    assert len(found_out) >= 31
