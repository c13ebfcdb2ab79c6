"""Devices with other tables, with measurements on demand, and with frames of their own, against the published bytes."""

import asyncio
from collections.abc import Callable

import pytest

from simulators.devices import M77, Dx80, Dx80Node, Hmr2300, Ld120, Refused, UhfReader18, Urm, hmr2300, m77, uhfreader18
from simulators.devices.frame import Cut, FrameDevice
from simulators.devices.ld120 import Loop
from simulators.devices.m77 import Detector, State
from simulators.devices.urm import Variant
from simulators.frame_server import FrameUnits
from simulators.magnetics import Magnetics
from simulators.modbus_server import Units
from simulators.plan import Weather
from simulators.street import Street
from simulators.traffic import Stay
from tests.simulators.requests import Shelf, crc, rtu
from tests.simulators.streets import BAYS, busy

BAY = BAYS[1]
EPC = bytes.fromhex("000000000000000000000313")
EPC_2 = bytes.fromhex("000000000000000000000314")


@pytest.fixture
def street() -> Street:
    return Street(5, busy(drive_overs_per_h=0, buses_per_h=0))


@pytest.fixture
def magnetics(street: Street) -> Magnetics:
    return Magnetics(street, Weather())


def a_stay(street: Street) -> Stay:
    stay = street.next_stay(BAY, 100.0)
    assert stay is not None
    return stay


def spoken(cut: Cut, devices: dict[int, FrameDevice], *parts: bytes, t: float = 0.0) -> list[bytes]:
    answers: list[bytes] = []
    session = FrameUnits(devices, lambda: t, cut).connect(lambda _unit, data: answers.append(data))
    for part in parts:
        session.ask(part)
    return answers


async def modbus(unit: int, device: Ld120 | Urm | Shelf, t: Callable[[], float], request: bytes) -> bytes:
    answers: list[bytes] = []
    session = Units({unit: device}, t, rtu=True).connect(lambda _unit, data: answers.append(data))
    session.ask(request)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(answers) == 1
    assert crc(answers[0][:-2]) == answers[0][-2:]
    return answers[0][:-2]


@pytest.mark.looptime
class TestLd120:
    def loop(self, street: Street, fault: Loop = Loop.WELL, counted: int = 0) -> Ld120:
        return Ld120(BAY, 254, street, lambda _: fault, counted=counted)

    async def test_the_published_requests_are_answered_from_discrete_inputs_and_input_registers(self, street: Street) -> None:
        stay, device = a_stay(street), self.loop(street)
        inputs, state = bytes.fromhex("FE02000000086DC3"), bytes.fromhex("FE04000100017405")
        assert await modbus(254, device, lambda: stay.parked_s, inputs) == bytes.fromhex("FE020102")
        assert await modbus(254, device, lambda: stay.parked_s, state) == bytes.fromhex("FE04020002")
        assert await modbus(254, device, lambda: stay.gone_s + 0.1, inputs) == bytes.fromhex("FE020100")

    async def test_its_type_tells_what_it_is(self, street: Street) -> None:
        assert (await modbus(254, self.loop(street), lambda: 1.0, rtu(254, 4, 0, 1)))[-1] == 34

    async def test_a_broken_loop_reports_the_fault_and_no_vehicle(self, street: Street) -> None:
        stay, device = a_stay(street), self.loop(street, Loop.FAULT | Loop.OPEN)
        assert await modbus(254, device, lambda: stay.parked_s, bytes.fromhex("FE02000000086DC3")) == bytes.fromhex("FE020111")

    async def test_nine_registers_are_refused_and_eight_are_not(self, street: Street) -> None:
        assert await modbus(254, self.loop(street), lambda: 1.0, rtu(254, 3, 2, 9)) == bytes.fromhex("FE8303")
        assert len(await modbus(254, self.loop(street), lambda: 1.0, rtu(254, 3, 2, 8))) == 3 + 16

    async def test_a_relay_that_was_switched_is_read_back_and_another_coil_is_refused(self, street: Street) -> None:
        device = self.loop(street)
        request = rtu(254, 5, 9, 0xFF00)
        assert await modbus(254, device, lambda: 1.0, request) == request[:-2]
        assert await modbus(254, device, lambda: 1.0, rtu(254, 1, 8, 2)) == bytes.fromhex("FE010102")
        both = bytes.fromhex("FE0F000800020103")
        assert await modbus(254, device, lambda: 1.0, both + crc(both)) == bytes.fromhex("FE0F00080002")
        assert await modbus(254, device, lambda: 1.0, rtu(254, 1, 8, 2)) == bytes.fromhex("FE010103")
        assert await modbus(254, device, lambda: 1.0, rtu(254, 5, 3, 0xFF00)) == bytes.fromhex("FE8502")

    async def test_a_unit_without_coils_refuses_them_as_before(self) -> None:
        assert await modbus(9, Shelf(), lambda: 1.0, rtu(9, 5, 9, 0xFF00)) == bytes.fromhex("098501")
        assert await modbus(9, Shelf(), lambda: 1.0, rtu(9, 2, 0, 8)) == bytes.fromhex("098201")

    def test_the_counter_follows_the_cars_and_wraps_from_its_last_value_to_zero(self, street: Street) -> None:
        device = self.loop(street, counted=0xFFFF_FFFF)
        first = street.next_stay(BAY, 0.0)
        assert first is not None
        second = street.next_stay(BAY, first.arrive_s)
        assert second is not None
        assert list(device.read(9, 2, first.arrive_s - 0.1)) == [0xFFFF, 0xFFFF]
        assert list(device.read(9, 2, first.parked_s)) == [0, 0]
        assert list(device.read(9, 2, second.parked_s)) == [0, 1]

    def test_its_clock_runs_on_from_what_it_was_set_to_and_takes_no_thirteenth_month(self, street: Street) -> None:
        device = self.loop(street)
        device.write(2, [50, 59, 23, 4, 31, 12, 2026], 100.0)
        assert list(device.read(2, 7, 115.0)) == [5, 0, 0, 5, 1, 1, 2027]
        with pytest.raises(Refused):
            device.write(7, [13], 116.0)


class TestUrm:
    def sensor(self, street: Street, magnetics: Magnetics, variant: Variant = Variant.URM15, *, deaf: bool = False) -> Urm:
        return Urm(BAY, 0x0C, variant, street, magnetics.temperature, lambda _: deaf)

    @pytest.mark.looptime
    async def test_the_published_request_is_answered(self, street: Street, magnetics: Magnetics) -> None:
        device = self.sensor(street, magnetics)
        assert await modbus(12, device, lambda: 1.0, bytes.fromhex("0C0300050001 9516")) == bytes.fromhex("0C0302FFFF")

    def test_nothing_is_measured_before_the_trigger_and_nothing_is_ready_before_sixty_milliseconds(
        self, street: Street, magnetics: Magnetics
    ) -> None:
        stay, device = a_stay(street), self.sensor(street, magnetics)
        empty_s, full_s = stay.arrive_s - 5, stay.parked_s + 1
        assert list(device.read(5, 1, empty_s)) == [0xFFFF]
        device.write(8, [0x0C], empty_s)
        assert list(device.read(5, 1, empty_s + 0.05)) == [0xFFFF]
        ground = device.read(5, 1, empty_s + 0.07)[0]
        assert ground == pytest.approx(2600, abs=15)
        assert list(device.read(5, 1, full_s)) == [ground], "nobody told it to measure again"
        device.write(8, [0x0C], full_s)
        assert list(device.read(5, 1, full_s + 0.05)) == [ground]
        assert 750 < device.read(5, 1, full_s + 0.07)[0] < 1300

    @pytest.mark.parametrize(("variant", "pid", "ground"), [(Variant.URM08, 1, 260), (Variant.URM14, 2, 13000), (Variant.URM15, 5, 2600)])
    def test_the_variants_differ_in_their_id_and_in_what_a_count_is(
        self, street: Street, magnetics: Magnetics, variant: Variant, pid: int, ground: int
    ) -> None:
        device, t = self.sensor(street, magnetics, variant), a_stay(street).arrive_s - 5
        device.write(8, [0], t)
        assert device.read(0, 1, t)[0] == pid
        assert device.read(5, 1, t)[0] == pytest.approx(ground, rel=0.02)

    def test_a_sensor_without_an_echo_says_so(self, street: Street, magnetics: Magnetics) -> None:
        device = self.sensor(street, magnetics, deaf=True)
        device.write(8, [0x0C], 5.0)
        assert list(device.read(5, 1, 6.0)) == [0xFFFF]


class TestDx80PowerLoss:
    def test_a_node_forgets_its_configuration_when_its_power_goes(self, magnetics: Magnetics) -> None:
        node = Dx80Node(BAY, lambda t: 10.0 if 10 <= t < 20 else None, lambda t: 20.0 if t >= 10 else float("-inf"))
        device = Dx80({1: node}, magnetics)
        device.write(28, [0x0B4D], 5.0)
        assert list(device.read(28, 1, 9.0)) == [0x0B4D]
        device.write(28, [0x0B4D], 15.0)
        assert list(device.read(28, 1, 21.0)) == [0]
        device.write(28, [0x0B4D], 22.0)
        assert list(device.read(28, 1, 23.0)) == [0x0B4D]


class TestM77:
    def receiver(self, *, plain_sum: bool = False) -> dict[int, FrameDevice]:
        vacant = Detector(lambda _: State.VACANT, battery=0, threshold=0, delay=0)
        detectors = {1: vacant, 2: Detector(lambda _: State.FAILED)}
        return {1: M77(1, detectors, plain_sum=plain_sum)}

    def test_the_published_answers_come_byte_by_byte(self) -> None:
        assert spoken(m77.cut, self.receiver(), b"#001,*") == [b"$001,02,01,0,0,000,000*23\r\n"]
        occupied: dict[int, FrameDevice] = {1: M77(1, {1: Detector(lambda _: State.VEHICLE, battery=7, threshold=60, delay=10)})}
        assert spoken(m77.cut, occupied, b"#001,*$01\r\n") == [b"$001,02,01,1,7,060,010*14\r\n"]

    def test_a_receiver_with_the_plain_sum_answers_as_its_text_says(self) -> None:
        assert spoken(m77.cut, self.receiver(plain_sum=True), b"#001,*$01") == [b"$001,02,01,0,0,000,000*DC\r\n"]

    def test_a_failed_detector_says_two_and_one_that_is_not_there_nothing(self) -> None:
        answers = spoken(m77.cut, self.receiver(), b"#001,*$02", b"#001,*$03", b"#002,*$01")
        assert [answer[:13] for answer in answers] == [b"$001,02,02,2,"]

    def test_a_poll_behind_noise_and_in_parts_is_heard(self) -> None:
        assert len(spoken(m77.cut, self.receiver(), b"\xff#0x#00", b"1,*$01")) == 1


class TestUhfReader18:
    def reader(self, *tags: bytes, frame: int = 8) -> dict[int, FrameDevice]:
        return {0: UhfReader18(0, lambda _: tags, tags_of_a_frame=frame)}

    INVENTORY = bytes.fromhex("040001DB4B")

    def test_the_published_inventories_come_byte_by_byte(self) -> None:
        one = bytes.fromhex("13000103010C0000000000000000000003133F39")
        two = bytes.fromhex("20000103020C0000000000000000000003130C0000000000000000000003149AC9")
        # The vectors are of frames that more follow: the first of two.
        assert spoken(uhfreader18.cut, self.reader(EPC, EPC_2, frame=1), self.INVENTORY)[0][:20] == one
        assert spoken(uhfreader18.cut, self.reader(EPC, EPC_2, EPC, frame=2), self.INVENTORY)[0][:33] == two

    def test_many_tags_come_in_frames_of_which_the_last_says_so(self) -> None:
        (answer,) = spoken(uhfreader18.cut, self.reader(EPC, EPC_2, EPC, frame=2), self.INVENTORY)
        assert answer[3] == 3
        assert answer[33:39] == bytes.fromhex("130001010 10C".replace(" ", ""))
        assert len(answer) == 33 + 20

    def test_a_reader_without_a_tag_answers_and_a_damaged_request_is_not_answered(self) -> None:
        (answer,) = spoken(uhfreader18.cut, self.reader(), self.INVENTORY)
        assert answer[:4] == bytes.fromhex("050001FB")
        assert spoken(uhfreader18.cut, self.reader(), bytes.fromhex("040001DB4C")) == []

    def test_everybody_is_asked_who_they_are(self) -> None:
        (answer,) = spoken(uhfreader18.cut, self.reader(), bytes.fromhex("04FF2119"), bytes.fromhex("95"))
        assert answer[1:4] == bytes.fromhex("002100")
        assert answer[0] == len(answer) - 1


class TestHmr2300:
    def test_a_reading_is_twenty_eight_bytes_with_150_counts_a_microtesla(self, magnetics: Magnetics) -> None:
        (answer,) = spoken(hmr2300.cut, {1: Hmr2300(BAY, magnetics)}, b"*0", b"1P\r", t=50.0)
        assert len(answer) == 28
        assert answer.endswith(b"  \r")
        counts = [int(answer[at : at + 7].replace(b",", b"").replace(b" ", b"")) for at in (0, 9, 18)]
        assert counts == [pytest.approx(axis * 150, abs=0.51) for axis in magnetics.field(BAY, 50.0)]

    def test_a_zero_reading_needs_the_write_enable_and_is_told_from(self, magnetics: Magnetics) -> None:
        device = Hmr2300(BAY, magnetics)
        assert spoken(hmr2300.cut, {1: device}, b"*01ZR\r", b"*02P\r", b"*01WE\r", b"*01P\r")[0] == b"OK\r"
        assert spoken(hmr2300.cut, {1: device}, b"*01ZR\r") == [], "another command came between"
        assert spoken(hmr2300.cut, {1: device}, b"*01WE *01ZR\r"[:5] + b"\r", b"*01ZR\r", b"*01P\r")[1:] == [
            b"ON\r",
            b" 00,000   00,000   00,000  \r",
        ]
