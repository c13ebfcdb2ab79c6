"""From version 1 of the file to the newest, cut at every step; and back, which is refused."""

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.detection.change import Kept
from gateway.journal import schema
from gateway.journal.opening import open_store
from gateway.journal.row import UPLINK, Batch
from gateway.journal.trouble import JournalTrouble
from tests.faults.crash_states import honest, lay_out
from tests.faults.recording import record
from tests.gateway.journal.journals import GATEWAY, batch, opened, row, salt, settings

_EVENTS, _RELEASED = 120, 50


def journal_of_version_1(path: Path) -> None:
    """As the first kerbgate left it: a backlog, a record, a state, a watermark."""
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = wal")
        old.execute("BEGIN")
        for statement in schema.VERSIONS[0]:
            old.execute(statement)
        for sequence in range(1, _EVENTS + 1):
            each = row(sequence, padding=200)
            values = (sequence, each.event_class, each.subject, each.body)
            old.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?)", (*values, schema.crc(*values)))
        counters = (GATEWAY, 7, _EVENTS + 1, _RELEASED)
        old.execute("INSERT INTO gateway VALUES (1, ?, ?, ?, ?, ?)", (*counters, schema.crc(*counters)))
        old.execute("INSERT INTO state VALUES ('bay/b1', 'parked', ?)", (schema.crc("bay/b1", "parked"),))
        old.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")
        old.execute("COMMIT")


def _all_there(folder: Path, max_mb: int = 8) -> None:
    store, resumed = open_store(settings(folder, max_mb), GATEWAY, salt)
    assert (resumed.quarantined, resumed.trouble, resumed.missing) == (None, None, ())
    assert (resumed.next_sequence, resumed.acknowledged, resumed.cursors) == (_EVENTS + 1, _RELEASED, {UPLINK: _RELEASED})
    assert resumed.epoch.number > 7
    assert resumed.states == (Kept("bay/b1", "parked"),)
    assert store.after(0, 1000) == tuple(row(sequence, padding=200) for sequence in range(1, _EVENTS + 1))
    store.commit([Batch((row(_EVENTS + 1),), ())], {})
    store.drop()


def test_a_backlog_of_version_1_goes_on_in_version_2(tmp_path: Path) -> None:
    journal_of_version_1(tmp_path / "journal.db")
    _all_there(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (2,)


async def test_old_rows_and_new_ones_are_one_sound_journal(tmp_path: Path) -> None:
    journal_of_version_1(tmp_path / "journal.db")
    async with opened(tmp_path) as journal:
        await journal.append(batch(_EVENTS + 1, _EVENTS + 2))
        assert await journal.verify() == ()


def test_an_upgrade_that_is_cut_at_any_step_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    folder.mkdir()
    journal_of_version_1(folder / "journal.db")
    before = {"journal.db": (folder / "journal.db").read_bytes()}
    opening = (
        "import sys; from pathlib import Path; from gateway.journal.opening import open_store; "
        "from tests.gateway.journal.journals import GATEWAY, salt, settings; "
        "open_store(settings(Path(sys.argv[1])), GATEWAY, salt)[0].close()"
    )
    operations = record([sys.executable, "-c", opening, folder], folder, tmp_path / "trace")
    assert len(operations) > 10
    states = 0
    (tmp_path / "cut").mkdir()
    for _, left in honest(operations, 12 * len(operations), "1", before):
        lay_out(tmp_path / "cut", left)
        _all_there(tmp_path / "cut")
        states += 1
    assert states >= 12 * len(operations)


def test_a_damaged_file_of_version_1_is_salvaged(tmp_path: Path) -> None:
    journal_of_version_1(tmp_path / "journal.db")
    content = bytearray((tmp_path / "journal.db").read_bytes())
    at = content.index(row(100, padding=200).body[:80].encode()) + 90
    content[at] ^= 1
    (tmp_path / "journal.db").write_bytes(content)
    store, resumed = open_store(settings(tmp_path), GATEWAY, salt)
    assert resumed.quarantined is not None
    assert [(hole.first, hole.last) for hole in resumed.missing] == [(100, 100)]
    assert len(store.after(0, 1000)) == _EVENTS - 1
    store.close()


async def test_an_older_kerbgate_refuses_the_file_in_one_sentence_and_leaves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1))
    shutil.copy(tmp_path / "journal.db", tmp_path / "copy")
    monkeypatch.setattr(schema, "VERSIONS", schema.VERSIONS[:1])
    with pytest.raises(JournalTrouble) as raised:
        open_store(settings(tmp_path), GATEWAY, salt)
    assert raised.value.sentence == "journal.newer"
    assert (tmp_path / "journal.db").read_bytes() == (tmp_path / "copy").read_bytes()
