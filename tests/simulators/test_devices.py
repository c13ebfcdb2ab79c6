"""Each device model answers by its map, with what the street says at that moment."""

from itertools import pairwise

import pytest

from simulators.devices import Dx80, Dx80Node, Geomagnetic, Pile, Refused
from simulators.devices.dx80 import COUNTS_PER_UT, RADIO_TIMEOUT
from simulators.devices.pile import READER_FAULT, TAMPERED
from simulators.magnetics import Magnetics, norm
from simulators.plan import Weather
from simulators.radio import Radio
from simulators.street import Street
from simulators.traffic import Stay
from tests.simulators.streets import BAYS, PILES, busy

BAY = BAYS[1]


@pytest.fixture
def street() -> Street:
    return Street(5, busy(drive_overs_per_h=0, buses_per_h=0))


@pytest.fixture
def magnetics(street: Street) -> Magnetics:
    return Magnetics(street, Weather())


def signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


def a_stay(street: Street, bay: str = BAY) -> Stay:
    stay = street.next_stay(bay, 100.0)
    assert stay is not None
    return stay


class TestGeomagnetic:
    def test_the_field_is_in_tenths_of_a_microtesla_and_the_temperature_in_hundredths_of_a_degree(self, magnetics: Magnetics) -> None:
        device = Geomagnetic(BAY, magnetics)
        block = device.read(0x3A, 7, 50.0)
        for word, value in zip(block, magnetics.field(BAY, 50.0), strict=False):
            assert signed(word) == pytest.approx(value * 10, abs=0.51)
        assert list(block[3:6]) == [0, 0, 0]
        assert signed(block[6]) / 100 == pytest.approx(magnetics.temperature.at(50.0), abs=0.15)

    def test_a_register_is_the_same_however_the_read_is_cut(self, magnetics: Magnetics) -> None:
        device = Geomagnetic(BAY, magnetics)
        whole = list(device.read(0, device.registers - 3, 7.0))
        assert whole[0x2E] != 0
        for first, count in ((0x3A, 3), (0x3B, 1), (0x3C, 5), (0x2D, 3), (0x38, 4), (0x40, 1), (0x41, 2)):
            assert list(device.read(first, count, 7.0)) == whole[first : first + count]

    def test_an_offset_is_subtracted_once_the_device_is_unlocked_and_not_before(self, magnetics: Magnetics) -> None:
        device = Geomagnetic(BAY, magnetics)
        before = signed(device.read(0x3A, 1, 5.0)[0])
        device.write(0x0B, [100], 5.0)
        assert signed(device.read(0x3A, 1, 5.0)[0]) == before
        device.write(0x69, [0xB588], 5.0)
        device.write(0x0B, [0x10000 - 100], 6.0)
        assert signed(device.read(0x3A, 1, 5.0)[0]) == before + 100
        device.write(0x0B, [0], 16.0)
        assert signed(device.read(0x0B, 1, 16.0)[0]) == -100, "the key is good for ten seconds"


class TestDx80:
    def test_each_node_is_a_window_of_sixteen_registers(self, street: Street, magnetics: Magnetics) -> None:
        stay = a_stay(street)
        t = stay.parked_s + 1
        device = Dx80({3: Dx80Node(BAY, lambda _: None)}, magnetics)
        block = device.read(16, 112, t)
        assert len(block) == 112
        level = block[2 * 16]
        felt = norm(magnetics.change(BAY, t)) * COUNTS_PER_UT
        assert level == pytest.approx(felt, abs=15)
        assert level > 150, "a parked car is beyond the usual threshold"
        assert [value for index, value in enumerate(block) if index != 32] == [0] * 111
        assert list(device.read(48, 1, t)) == [level]

    def test_an_empty_bay_reads_noise_far_below_the_threshold(self, street: Street, magnetics: Magnetics) -> None:
        stay = a_stay(street)
        node = Dx80Node(BAY, lambda _: None)
        levels = {node.level(magnetics, stay.arrive_s - 15 + n / 10) for n in range(100)}
        assert max(levels) < 40
        assert len(levels) > 3

    def test_a_node_without_radio_keeps_its_value_and_says_so_until_it_is_back(self, street: Street, magnetics: Magnetics) -> None:
        stay = a_stay(street)
        lost_s, back_s = stay.arrive_s - 5, stay.parked_s + 5
        device = Dx80({1: Dx80Node(BAY, lambda t: lost_s if lost_s <= t < back_s else None)}, magnetics)
        frozen = {device.read(16, 1, lost_s + n)[0] for n in range(int(back_s - lost_s))}
        assert len(frozen) == 1
        assert frozen.pop() < 100
        assert device.read(23, 1, lost_s)[0] == RADIO_TIMEOUT == 0x3501
        assert device.read(16, 1, back_s)[0] > 150
        assert device.read(23, 1, back_s)[0] == 0

    def test_a_new_baseline_makes_what_stands_there_the_empty_bay(self, street: Street, magnetics: Magnetics) -> None:
        stay = a_stay(street)
        device = Dx80({1: Dx80Node(BAY, lambda _: None)}, magnetics)
        device.write(30, [0x1000], stay.parked_s + 1)
        assert device.read(16, 1, stay.parked_s + 2)[0] < 40
        assert device.read(16, 1, stay.gone_s + 2)[0] > 150

    def test_a_measured_value_can_not_be_written(self, magnetics: Magnetics) -> None:
        with pytest.raises(Refused):
            Dx80({1: Dx80Node(BAY, lambda _: None)}, magnetics).write(16, [5], 1.0)


class TestPile:
    def pile(self, street: Street, magnetics: Magnetics, name: str = PILES[1], faults: int = 0) -> Pile:
        return Pile(name, Radio(street), magnetics.temperature, lambda _: faults)

    def test_the_map_is_ours_and_says_so(self, street: Street, magnetics: Magnetics) -> None:
        block = self.pile(street, magnetics).read(0, 26, 10.0)
        assert len(block) == 26
        assert list(block[:2]) == [0x4B50, 1]
        assert signed(block[24]) / 10 == pytest.approx(magnetics.temperature.at(10.0), abs=0.06)
        assert 11_800 < block[25] < 12_200

    def test_entries_are_the_tags_of_bikes_at_this_pile_and_the_next_the_loudest_first(self, street: Street, magnetics: Magnetics) -> None:
        device = self.pile(street, magnetics)
        heard_own = heard_next = 0
        for t in range(0, 3600, 5):
            block = device.read(0, 26, t)
            entries = [block[4 + 5 * n : 9 + 5 * n] for n in range(block[3])]
            tags = ["".join(f"{word:04X}" for word in entry[:4]) for entry in entries]
            levels = [signed(entry[4]) for entry in entries]
            own = {stay.tag for stay in street.bikes_at(PILES[1], t)}
            beside = {stay.tag for pile in (PILES[0], PILES[2]) for stay in street.bikes_at(pile, t)}
            assert set(tags) <= own | beside
            assert levels == sorted(levels, reverse=True)
            assert all(-100 < level < -45 for level in levels)
            assert bool(block[2] & 1) is bool(own), "the place's own sensor"
            assert list(block[4 + 5 * block[3] : 24]) == [0] * (20 - 5 * block[3])
            heard_own += len(own & set(tags))
            heard_next += len(beside & set(tags))
        assert heard_own > 50
        assert heard_next > 50

    def test_a_bike_is_louder_at_its_own_pile_and_one_scan_in_ten_misses_it(self, street: Street) -> None:
        radio = Radio(street)
        here, there, scans, missed = [], [], 0, 0
        for t in range(3600):
            for stay in street.bikes_at(PILES[0], float(t)):
                scans += 1
                heard = {each.tag: each.rssi_dbm for each in radio.heard(PILES[0], float(t))}
                missed += stay.tag not in heard
                here += [heard[stay.tag]] if stay.tag in heard else []
                there += [each.rssi_dbm for each in radio.heard(PILES[1], float(t)) if each.tag == stay.tag]
                assert all(each.tag != stay.tag for each in radio.heard(PILES[2], float(t)))
        assert 0.08 < missed / scans < 0.12
        assert sum(here) / len(here) - sum(there) / len(there) > 10

    def test_within_one_scan_the_answer_stands_and_another_scan_differs(self, street: Street) -> None:
        radio = Radio(street)
        t = next(float(t) for t in range(3600) if street.bikes_at(PILES[0], float(t)))
        assert radio.heard(PILES[0], t) == radio.heard(PILES[0], t + 0.9)
        assert any(one != other for one, other in pairwise([radio.heard(PILES[0], t + n) for n in range(10)]))

    def test_faults_are_bits_of_the_status_and_a_broken_reader_hears_nothing(self, street: Street, magnetics: Magnetics) -> None:
        t = next(float(t) for t in range(3600) if Radio(street).heard(PILES[1], float(t)))
        assert self.pile(street, magnetics).read(3, 1, t)[0] > 0
        assert list(self.pile(street, magnetics, faults=READER_FAULT).read(2, 2, t)) == [0x0100, 0]
        tampered = self.pile(street, magnetics, faults=TAMPERED).read(2, 2, t)
        assert tampered[0] & 0xFFFE == 0x0200
        assert tampered[1] > 0
