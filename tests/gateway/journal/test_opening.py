"""A journal that can't be opened: one sentence each, and the file is left as it is."""

import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from config.site import Journal as Settings
from config.site import Language
from gateway.journal import schema
from gateway.journal.connecting import connected
from gateway.journal.journal import Journal
from gateway.journal.row import UPLINK
from gateway.journal.trouble import JournalTrouble
from tests.gateway.journal.journals import AHEAD, GATEWAY, batch, opened, salt, sequences, settings

_NOBODY = 65534


async def _refused(given: Settings, gateway: str = GATEWAY) -> JournalTrouble:
    with pytest.raises(JournalTrouble) as raised:
        await Journal.open(given, gateway, salt)
    for language in Language:
        assert str(given.path) in raised.value.text(language)
        assert raised.value.advice(language)
    return raised.value


@contextmanager
def read_only_folder(*files: Path) -> Iterator[Path]:
    """A folder that this process may look at, and not write to. Root may write anywhere: it is somebody else meanwhile."""
    folder = Path(tempfile.mkdtemp())
    for file in files:
        shutil.copy(file, folder / file.name)
        (folder / file.name).chmod(0o444)
    folder.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(_NOBODY)
    try:
        yield folder
    finally:
        if user == 0:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


async def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    trouble = await _refused(settings(tmp_path / "nowhere"))
    assert trouble.sentence == "journal.no_folder"


async def test_a_path_that_is_a_folder_or_a_socket(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert (await _refused(Settings(path=tmp_path / "folder"))).sentence == "journal.not_a_file"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        assert (await _refused(Settings(path=tmp_path / "s"))).sentence == "journal.not_a_file"


async def test_a_read_only_folder_does_not_stop_a_start() -> None:
    with read_only_folder() as folder:
        async with opened(folder) as journal:
            assert journal.resumed.trouble is not None
            assert journal.resumed.trouble.sentence == "journal.not_writable"
            assert (journal.resumed.next_sequence, journal.resumed.epoch.number) == (1, 1)
            with pytest.raises(JournalTrouble):
                await journal.append(batch(1))


async def test_a_journal_that_may_only_be_read_is_gone_on_from_and_written_once_it_can_be(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1, 2, state="two"))
        await journal.acknowledge(UPLINK, 1)
    with read_only_folder(tmp_path / "journal.db") as folder:
        async with opened(folder) as journal:
            resumed = journal.resumed
            assert resumed.trouble is not None
            assert resumed.trouble.sentence == "journal.not_writable"
            assert (resumed.next_sequence, resumed.acknowledged, resumed.epoch.number) == (3, 1, 1 + AHEAD)
            assert [kept.state for kept in resumed.states] == ["two"]
            with pytest.raises(JournalTrouble):
                await journal.append(batch(3))
            # It can be written again.
            if os.getuid() == 0:
                os.seteuid(0)
            folder.chmod(0o755)
            (folder / "journal.db").chmod(0o644)
            await journal.append(batch(3))
            assert await sequences(journal) == [1, 2, 3]
            assert journal.epoch.number == 1 + AHEAD
        async with opened(folder) as journal:
            assert journal.resumed.epoch.number == 1 + 2 * AHEAD


async def test_a_journal_of_another_gateway(tmp_path: Path) -> None:
    async with opened(tmp_path, gateway="g-2") as journal:
        await journal.append(batch(1))
    trouble = await _refused(settings(tmp_path))
    assert trouble.sentence == "journal.other_gateway"
    assert trouble.values["found"] == "g-2"
    async with opened(tmp_path, gateway="g-2") as journal:
        assert journal.resumed.epoch.number == 1 + AHEAD
        assert await sequences(journal) == [1]


async def test_a_journal_that_is_open_already(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        assert (await _refused(settings(tmp_path))).sentence == "journal.held"
        await journal.append(batch(1))
        # Somebody with the command-line tool is kept out too.
        with closing(sqlite3.connect(tmp_path / "journal.db", timeout=0)) as other, pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("SELECT * FROM event").fetchall()


@pytest.mark.parametrize("content", [b"\x7fELF" + bytes(5000), b"gateway: g-1\n", b"{}", "泊位".encode() * 1000], ids=str)
async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    assert (await _refused(settings(tmp_path))).sentence == "journal.not_a_database"
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


async def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE holiday (day TEXT)")
    before = path.read_bytes()
    assert (await _refused(settings(tmp_path))).sentence == "journal.foreign"
    assert path.read_bytes() == before


async def test_a_journal_of_a_newer_kerbgate_is_left_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1))
    with closing(sqlite3.connect(tmp_path / "journal.db")) as newer:
        newer.execute("CREATE TABLE later (x INTEGER)")
        newer.execute(f"PRAGMA user_version = {len(schema.VERSIONS) + 1}")
    trouble = await _refused(settings(tmp_path))
    assert (trouble.sentence, trouble.values["found"]) == ("journal.newer", len(schema.VERSIONS) + 1)


async def test_an_empty_file_is_a_new_journal(tmp_path: Path) -> None:
    (tmp_path / "journal.db").touch()
    async with opened(tmp_path) as journal:
        assert journal.resumed.next_sequence == 1
        assert journal.resumed.quarantined is None


def test_the_settings_that_durability_rests_on(tmp_path: Path) -> None:
    with closing(connected(tmp_path / "journal.db", 8)) as connection:
        names = ("journal_mode", "synchronous", "locking_mode", "mmap_size", "secure_delete", "max_page_count", "application_id")
        found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "locking_mode": "exclusive",
        "mmap_size": 0,
        "secure_delete": 0,
        "max_page_count": 2048,
        "application_id": int.from_bytes(b"KERB", "big"),
    }


def test_a_sqlite_that_ignores_a_setting_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "WAL_PAGES", -5)  # SQLite answers 0: what it does with any it does not like.
    with pytest.raises(JournalTrouble) as raised:
        connected(tmp_path / "journal.db", 8)
    assert raised.value.sentence == "journal.sqlite"
