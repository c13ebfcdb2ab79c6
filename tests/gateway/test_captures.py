"""What went over the wire before a fault is on the disk, and never more than there is room for."""

import asyncio
from pathlib import Path

import pytest

from drivers.capture import Piece, Way, pieces_of
from gateway.captures import MOST_FILES, SELDOM_S, Captures
from gateway.clock import ShiftedClock
from tests.drivers.things import Log as Remembering


class Log(Remembering):
    error = Remembering.info


PIECES = (Piece(1.0, Way.OUT, b"\x01\x03"), Piece(1.1, Way.IN, b"\x01\x83"), Piece(2.0, Way.NOTE, b"unit_silent 1"))


async def written(captures: Captures) -> None:
    while captures._writing:
        await asyncio.wait(captures._writing)


@pytest.mark.looptime
async def test_a_fault_saves_what_led_to_it_once_in_a_while(tmp_path: Path) -> None:
    log = Log()
    captures = Captures(tmp_path / "captures", ShiftedClock(1_000_000.0), log)
    fault = captures.on_fault("east", lambda: PIECES)
    fault("unit_silent 1")
    fault("unit_silent 2")
    await written(captures)
    (saved,) = (tmp_path / "captures").iterdir()
    assert saved.name == "east-19700112T134640Z.jsonl"
    assert pieces_of(saved.read_text().splitlines()) == PIECES
    await asyncio.sleep(SELDOM_S)
    fault("unit_silent 3")
    await written(captures)
    assert len(list((tmp_path / "captures").iterdir())) == 2
    assert log.events == ["capture_saved", "capture_saved"]


@pytest.mark.looptime
async def test_the_oldest_captures_make_room(tmp_path: Path) -> None:
    captures = Captures(tmp_path, ShiftedClock(1_000_000.0), Log())
    for number in range(MOST_FILES + 5):
        captures.on_fault(f"bus-{number:02d}", lambda: PIECES)("link_down")
        await written(captures)
    assert len(list(tmp_path.iterdir())) == MOST_FILES


@pytest.mark.looptime
async def test_a_disk_that_takes_no_capture_is_told_and_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "captures").write_text("a file where the folder should be")
    log = Log()
    captures = Captures(tmp_path / "captures", ShiftedClock(0.0), log)
    captures.on_fault("east", lambda: PIECES)("link_down")
    await written(captures)
    assert log.events == ["a capture could not be saved"]
