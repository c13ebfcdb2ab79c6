"""Telemetry that gives way: as late as can be, each number of it accounted for, and nothing else with it."""

import json
import sqlite3
from pathlib import Path

import pytest

from gateway.first_words import gap_change
from gateway.journal.holes import accounted_by, runs
from gateway.journal.journal import Journal
from gateway.journal.room import make_room
from gateway.journal.row import UPLINK, Batch, Gap, Missing, Row
from gateway.journal.trouble import JournalTrouble
from tests.gateway.journal.journals import GATEWAY, batch, opened, row, sequences

_KIND = {0: "device/d1", 1: "bay/b1", 2: "bay/b1"}


async def _fill(journal: Journal, last: int) -> None:
    """Every third is telemetry."""
    for start in range(journal.last_sequence + 1, last + 1, 20):
        numbers = range(start, min(last, start + 19) + 1)
        await journal.append(Batch(tuple(row(each, _KIND[each % 3], padding=900) for each in numbers), ()))


def _gap_row(sequence: int, gap: Gap) -> Row:
    """As the recorder would tell it."""
    change = gap_change(gap, 0.0)
    data = {"first_sequence": change.first_sequence, "last_sequence": change.last_sequence, "ranges": [list(run) for run in change.ranges]}
    body = json.loads(row(sequence, f"gateway/{GATEWAY}").body) | {"type": "kerbgate.gateway.gap", "data": data}
    return Row(sequence, "gateway", f"gateway/{GATEWAY}", json.dumps(body))


def _delete(journal: Journal, *numbers: int) -> None:
    with journal._store.connection() as connection:
        connection.executemany("DELETE FROM event WHERE sequence = ?", [(number,) for number in numbers])


def test_numbers_that_follow_one_another_are_one_run() -> None:
    assert runs([]) == ()
    assert runs([3, 4, 5, 9, 11, 12]) == (Missing(3, 5), Missing(9, 9), Missing(11, 12))


async def test_each_number_that_gave_way_is_told_and_none_that_is_there(tmp_path: Path) -> None:
    async with opened(tmp_path, max_mb=1) as journal:
        with pytest.raises(JournalTrouble):
            await _fill(journal, 3000)
        there = set(await sequences(journal))
        gone = set(range(1, journal.last_sequence + 1)) - there
        gaps = journal.take_gaps()
        told = [number for gap in gaps for run in gap.missing for number in range(run.first, run.last + 1)]
        assert len(told) == len(set(told)) > 100
        assert set(told) == gone
        assert {number % 3 for number in gone} == {0}, "nothing but telemetry"
        assert {gap.cause for gap in gaps} == {"storage_full"}


async def test_a_gap_of_several_runs_leaves_what_stands_between_them_unaccounted(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(Batch(tuple(row(each, _KIND[each % 3]) for each in range(1, 10)), ()))
        await journal.append(Batch((_gap_row(10, Gap("storage_full", (Missing(3, 3), Missing(6, 6)))),), ()))
        await journal._run(lambda: _delete(journal, 3, 6))
        assert await journal.verify() == ()
        await journal._run(lambda: _delete(journal, 5))
        assert [(fault.sentence, fault.sequence) for fault in await journal.verify()] == [("backlog.missing_one", 5)]
    async with opened(tmp_path) as journal:
        assert journal.resumed.missing == (Missing(5, 5),)


async def test_a_death_between_the_sacrifice_and_the_gap_that_tells_it_is_told_by_the_next_start(tmp_path: Path) -> None:
    async with opened(tmp_path, max_mb=1) as journal:
        with pytest.raises(JournalTrouble):
            await _fill(journal, 3000)
        told = runs(number for gap in journal.take_gaps() for run in gap.missing for number in range(run.first, run.last + 1))
    async with opened(tmp_path, max_mb=1) as journal:
        assert journal.resumed.missing == told


async def test_the_gap_events_for_some_numbers_are_found_wherever_they_stand(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(*range(1, 50)))
        gaps = [
            _gap_row(50, Gap("storage_full", (Missing(3, 3), Missing(30, 31)))),
            _gap_row(51, Gap("journal_damaged", (Missing(40, 40),))),
        ]
        await journal.append(Batch(tuple(gaps), ()))
        assert await journal.accounting([Missing(31, 31)]) == (gaps[0],)
        assert await journal.accounting([Missing(2, 3), Missing(40, 40)]) == tuple(gaps)
        assert await journal.accounting([Missing(4, 4)]) == ()
        assert accounted_by(gaps[0]) == (Missing(3, 3), Missing(30, 31))


async def test_a_disk_that_is_full_and_has_room_in_the_file_costs_no_telemetry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    times = 1

    def room(connection: sqlite3.Connection, *args: object, sacrificed: list[Gap] | None, **more: object) -> bool:
        nonlocal times
        asked.append(sacrificed is not None)
        if times:
            times -= 1
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return make_room(connection, *args, sacrificed=sacrificed, **more)  # type: ignore[arg-type]

    async with opened(tmp_path) as journal:
        await _fill(journal, 30)
        await journal.acknowledge(UPLINK, 5)
        monkeypatch.setattr("gateway.journal.store.make_room", room)
        await _fill(journal, 33)
        # Nothing goes unless the disk says a second time that it is full.
        assert asked == [True, False]
        assert [number for number in await sequences(journal) if number > 5] == list(range(6, 34))
        assert journal.take_gaps() == ()
        times = 2
        journal._store._disk_full = False
        asked.clear()
        await _fill(journal, 36)
        assert asked == [True, False, True]
        assert {gap.cause for gap in journal.take_gaps()} == {"storage_full"}
