"""What lies between a master and the units: times, silences, collisions and damage, in virtual time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest

from config.site import Parity
from config.site import Wire as WirePlan
from simulators.faults import Cut, Echo, Fault, Late, Noise
from simulators.modbus_server import Units
from simulators.network import MbapLine
from simulators.wire import RtuEnd, RtuLine, character_s
from tests.simulators.requests import Shelf, mbap, registers, rtu

pytestmark = pytest.mark.looptime

UNIT = 5
CHARACTER_S = 10 / 9600


@dataclass
class Master:
    """One end of a line, and all that arrived there with its time."""

    pieces: list[tuple[float, bytes]] = field(default_factory=list)

    def deliver(self, data: bytes) -> None:
        self.pieces.append((asyncio.get_running_loop().time(), data))

    @property
    def data(self) -> bytes:
        return b"".join(data for _, data in self.pieces)

    def take(self) -> bytes:
        data = self.data
        self.pieces.clear()
        return data


def line(
    faults: Sequence[Fault] = (), *, plan: WirePlan | None = None, seed: int = 1, silent: bool = False, whole: bool = False
) -> RtuLine:
    clock = asyncio.get_running_loop().time
    devices = {UNIT: Shelf(1000), UNIT + 1: Shelf(2000)}

    def answers(unit: int, t: float) -> float | None:  # noqa: ARG001
        return None if silent else devices[unit].answer_s

    units = Units(devices, clock, rtu=True)
    return RtuLine(units, answers, faults, clock, Random(seed), plan=plan or WirePlan(baud=9600), whole=whole)


def attached(on: RtuLine) -> tuple[Master, RtuEnd]:
    master = Master()
    return master, on.attach(master.deliver)


async def asked(master: Master, end: RtuEnd, request: bytes, wait_s: float = 0.5) -> bytes:
    end.send(request)
    await asyncio.sleep(wait_s)
    return master.take()


def test_a_character_has_a_start_bit_eight_data_bits_parity_and_stop_bits() -> None:
    assert character_s(WirePlan(baud=9600)) == pytest.approx(10 / 9600)
    assert character_s(WirePlan(baud=19200, parity=Parity.EVEN)) == pytest.approx(11 / 19200)
    assert character_s(WirePlan(baud=1200, stop_bits=2)) == pytest.approx(11 / 1200)


async def test_an_answer_of_25_bytes_at_9600_takes_its_26_ms_and_comes_in_pieces() -> None:
    master, end = attached(line())
    begun = asyncio.get_running_loop().time()
    end.send(rtu(UNIT, 3, 20, 10))
    await asyncio.sleep(1)
    assert registers(master.data, UNIT) == list(range(1020, 1030))
    assert len(master.pieces) > 1
    first_t, first = master.pieces[0]
    answer_begins = first_t - len(first) * CHARACTER_S
    assert master.pieces[-1][0] - answer_begins == pytest.approx(0.02604, abs=2e-5)
    request_s = 8 * CHARACTER_S
    assert 0.008 <= answer_begins - begun - request_s <= 0.012 + 1e-4


async def test_a_serial_server_hands_on_an_answer_in_one_piece_when_it_is_whole() -> None:
    master, end = attached(line(whole=True))
    begun = asyncio.get_running_loop().time()
    end.send(rtu(UNIT, 3, 0, 100))
    await asyncio.sleep(1)
    ((t, data),) = master.pieces
    assert registers(data, UNIT) == list(range(1000, 1100))
    assert t - begun > (8 + 205) * CHARACTER_S


async def test_at_a_slow_rate_a_piece_still_comes_as_often_as_an_adapter_hands_on() -> None:
    master, end = attached(line(plan=WirePlan(baud=1200)))
    end.send(rtu(UNIT, 3, 0, 10))
    await asyncio.sleep(1)
    times = [t for t, _ in master.pieces]
    assert max(after - before for before, after in pairwise(times)) < 0.017


async def test_units_that_are_not_there_stay_silent_and_those_beside_them_answer() -> None:
    master, end = attached(line())
    assert await asked(master, end, rtu(UNIT + 2, 3, 0, 1)) == b""
    assert registers(await asked(master, end, rtu(UNIT + 1, 3, 0, 1)), UNIT + 1) == [2000]
    assert await asked(master, end, rtu(0, 3, 0, 1)) == b"", "a broadcast has no answer"


async def test_a_unit_without_power_is_silent() -> None:
    master, end = attached(line(silent=True))
    assert await asked(master, end, rtu(UNIT, 3, 0, 1)) == b""


async def test_a_request_in_two_parts_is_one_request_and_half_a_request_is_forgotten_after_a_silence() -> None:
    master, end = attached(line())
    whole = rtu(UNIT, 3, 7, 1)
    end.send(whole[:3])
    await asyncio.sleep(0.005)
    assert registers(await asked(master, end, whole[3:]), UNIT) == [1007]
    end.send(whole[:5])
    await asyncio.sleep(0.2)
    assert registers(await asked(master, end, whole), UNIT) == [1007]


async def test_who_speaks_into_an_answer_destroys_it_and_is_not_heard() -> None:
    master, end = attached(line())
    request = rtu(UNIT, 3, 0, 40)
    undisturbed = await asked(master, end, request)
    end.send(request)
    await asyncio.sleep(8 * CHARACTER_S + 0.02)
    disturbed = await asked(master, end, request)
    assert len(disturbed) == len(undisturbed), "the second request was answered, or the first answer cut short"
    assert disturbed != undisturbed
    assert await asked(master, end, request) == undisturbed


async def test_a_late_answer_meets_the_next_request_on_the_wire() -> None:
    master, end = attached(line([Late(kind="late", line="x", by_s=0.3)]))
    assert await asked(master, end, rtu(UNIT, 3, 100, 1), wait_s=0.2) == b""
    answer = await asked(master, end, rtu(UNIT + 1, 3, 0, 1), wait_s=0.2)
    assert registers(answer, UNIT) == [1100], "the late answer of another unit"
    await asyncio.sleep(0.3)
    assert registers(master.take(), UNIT + 1) == [2000]


async def test_a_cut_wire_passes_nothing_in_either_direction_until_it_is_mended() -> None:
    master, end = attached(line([Cut(kind="cut", line="x", from_s=10, to_s=20)]))
    request = rtu(UNIT, 3, 0, 1)
    assert await asked(master, end, request)
    await asyncio.sleep(10)
    assert await asked(master, end, request) == b""
    await asyncio.sleep(10)
    assert await asked(master, end, request)


async def test_a_cut_within_an_answer_leaves_a_torn_frame() -> None:
    request = rtu(UNIT, 3, 0, 100)
    cut_at = 8 * CHARACTER_S + 0.1
    master, end = attached(line([Cut(kind="cut", line="x", from_s=cut_at)]))
    assert asyncio.get_running_loop().time() < 0.01
    torn = await asked(master, end, request)
    assert 0 < len(torn) < 205


async def test_an_echo_comes_back_before_the_answer() -> None:
    master, end = attached(line([Echo(kind="echo", line="x")]))
    request = rtu(UNIT, 3, 3, 1)
    heard = await asked(master, end, request)
    assert heard[: len(request)] == request
    assert registers(heard[len(request) :], UNIT) == [1003]


async def test_noise_is_there_and_the_same_seed_and_traffic_give_the_same_noise() -> None:
    noise = Noise(kind="noise", line="x", flipped_bits=0.01, lost_bytes=0.01, junk=0.1)

    async def heard(seed: int) -> list[bytes]:
        master, end = attached(line([noise], seed=seed))
        return [await asked(master, end, rtu(UNIT, 3, 0, 10)) for _ in range(60)]

    once, again, other = await heard(1), await heard(1), await heard(2)
    assert once == again
    assert once != other
    undamaged = rtu(UNIT, 3, 0, 10)
    clean = await asked(*attached(line()), undamaged)
    assert 5 < sum(answer == clean for answer in once) < 55
    assert any(answer and answer != clean for answer in once)


async def test_noise_ends_when_it_ends() -> None:
    master, end = attached(line([Noise(kind="noise", line="x", flipped_bits=1.0, to_s=10)]))
    assert await asked(master, end, rtu(UNIT, 3, 0, 1)) == b""
    await asyncio.sleep(10)
    assert registers(await asked(master, end, rtu(UNIT, 3, 0, 1)), UNIT) == [1000]


async def test_on_tcp_requests_that_come_together_or_torn_are_all_answered_with_their_transaction() -> None:
    loop = asyncio.get_running_loop()
    master = Master()
    units = Units({UNIT: Shelf(1000)}, loop.time, rtu=False)
    end = MbapLine(units, lambda _unit, _t: 0.01, (), loop.time, Random(1)).attach(master.deliver)
    stream = mbap(7, UNIT, 3, 1, 1) + mbap(8, UNIT, 3, 2, 1) + mbap(9, UNIT + 1, 3, 3, 1) + mbap(10, UNIT, 3, 4, 1)
    for at in range(0, len(stream), 7):
        end.send(stream[at : at + 7])
    await asyncio.sleep(1)
    answers = {data[1]: int.from_bytes(data[9:11], "big") for _, data in master.pieces}
    assert answers == {7: 1001, 8: 1002, 10: 1004}


async def test_a_flood_of_requests_is_bounded() -> None:
    loop = asyncio.get_running_loop()
    master = Master()
    units = Units({UNIT: Shelf(1000)}, loop.time, rtu=False)
    on = MbapLine(units, lambda _unit, _t: 5.0, (), loop.time, Random(1))
    end = on.attach(master.deliver)
    for number in range(1000):
        end.send(mbap(number, UNIT, 3, 1, 1))
        await asyncio.sleep(0)
    assert on.waiting <= 64
    await asyncio.sleep(20)
    assert 0 < len(master.pieces) <= 64
    assert on.waiting == 0


async def test_a_slow_pair_does_not_keep_more_than_it_can_send_in_seconds() -> None:
    master, end = attached(line())
    for _ in range(100):
        end.send(bytes(1000))
    await asyncio.sleep(10)
    assert registers(await asked(master, end, rtu(UNIT, 3, 0, 1)), UNIT) == [1000]
