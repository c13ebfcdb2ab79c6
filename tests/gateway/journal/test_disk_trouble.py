"""The disk fails under a running journal: nothing half-written remains, and the same batch goes in once it works again."""

import os
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.journal.row import UPLINK
from gateway.journal.trouble import JournalTrouble
from tests.gateway.journal.journals import batch, opened, sequences


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """The system refuses to write beyond this, in any file of this process: root is refused too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_disk_that_refuses_is_one_clear_trouble_and_the_batch_goes_in_later(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1, state="one"))
        wal = tmp_path / "journal.db-wal"
        big = batch(2, 3, 4, state="four", padding=20_000)
        with files_end_at(wal.stat().st_size + 10_000):
            for _ in range(3):
                with pytest.raises(JournalTrouble) as raised:
                    await journal.append(big)
                assert raised.value.sentence in ("journal.disk_error", "journal.disk_full")
            assert await sequences(journal) == [1]
        await journal.append(big)
        assert await sequences(journal) == [1, 2, 3, 4]
        assert await journal.verify() == ()
    async with opened(tmp_path) as journal:
        assert journal.resumed.next_sequence == 5
        assert [kept.state for kept in journal.resumed.states] == ["four"]


async def test_a_full_disk_is_told_from_a_full_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1))
        connection = journal._store._file._open
        assert connection is not None
        # As few pages as there are: what SQLite says of it is what it says of a disk without space.
        used = await journal._run(lambda: connection.execute("PRAGMA page_count").fetchone()[0])
        await journal._run(lambda: connection.execute(f"PRAGMA max_page_count = {used + 60}").fetchone()[0])
        monkeypatch.setattr("gateway.journal.room.schema.read_pragma", lambda _, name: 100_000 if name == "max_page_count" else used)
        with pytest.raises(JournalTrouble) as raised:
            await journal.append(batch(2, padding=500_000))
        assert raised.value.sentence == "journal.disk_full"
        monkeypatch.undo()
        await journal.append(batch(2))
        assert await sequences(journal) == [1, 2]


async def test_after_a_disk_error_the_file_is_opened_anew_and_checked(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1))
        first = journal._store._file._open
        wal = tmp_path / "journal.db-wal"
        with files_end_at(wal.stat().st_size), pytest.raises(JournalTrouble):
            await journal.append(batch(2, padding=20_000))
        assert journal._store._file._open is None
        await journal.append(batch(2))
        assert journal._store._file._open is not first
        assert await journal.verify() == ()


async def test_a_commit_that_raised_and_happened_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync that fails after the log was written: the rows may be there at the next look."""
    async with opened(tmp_path) as journal:
        commit = journal._store.commit

        def cut_after(*arguments: object) -> object:
            commit(*arguments)  # type: ignore[arg-type]
            raise JournalTrouble("journal.disk_error", path="x", why="injected")

        monkeypatch.setattr(journal._store, "commit", cut_after)
        with pytest.raises(JournalTrouble):
            await journal.append(batch(1, 2, state="two"))
        monkeypatch.undo()
        # By then one more event has come: the caller gives all of them.
        await journal.append(batch(1, 2, 3, state="three"))
        assert await sequences(journal) == [1, 2, 3]


async def test_a_transaction_that_ends_half_way_has_not_happened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as journal:

        def broken(*_: object) -> None:
            raise MemoryError

        monkeypatch.setattr("gateway.journal.tail.rows.insert_row", broken)
        with pytest.raises(MemoryError):
            await journal.append(batch(1, 2, state="never"))
        monkeypatch.undo()
        assert await sequences(journal) == []
        await journal.append(batch(1, state="one"))
    async with opened(tmp_path) as journal:
        assert (journal.resumed.next_sequence, [kept.state for kept in journal.resumed.states]) == (2, ["one"])


async def test_a_watermark_that_could_not_be_kept_is_kept_later(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(*range(1, 101)))
        with files_end_at(1):
            await journal.acknowledge(UPLINK, 50)
            if journal._committing is not None:
                await journal._committing
        assert journal.acknowledged == 50
    async with opened(tmp_path) as journal:
        assert journal.resumed.acknowledged == 50


async def test_a_file_that_was_taken_away_is_not_begun_again_in_silence(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1))
        (tmp_path / "journal.db").unlink()
        (tmp_path / "journal.db-wal").unlink()
        # Its handle still works, until the disk makes it be opened anew.
        await journal.append(batch(2))
        await journal._run(journal._store.close)
        with pytest.raises(JournalTrouble):
            await journal.append(batch(3))


def test_root_is_held_to_the_limit_too(tmp_path: Path) -> None:
    """Otherwise the tests above show nothing where they run as root."""
    with files_end_at(100), (tmp_path / "f").open("wb", buffering=0) as file:
        assert file.write(bytes(200)) == 100
        with pytest.raises(OSError, match="too large"):
            os.write(file.fileno(), b"x")


def test_sqlite_is_new_enough_for_strict_tables() -> None:
    assert sqlite3.sqlite_version_info >= (3, 37)
