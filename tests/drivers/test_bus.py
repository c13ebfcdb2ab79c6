"""What a bus makes of answers, in virtual time, over links in memory."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from config.profile import Key, Limits, Point, PointType, Table
from config.site import Line
from drivers.bus import GRID_S
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitRefused
from drivers.reading import Quality
from drivers.standing import State
from tests.drivers.rig import Values, rtu_device, running, tcp_device
from tests.drivers.things import (
    DX80,
    LEVEL,
    SERIAL,
    TCP,
    Answerer,
    device,
    mbap,
    profile,
    registers_pdu,
    rtu,
)

pytestmark = pytest.mark.looptime


@pytest.mark.parametrize(("line", "served"), [(TCP, tcp_device), (SERIAL, rtu_device)])
async def test_each_device_is_read_once_a_period(line: Line, served: Callable[[Values], Answerer]) -> None:
    devices = [device(f"bay-{unit}", unit) for unit in range(1, 9)]
    async with running(line, devices, served(lambda unit, _: 100 + unit)) as rig:
        await asyncio.sleep(9.99)
        for unit in range(1, 9):
            readings = rig.inbox.of(f"bay-{unit}")
            assert [reading.level for reading in readings] == [100.0 + unit] * 10
            assert all(reading.trusted for reading in readings)
    assert rig.log.events == ["link_up"]


async def test_a_reading_is_dated_when_its_answer_was_complete() -> None:
    async with running(TCP, [device()], tcp_device(lambda *_: 1, delay_s=0.25)) as rig:
        await asyncio.sleep(1.0)
        assert rig.inbox[0].t == pytest.approx(0.25)
        assert rig.bus.counters().devices[0].round_trip.last_ms == pytest.approx(250)


async def test_polls_of_a_bus_do_not_come_in_bursts() -> None:
    async with running(TCP, [device(f"bay-{unit}", unit) for unit in range(1, 17)], tcp_device(lambda *_: 1)) as rig:
        await asyncio.sleep(5.0)
    times = [at for at, _ in rig.link.sent]
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) > 0.03


async def test_of_many_polls_a_few_are_made_together_and_no_more() -> None:
    async with running(TCP, [device(f"bay-{unit}", unit) for unit in range(1, 101)], tcp_device(lambda *_: 1)) as rig:
        await asyncio.sleep(5.0)
    together = Counter(int(at / GRID_S + 0.001) for at, _ in rig.link.sent)
    assert max(together.values()) == 5
    assert len(together) >= 100


async def test_seven_nodes_behind_one_unit_are_read_in_one_exchange() -> None:
    nodes = [device(f"node-{number}", 1, DX80, sub_unit=number) for number in range(1, 8)]
    async with running(TCP, nodes, tcp_device(lambda _, address: 0x3501 if address == 16 * 3 + 7 else address)) as rig:
        await asyncio.sleep(0.9)
        assert len(rig.link.sent) == 1
        assert [reading.level for reading in rig.inbox] == [16.0, 32.0, None, 64.0, 80.0, 96.0, 112.0]
        (lost,) = rig.inbox.of("node-3")
        assert (lost.silent, lost.cause) == (True, "radio_timeout")


@pytest.mark.parametrize(("line", "served"), [(TCP, tcp_device), (SERIAL, rtu_device)])
async def test_a_silent_unit_is_reported_and_does_not_hold_up_its_neighbours(line: Line, served: Callable[..., Answerer]) -> None:
    devices = [device(f"bay-{unit}", unit) for unit in range(1, 17)]
    async with running(line, devices, served(lambda *_: 7, silent=(5,))) as rig:
        await asyncio.sleep(120.0)
        silent = rig.inbox.of("bay-5")
        assert {(reading.silent, reading.cause) for reading in silent} == {(True, "no_answer")}
        assert len(silent) in (2, 3)
        assert 5.0 <= silent[0].t <= 8.0
        for unit in (1, 4, 6, 16):
            times = [reading.t for reading in rig.inbox.of(f"bay-{unit}")]
            assert len(times) >= 119
            assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 1.6
        counted = rig.bus.counters().devices[4]
        assert (counted.state, counted.answers) == (State.SILENT, 0)
        assert counted.timeouts == counted.requests <= 12
        rig.link.answer = served(lambda *_: 7)
        await asyncio.sleep(70.0)
        assert rig.inbox.of("bay-5")[-1].trusted
    assert rig.log.events == ["link_up", "unit_silent", "unit_back"]
    assert rig.link.opened == 1


async def test_a_refusal_is_a_bad_reading_and_the_unit_is_not_silent() -> None:
    async with running(SERIAL, [device()], lambda _: [(0.02, bytes.fromhex("018302C0F1"))]) as rig:
        await asyncio.sleep(30.0)
        assert len(rig.inbox) == 30
        assert {(reading.quality, reading.cause, reading.silent) for reading in rig.inbox} == {(Quality.BAD, "refused_2", False)}
        assert rig.bus.counters().devices[0].refused == 30
        with pytest.raises(UnitRefused):
            await rig.bus.read_once("a")


async def test_a_gateway_that_says_its_unit_is_out_of_reach_makes_it_silent() -> None:
    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        return [(0.01, mbap(int.from_bytes(request[:2], "big"), 1, b"\x83\x0b"))]

    async with running(TCP, [device()], answer) as rig:
        await asyncio.sleep(10.0)
        assert [(reading.silent, reading.cause) for reading in rig.inbox] == [(True, "no_answer")]


async def test_one_refused_table_spoils_only_the_devices_that_need_it() -> None:
    both = profile(Point(key=Key.LEVEL, address=0), Point(key=Key.OCCUPIED, table=Table.COIL, address=0, type=PointType.BIT))
    holding = profile(Point(key=Key.LEVEL, address=1))

    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        transaction, function = int.from_bytes(request[:2], "big"), request[7]
        return [(0.01, mbap(transaction, 1, b"\x81\x01" if function == 1 else registers_pdu([5, 6])))]

    async with running(TCP, [device("a", of=both), device("b", of=holding)], answer) as rig:
        await asyncio.sleep(0.9)
        assert [(reading.device, reading.cause, reading.level) for reading in rig.inbox] == [("a", "refused_1", None), ("b", None, 6.0)]


async def test_a_corrupt_answer_is_asked_for_once_more_in_the_same_cycle() -> None:
    good = rtu(1, registers_pdu([9]))
    answers = [b"\x00" * len(good), good]

    async with running(SERIAL, [device()], lambda _: [(0.02, answers.pop(0))] if answers else []) as rig:
        await asyncio.sleep(0.9)
        assert [reading.level for reading in rig.inbox] == [9.0]
        counted = rig.bus.counters().devices[0]
        assert (counted.requests, counted.corrupt, counted.answers) == (2, 1, 1)
        assert rig.link.sent[1][0] < 0.1


async def test_a_line_that_only_gives_noise_makes_the_unit_silent_with_that_cause() -> None:
    async with running(SERIAL, [device()], lambda _: [(0.02, b"\xff" * 12)]) as rig:
        await asyncio.sleep(20.0)
        assert (rig.inbox[0].silent, rig.inbox[0].cause) == (True, "corrupt")
        with pytest.raises(FrameCorrupt):
            await rig.bus.read_once("a")


async def test_a_unit_that_answers_other_questions_becomes_silent_with_that_cause() -> None:
    async with running(SERIAL, [device()], lambda _: [(0.02, rtu(1, registers_pdu([1, 2, 3])))]) as rig:
        await asyncio.sleep(20.0)
        assert (rig.inbox[0].silent, rig.inbox[0].cause) == (True, "mismatched")
        with pytest.raises(AnswerMismatched):
            await rig.bus.read_once("a")


async def test_a_value_out_of_range_is_a_bad_reading() -> None:
    of = profile(Point(key=Key.TEMPERATURE_C, address=0, maximum=85))
    async with running(TCP, [device(of=of)], tcp_device(lambda *_: 900)) as rig:
        await asyncio.sleep(0.5)
        assert (rig.inbox[0].quality, rig.inbox[0].cause) == (Quality.BAD, "temperature_c_out_of_range")


async def test_an_adapter_that_hears_itself_does_not_shorten_the_wait_for_a_slow_unit() -> None:
    served = rtu_device(lambda *_: 42, delay_s=0.25)
    async with running(SERIAL, [device()], lambda request: [(0.005, request), *served(request)]) as rig:
        await asyncio.sleep(2.9)
        assert [reading.level for reading in rig.inbox] == [42.0] * 3
        assert len(rig.link.sent) == 3


async def test_a_late_answer_of_a_neighbour_does_not_end_the_wait_for_ours() -> None:
    stray, ours = rtu(9, registers_pdu([1, 2, 3])), rtu(1, registers_pdu([42]))
    async with running(SERIAL, [device()], lambda _: [(0.02, stray), (0.2, ours)]) as rig:
        await asyncio.sleep(0.9)
        assert [reading.level for reading in rig.inbox] == [42.0]
        assert len(rig.link.sent) == 1


async def test_the_silence_of_3_5_characters_is_kept_before_each_request() -> None:
    came: list[float] = []
    served = rtu_device(lambda *_: 1)

    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        came.append(asyncio.get_running_loop().time() + 0.03)
        return served(request)

    async with running(SERIAL, [device(f"bay-{unit}", unit, poll_s=0.05) for unit in range(1, 5)], answer) as rig:
        await asyncio.sleep(5.0)
    gaps = [sent - before for before, (sent, _) in zip(came, rig.link.sent[1:], strict=False)]
    assert len(gaps) > 100
    assert min(gaps) >= 3.5 * 10 / 9600 - 1e-9


async def test_a_babbling_line_is_not_waited_out_for_ever() -> None:
    async with running(SERIAL, [device()], rtu_device(lambda *_: 1)) as rig:
        await asyncio.sleep(0.5)
        loop = asyncio.get_running_loop()
        for step in range(7_000):
            loop.call_later(step * 0.003, rig.link.deliver, b"\xff")
        await asyncio.sleep(19.0)
        assert (rig.inbox[-1].silent, rig.inbox[-1].cause) == (True, "corrupt")
        await asyncio.sleep(30.0)
        assert rig.inbox[-1].trusted


async def test_a_long_answer_on_a_slow_line_is_given_the_time_that_the_wire_needs() -> None:
    wide = profile(*[Point(key=Key.LEVEL, address=number) for number in range(112)], limits=Limits(registers_per_read=112))
    slow = SERIAL.model_copy(update={"baud": 2400})
    frame = rtu(1, registers_pdu(range(112)))
    character_s = 10 / 2400

    def answer(_: bytes) -> Sequence[tuple[float, bytes]]:
        begin = 0.01 + 8 * character_s
        return [(begin + (index + 1) * character_s, frame[index : index + 1]) for index in range(len(frame))]

    async with running(slow, [device(of=wide, poll_s=5.0, timeout_s=0.3)], answer) as rig:
        await asyncio.sleep(4.0)
        assert [reading.level for reading in rig.inbox] == [111.0]


async def test_two_devices_of_one_unit_number_on_other_sub_units_do_not_share_their_silence() -> None:
    near = device("node-1", 1, DX80, sub_unit=1)
    far = device("node-40", 1, DX80, sub_unit=40)

    def answer(request: bytes) -> Sequence[tuple[float, bytes]]:
        return rtu_device(lambda *_: 5)(request) if request[3] < 100 else []

    async with running(SERIAL, [near, far], answer) as rig:
        await asyncio.sleep(30.0)
        assert all(reading.trusted for reading in rig.inbox.of("node-1"))
        assert {reading.cause for reading in rig.inbox.of("node-40")} == {"no_answer"}


async def test_nothing_is_logged_for_polls() -> None:
    async with running(TCP, [device()], tcp_device(lambda *_: 1)) as rig:
        await asyncio.sleep(600.0)
    assert len(rig.inbox) == 600
    assert rig.log.events == ["link_up"]


async def test_counters_are_a_snapshot() -> None:
    async with running(TCP, [device(of=LEVEL)], tcp_device(lambda *_: 1)) as rig:
        await asyncio.sleep(2.5)
        before = rig.bus.counters()
        await asyncio.sleep(2.0)
        assert (before.devices[0].requests, before.devices[0].answers) == (3, 3)
        assert rig.bus.counters().devices[0].answers == 5
        assert before.link.up
        assert before.link.opened == 1
