"""Debian's mbpoll, which is built on libmodbus, reads the simulated devices and agrees with the street's truth."""

import asyncio
import re
from math import hypot
from pathlib import Path

import pytest

from simulators.devices.dx80 import COUNTS_PER_UT
from simulators.magnetics import norm
from simulators.scenario import Scenario
from simulators.stand import Stand
from tests.programs import program

_VALUE = re.compile(r"^\[(\d+)\]:\s+(0x[0-9A-F]+|-?\d+)", re.MULTILINE)
_STAND_STILL = {"first_move_s": 3000.0, "drive_overs_per_h": 0, "buses_per_h": 0, "occupied_at_start": 0.5}
_BIKES = {"first_move_s": 3000.0, "present_at_start": 0.6, "per_pile": 2}


def street(kind: str) -> Scenario:
    """Half of the bays are taken and stay so: whatever mbpoll reads in these seconds has one truth."""
    lines = [
        {"name": "kerb", "kind": kind, "baud": 19200, "carries": [{"model": "witmotion-wt901c485", "unit": 80, "bays": 6}]},
        {"name": "radio", "kind": kind, "baud": 19200, "carries": [{"model": "banner-dx80-mgage", "unit": 1, "bays": 6}]},
        {"name": "metro", "kind": kind, "baud": 19200, "carries": [{"model": "kerb-pile", "unit": 101, "piles": 4}]},
    ]
    given = {"title": {"en": "a", "zh": "b"}, "seed": 4, "cars": _STAND_STILL, "bikes": _BIKES, "lines": lines}
    return Scenario.model_validate(given)


class Mbpoll:
    """Runs the program; `read` gives the registers that it prints, by their PDU address."""

    def __init__(self, stand: Stand) -> None:
        self._path = program("mbpoll")
        self._stand = stand

    async def read(self, line: str, unit: int, first: int, count: int) -> dict[int, int]:
        status, said = await self.run(line, unit, first, count)
        assert status == 0, said
        values = {int(address): int(value, 0) for address, value in _VALUE.findall(said)}
        assert len(values) == count, said
        return values

    async def run(self, line: str, unit: int, first: int, count: int) -> tuple[int, str]:
        where = next(each.where for each in self._stand.lines if each.name == line)
        host, _, port = where.rpartition(":")
        wire = ["-m", "tcp", "-p", port, host] if host else ["-m", "rtu", "-b", "19200", "-P", "none", where]
        command = ["-a", str(unit), "-0", "-1", "-o", "2", "-r", str(first), "-c", str(count), "-t", "4:hex", *wire]
        child = await asyncio.create_subprocess_exec(self._path, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        said, _ = await asyncio.wait_for(child.communicate(), 20)
        assert child.returncode is not None
        return child.returncode, said.decode("utf-8", "replace")


def signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_mbpoll_sees_which_bays_are_taken_by_the_field_of_their_detectors(kind: str, tmp_path: Path) -> None:
    async with Stand(street(kind), tmp_path) as stand:
        mbpoll, taken = Mbpoll(stand), 0
        for number in range(6):
            bay = f"350582-0123-{number + 1:03d}"
            values = await mbpoll.read("kerb", 80 + number, 0x3A, 7)
            field = [signed(values[0x3A + axis]) / 10 for axis in range(3)]
            t = stand.street_time()
            empty = stand.magnetics.empty_field(bay, t)
            departure = hypot(*(value - expected for value, expected in zip(field, empty, strict=True)))
            parked = stand.street.parked(bay, t) is not None
            taken += parked
            assert (departure > 6.0) is parked, f"{bay}: {departure:.1f} µT"
            expected_change = stand.magnetics.change(bay, t)
            for axis in range(3):
                assert field[axis] == pytest.approx(empty[axis] + expected_change[axis], abs=4 * stand.magnetics.noise_ut(bay) + 0.1)
            assert signed(values[0x40]) / 100 == pytest.approx(stand.magnetics.temperature.at(t), abs=0.2)
        assert 0 < taken < 6


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_mbpoll_sees_the_levels_of_all_nodes_behind_one_unit(kind: str, tmp_path: Path) -> None:
    async with Stand(street(kind), tmp_path) as stand:
        values = await Mbpoll(stand).read("radio", 1, 16, 96)
        taken = 0
        for node in range(1, 7):
            bay = f"350582-0123-{node + 6:03d}"
            t = stand.street_time()
            level = values[node * 16]
            parked = stand.street.parked(bay, t) is not None
            taken += parked
            assert (level > 150) is parked, f"{bay}: {level}"
            assert level == pytest.approx(norm(stand.magnetics.change(bay, t)) * COUNTS_PER_UT, abs=20)
            assert values[node * 16 + 7] == 0
        assert 0 < taken < 6


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_mbpoll_reads_the_tags_of_the_bikes_that_stand_at_the_piles(kind: str, tmp_path: Path) -> None:
    async with Stand(street(kind), tmp_path) as stand:
        mbpoll, heard = Mbpoll(stand), set[str]()
        there = {bike.tag for bike in stand.street.bikes_at_station("350582-F-0001", 0.0)}
        assert len(there) >= 2
        scan = 0
        # One scan in ten misses a bike: again until each was heard.
        while heard != there or scan < 4:
            assert scan < 40, f"not heard: {there - heard}"
            pile = f"pile-{scan % 4 + 1:02d}"
            values = await mbpoll.read("metro", 101 + scan % 4, 0, 26)
            assert (values[0], values[1]) == (0x4B50, 1)
            t = stand.street_time()
            assert bool(values[2] & 1) is bool(stand.street.bikes_at(pile, t))
            for entry in range(values[3]):
                words = [values[4 + 5 * entry + n] for n in range(5)]
                heard.add("".join(f"{word:04X}" for word in words[:4]))
                assert -100 < signed(words[4]) < -45
            scan += 1
            assert heard <= there


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_mbpoll_gets_no_answer_from_a_unit_that_is_not_there_and_a_refusal_beyond_the_map(kind: str, tmp_path: Path) -> None:
    async with Stand(street(kind), tmp_path) as stand:
        mbpoll = Mbpoll(stand)
        status, said = await mbpoll.run("metro", 99, 0, 1)
        assert status != 0 or "Read" in said
        assert "timed out" in said.lower(), said
        _, said = await mbpoll.run("metro", 101, 20, 10)
        assert "Illegal data address" in said, said
        assert await mbpoll.read("metro", 101, 0, 1) == {0: 0x4B50}
