"""A damaged journal never stops a start, is never deleted, and gives back all that can be read of it."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.journal.row import UPLINK, Batch, Gap, Missing
from gateway.journal.setting_aside import set_aside
from gateway.journal.trouble import JournalTrouble
from tests.gateway.journal.journals import AHEAD, GATEWAY, batch, gap, opened, row, sequences

_PAGE = 4096


async def _prepared(folder: Path, events: int = 200, acknowledged: int = 50) -> Path:
    async with opened(folder) as journal:
        await journal.append(batch(*range(1, events + 1), state="kept", padding=300))
        await journal.acknowledge(UPLINK, acknowledged)
    return folder / "journal.db"


def _flip(path: Path, at: int, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.write_bytes(content)


def _offset_of(path: Path, sequence: int) -> int:
    """Where the record of this event lies in the file."""
    with closing(sqlite3.connect(path)) as file:
        (record,) = file.execute("SELECT record FROM event WHERE sequence = ?", (sequence,)).fetchone()
    at = path.read_bytes().index(record)
    assert at > _PAGE
    return at


async def test_one_flipped_bit_in_a_row_costs_that_row_only(tmp_path: Path) -> None:
    path = await _prepared(tmp_path)
    _flip(path, _offset_of(path, 120) + 70)
    damaged = path.read_bytes()
    async with opened(tmp_path) as journal:
        assert journal.resumed.quarantined == tmp_path / "journal.db.bad-1"
        assert journal.resumed.missing == (Missing(120, 120),)
        assert journal.resumed.next_sequence == 201
        assert journal.resumed.acknowledged == 50
        assert journal.resumed.epoch.number == 1 + AHEAD
        assert [kept.state for kept in journal.resumed.states] == ["kept"]
        assert await sequences(journal, 50) == [*range(51, 120), *range(121, 201)]
    assert (tmp_path / "journal.db.bad-1").read_bytes() == damaged


async def test_a_gap_event_accounts_for_what_was_lost(tmp_path: Path) -> None:
    path = await _prepared(tmp_path)
    _flip(path, _offset_of(path, 120) + 70)
    async with opened(tmp_path) as journal:
        assert [fault.sentence for fault in await journal.verify()] == ["backlog.missing_one"]
        await journal.append(Batch((gap(201, 120, 120),), ()))
        assert await journal.verify() == ()
    async with opened(tmp_path) as journal:
        assert journal.resumed.missing == ()
        assert journal.resumed.quarantined is None


async def test_a_zeroed_page_costs_the_rows_on_it_only(tmp_path: Path) -> None:
    path = await _prepared(tmp_path)
    at = _offset_of(path, 120) // _PAGE * _PAGE
    content = bytearray(path.read_bytes())
    content[at : at + _PAGE] = bytes(_PAGE)
    path.write_bytes(content)
    async with opened(tmp_path) as journal:
        (missing,) = journal.resumed.missing
        assert missing.first <= 120 <= missing.last
        assert missing.last - missing.first < 40
        assert await sequences(journal, 50) == [*range(51, missing.first), *range(missing.last + 1, 201)]


async def test_an_acknowledged_row_may_be_damaged_without_a_quarantine(tmp_path: Path) -> None:
    """It is only a record: a start does not pay for reading all of it. `--verify` finds it."""
    path = await _prepared(tmp_path)
    _flip(path, _offset_of(path, 20) + 70)
    async with opened(tmp_path) as journal:
        assert journal.resumed.quarantined is None
        assert [(fault.sentence, fault.sequence) for fault in await journal.verify()] == [("backlog.crc", 20)]


async def test_lost_counters_are_taken_from_the_events(tmp_path: Path) -> None:
    path = await _prepared(tmp_path)
    content = bytearray(path.read_bytes())
    # The page of table gateway is the second: its name is written there and nowhere else.
    at = content.index(GATEWAY.encode(), _PAGE)
    content[at + 2] ^= 1
    path.write_bytes(content)
    async with opened(tmp_path) as journal:
        assert journal.resumed.quarantined is not None
        assert journal.resumed.next_sequence == 201
        assert journal.resumed.epoch.number == 1 + AHEAD
        # The cursors are in a table of their own.
        assert journal.resumed.acknowledged == 50
        assert await sequences(journal) == list(range(1, 201))


@pytest.mark.parametrize(
    "wreck", [lambda content: bytes(len(content)), lambda content: content[:50], lambda content: content[:5000]], ids=["nul", "50", "5000"]
)
async def test_a_file_without_anything_readable_is_set_aside_and_no_id_is_used_twice(
    tmp_path: Path, wreck: Callable[[bytes], bytes]
) -> None:
    for number in (1, 2):
        path = await _prepared(tmp_path)
        wrecked = wreck(path.read_bytes())
        path.write_bytes(wrecked)
        async with opened(tmp_path) as journal:
            assert journal.resumed.quarantined == tmp_path / f"journal.db.bad-{number}"
            assert journal.resumed.quarantined.read_bytes() == wrecked
            assert journal.resumed.next_sequence == 1
            assert journal.resumed.epoch.number == 100_000_000 * number + AHEAD
        path.unlink()


async def test_a_log_whose_file_was_emptied_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1, 2))
        log = (tmp_path / "journal.db-wal").read_bytes()
    (tmp_path / "journal.db").write_bytes(b"")
    (tmp_path / "journal.db-wal").write_bytes(log)
    async with opened(tmp_path) as journal:
        assert journal.resumed.quarantined is not None
    assert (tmp_path / "journal.db.bad-1-wal").read_bytes() == log


async def test_the_salvaged_file_is_still_another_gateways(tmp_path: Path) -> None:
    path = await _prepared(tmp_path)
    _flip(path, _offset_of(path, 120) + 70)
    with pytest.raises(JournalTrouble) as raised:
        async with opened(tmp_path, gateway="g-2"):
            pass
    assert raised.value.sentence == "journal.other_gateway"
    assert {file.name for file in tmp_path.iterdir()} <= {"journal.db", "journal.db.new", "journal.db.reserve"}
    async with opened(tmp_path) as journal:
        assert len(await sequences(journal, 50)) == 149


@pytest.mark.parametrize("renames", [0, 1])
async def test_a_start_that_was_cut_while_it_set_the_file_aside(tmp_path: Path, renames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await _prepared(tmp_path)
    _flip(path, _offset_of(path, 120) + 70)
    done = 0
    rename = Path.rename

    def cut(self: Path, target: Path) -> Path:
        nonlocal done
        if done == renames:
            raise KeyboardInterrupt
        done += 1
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", cut)
    with pytest.raises(KeyboardInterrupt):
        set_aside(path, 8, GATEWAY)
    monkeypatch.undo()
    async with opened(tmp_path) as journal:
        assert len(await sequences(journal, 50)) == 149
        assert journal.resumed.next_sequence == 201
        assert journal.resumed.missing == (Missing(120, 120),)
    assert {file.name for file in tmp_path.iterdir()} == {"journal.db", "journal.db.reserve", "journal.db.bad-1"}


async def test_what_a_cut_start_left_beside_a_sound_file_is_removed(tmp_path: Path) -> None:
    await _prepared(tmp_path)
    (tmp_path / "journal.db.new").write_bytes(b"half")
    (tmp_path / "journal.db.new-wal").write_bytes(b"half")
    async with opened(tmp_path) as journal:
        assert journal.resumed.quarantined is None
        assert journal.resumed.next_sequence == 201
    assert sorted(file.name for file in tmp_path.iterdir()) == ["journal.db", "journal.db.reserve"]


async def test_a_row_that_is_damaged_while_it_runs_is_trouble_and_not_a_wrong_event(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1, 2, 3))
        connection = journal._store._file._open
        assert connection is not None
        await journal._run(lambda: connection.execute("UPDATE event SET class = 'station' WHERE sequence = 2"))
        with pytest.raises(JournalTrouble) as raised:
            await journal.after(0, 10)
        assert raised.value.sentence == "journal.damaged"
        # It went on by itself: the file is set aside, what can be read of it is there, and what is not is to be told.
        assert [each.sequence for each in await journal.after(0, 10)] == [1, 3]
        await journal.append(batch(4))
        assert journal.take_gaps() == (Gap("journal_damaged", (Missing(2, 2),)),)
        assert journal.take_gaps() == ()
        assert [fault.sentence for fault in await journal.verify()] == ["backlog.missing_one"]
    assert (tmp_path / "journal.db.bad-1").exists()


async def test_the_last_row_damaged_while_it_runs_does_not_give_its_number_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1, 2, 3))
        connection = journal._store._file._open
        assert connection is not None
        await journal._run(lambda: connection.execute("UPDATE event SET class = 'station' WHERE sequence = 3"))
        with pytest.raises(JournalTrouble):
            await journal.after(0, 10)
        await journal.append(batch(4))
        assert await sequences(journal) == [1, 2, 4]
        assert journal.take_gaps() == (Gap("journal_damaged", (Missing(3, 3),)),)


async def test_whatever_is_damaged_it_starts_and_what_it_gives_back_is_true(tmp_path: Path) -> None:
    path = await _prepared(tmp_path, events=60, acknowledged=10)
    good = path.read_bytes()
    generator = random.Random(20260501)
    lost_of_all = 0
    for number in range(60):
        folder = tmp_path / str(number)
        folder.mkdir()
        content = bytearray(good)
        at = generator.randrange(100, len(good))
        match number % 3:
            case 0:
                content[at] ^= 1 << generator.randrange(8)
            case 1:
                content[at // _PAGE * _PAGE : at // _PAGE * _PAGE + _PAGE] = bytes(_PAGE)
            case 2:
                del content[at:]
        (folder / "journal.db").write_bytes(content)
        async with opened(folder) as journal:
            rows = await journal.after(journal.resumed.acknowledged, 1000)
            assert all(each == row(each.sequence, padding=300) for each in rows)
            assert journal.resumed.next_sequence in (1, 61)
            lost = {n for hole in journal.resumed.missing for n in range(hole.first, hole.last + 1)}
            if journal.resumed.next_sequence == 61:
                assert lost | {each.sequence for each in rows} >= set(range(11, 61))
            lost_of_all += len(lost)
    assert lost_of_all > 0


async def test_a_flipped_bit_anywhere_in_the_files_head_does_not_stop_a_start(tmp_path: Path) -> None:
    good = (await _prepared(tmp_path, events=20, acknowledged=5)).read_bytes()
    set_aside = 0
    for at in (3, 16, 18, 19, 21, 24, 28, 40, 47, 56, 60, 61, 63, 69, 92, 96):
        folder = tmp_path / str(at)
        folder.mkdir()
        content = bytearray(good)
        content[at] ^= 1
        (folder / "journal.db").write_bytes(content)
        async with opened(folder) as journal:
            set_aside += journal.resumed.quarantined is not None
            assert all(each == row(each.sequence, padding=300) for each in await journal.after(5, 1000))
            await journal.append(batch(journal.resumed.next_sequence))
    assert set_aside >= 8


def test_sqlites_own_check_does_not_see_a_flipped_bit(tmp_path: Path) -> None:
    """Why there is a CRC in every row."""
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE event (body TEXT)")
        connection.execute("INSERT INTO event VALUES ('occupied')")
        connection.commit()
    content = (tmp_path / "x.db").read_bytes().replace(b"occupied", b"occupieD")
    (tmp_path / "x.db").write_bytes(content)
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_dead_letter_is_salvaged_only_where_its_crc_is_right(tmp_path: Path) -> None:
    """A flipped bit in its number would bury an event that some platform takes."""
    path = await _prepared(tmp_path)
    async with opened(tmp_path) as journal:
        for sequence in (60, 61):
            await journal.bury(UPLINK, sequence, "refused for ever")
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE dead_letter SET sequence = 70 WHERE sequence = 61")
    _flip(path, _offset_of(path, 120) + 70)
    async with opened(tmp_path) as journal:
        assert journal.resumed.quarantined is not None
        assert await journal.buried(UPLINK, 1, 200) == {60}
