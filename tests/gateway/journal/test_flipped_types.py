"""A bit of a row's head says whether bytes are a text or a blob: whichever is flipped, a start goes on and no event is lost in silence."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from gateway.journal.opening import open_store
from gateway.journal.row import UPLINK, Batch, Missing
from tests.gateway.journal.journals import GATEWAY, row, salt, settings

_EVENTS = 30
_HIT = 12
_HEAD_BYTES = 9
"""Its own length, sequence, class, subject, body, CRC, two of the record, link."""
_SUBJECT, _BODY, _RECORD, _LINK = 3, 4, 7, 8
_IN_MEMORY = Path("/dev/shm")  # noqa: S108


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, int]:
    """A journal of which nothing is released, and where the head of one of its rows lies."""
    folder = tmp_path_factory.mktemp("sound")
    store, _ = open_store(settings(folder), GATEWAY, salt)
    store.commit([Batch(tuple(row(number, padding=200) for number in range(1, _EVENTS + 1)), ())], {UPLINK: 0})
    store.close()
    content = (folder / "journal.db").read_bytes()
    with closing(sqlite3.connect(folder / "journal.db")) as file:
        crc, record = file.execute("SELECT crc, record FROM event WHERE sequence = ?", (_HIT,)).fetchone()
    # Between head and record stand the class and the CRC: "bay", and as many bytes as SQLite gives a signed number.
    head = content.index(record) - len("bay") - (4 if crc < 1 << 31 else 6) - _HEAD_BYTES
    assert content[head] == _HEAD_BYTES
    assert content[head + _SUBJECT] == content[head + _BODY] == 13, "an empty text"
    assert content[head + _LINK] == 12 + 2 * 32, "a blob of 32 bytes"
    return content, head


def _started(folder: Path, content: bytes, at: int, bit: int) -> tuple[list[int], tuple[Missing, ...]]:
    """What a start on this file has, and what it says is missing."""
    damaged = bytearray(content)
    damaged[at] ^= 1 << bit
    (folder / "journal.db").write_bytes(damaged)
    store, resumed = open_store(settings(folder), GATEWAY, salt)
    kept = store.after(0, 1000)
    store.close()
    assert all(each == row(each.sequence, padding=200) for each in kept)
    return [each.sequence for each in kept], resumed.missing


@pytest.mark.parametrize("column", [_SUBJECT, _BODY])
def test_an_unused_text_that_became_a_blob_costs_nothing(tmp_path: Path, sound: tuple[bytes, int], column: int) -> None:
    content, head = sound
    assert _started(tmp_path, content, head + column, 0) == (list(range(1, _EVENTS + 1)), ())
    assert (tmp_path / "journal.db.bad-1").exists()


@pytest.mark.parametrize("column", [_RECORD, _LINK])
def test_a_record_or_a_link_that_became_a_text_costs_that_row_alone(tmp_path: Path, sound: tuple[bytes, int], column: int) -> None:
    content, head = sound
    kept, missing = _started(tmp_path, content, head + column, 0)
    assert kept == [number for number in range(1, _EVENTS + 1) if number != _HIT]
    assert missing == (Missing(_HIT, _HIT),)


def test_any_bit_of_a_head_costs_that_row_at_most(sound: tuple[bytes, int]) -> None:
    content, head = sound
    for at in range(head, head + _HEAD_BYTES):
        for bit in range(8):
            # Seventy starts, none of which has to outlive a power cut.
            with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as folder:
                kept, missing = _started(Path(folder), content, at, bit)
            lost = set(range(1, _EVENTS + 1)) - set(kept)
            assert lost <= {_HIT}, (at - head, bit)
            assert lost == {number for hole in missing for number in range(hole.first, hole.last + 1)}
