"""A unit that talks without end, or without being asked, does not take the line from the others."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.drivers.rig import Rig, rtu_device, running
from tests.drivers.things import SERIAL, Answerer, device

pytestmark = pytest.mark.looptime

UNITS = 8
CHARACTER_S = 10 / 9600


def one_pair(served: Answerer, flood_octets: int) -> Answerer:
    """Unit 3 goes on talking behind its answer, octet by octet; who is asked meanwhile is not understood."""
    talks_until = 0.0

    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        nonlocal talks_until
        now = asyncio.get_running_loop().time()
        if now < talks_until:
            return []
        pieces: list[tuple[float, bytes]] = list(served(request))
        if request[0] == 3:
            ends = pieces[-1][0] if pieces else 0.03
            pieces += [(ends + octet * CHARACTER_S, b"\x55\x55") for octet in range(2, flood_octets, 2)]
            talks_until = now + ends + flood_octets * CHARACTER_S
        return pieces

    return answer


def readings_of_the_others(rig: Rig, after: float) -> list[int]:
    return [
        sum(reading.trusted and reading.t >= after for reading in rig.inbox.of(f"bay-{unit}")) for unit in range(1, UNITS + 1) if unit != 3
    ]


@pytest.mark.parametrize("answers", [True, False], ids=["behind its answer", "instead of an answer"])
async def test_a_unit_that_answers_enormously_does_not_starve_the_others(answers: bool) -> None:
    served = rtu_device(lambda unit, _: unit, silent=() if answers else (3,))
    devices = [device(f"bay-{unit}", unit) for unit in range(1, UNITS + 1)]
    async with running(SERIAL, devices, one_pair(served, 2048)) as rig:
        await asyncio.sleep(90.0)
    # A flood of 2.1 s at every second would leave nothing to the others. The first half minute is for finding out.
    assert min(readings_of_the_others(rig, 30.0)) >= 0.8 * 60
    floods = [values for event, values in rig.log.lines if event == "unit_floods"]
    assert {values["unit"] for values in floods} == {3}
    assert 1 <= len(floods) <= 2


async def test_a_unit_that_talks_without_being_asked_costs_the_others_no_more_than_the_time_it_talks() -> None:
    devices = [device(f"bay-{unit}", unit) for unit in range(1, UNITS + 1)]
    async with running(SERIAL, devices, rtu_device(lambda unit, _: unit)) as rig:
        for _ in range(150):
            await asyncio.sleep(0.3)
            for _ in range(5):
                rig.link.deliver(b"\x55" * 6)
                await asyncio.sleep(6 * CHARACTER_S)
    assert min(readings_of_the_others(rig, 0.0)) >= 0.9 * 48
    assert "unit_silent" not in rig.log.events


async def test_a_pair_full_of_noise_is_no_fault_of_one_unit_for_longer_than_the_noise_lasts() -> None:
    devices = [device(f"bay-{unit}", unit) for unit in range(1, UNITS + 1)]
    async with running(SERIAL, devices, rtu_device(lambda unit, _: unit)) as rig:
        await asyncio.sleep(10.0)
        for _ in range(3000):
            rig.link.deliver(b"\x55" * 6)
            await asyncio.sleep(0.005)
        noise_ended = asyncio.get_running_loop().time()
        await asyncio.sleep(62.0)
    for unit in range(1, UNITS + 1):
        assert any(reading.trusted and reading.t > noise_ended for reading in rig.inbox.of(f"bay-{unit}"))
