"""Table `event`: one row an event, with its CRC and its link of the chain. Nothing here begins or ends a transaction.

A row of version 1 has its event as plain text; since version 2 all of it is in `record` (`packing.py`). Links: SHA-256 over the
link of the row before, the sequence and the record. Accidents are found by the CRC; who edits a row and its CRC breaks the chain.
"""

import sqlite3
import zlib
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from typing import TypeVar

from gateway.detection.change import Kept
from gateway.journal.packing import Entry, pack, unpack, unpack_row
from gateway.journal.row import Row
from gateway.journal.schema import crc
from gateway.journal.trouble import Damaged

NO_LINK = bytes(32)
"""What the first row's link follows."""

_COLUMNS = "sequence, class, subject, body, crc, record, chain"
_COLUMNS_OF_1 = "sequence, class, subject, body, crc, NULL, NULL"
Found = tuple[int, str, str, str, int, bytes | None, bytes | None]
T = TypeVar("T")


def linked(before: bytes, sequence: int, event_class: str, record: bytes) -> bytes:
    return sha256(before + sequence.to_bytes(8, "big") + event_class.encode() + record).digest()


def insert_row(
    connection: sqlite3.Connection, row: Row, before: bytes, states: Sequence[Kept] = (), cursors: Mapping[str, int] | None = None
) -> bytes:
    """Its link. Raises ValueError for texts that can't be packed."""
    record = pack(row, states, cursors)
    link = linked(before, row.sequence, row.event_class, record)
    copy_row(connection, (row.sequence, row.event_class, "", "", _crc(row.sequence, row.event_class, record, link), record, link))
    return link


def copy_row(connection: sqlite3.Connection, found: Found) -> None:
    connection.execute(f"INSERT INTO event ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", found)  # noqa: S608


def _crc(sequence: int, event_class: str, record: bytes, link: bytes) -> int:
    return zlib.crc32(link, zlib.crc32(record, zlib.crc32(f"{sequence} {event_class} ".encode())))


def is_sound(found: Found) -> bool:
    """Whether its CRC is right. Costs no unpacking."""
    sequence, event_class, subject, body, kept_crc, record, link = found
    if record is None or link is None:
        return record is link and crc(sequence, event_class, subject, body) == kept_crc
    # A flipped bit in a row's head makes a text of a blob, or a blob of a text, and leaves its bytes as they are.
    if not (isinstance(record, bytes) and isinstance(link, bytes) and subject == body == ""):
        return False
    return _crc(sequence, event_class, record, link) == kept_crc


def without_unused(found: Found) -> Found:
    """Nothing is in `subject` and `body` since version 2, and no CRC speaks of them: damage there is no damage to the event."""
    sequence, event_class, _, _, kept_crc, record, link = found
    return found if record is None else (sequence, event_class, "", "", kept_crc, record, link)


def entry_of(found: Found) -> Entry | Damaged:
    return _read(found, unpack, Entry)


def row_of(found: Found) -> Row | Damaged:
    """Of the entry the row alone, in two thirds of the time."""
    return _read(found, unpack_row, lambda row: row)


def _read(found: Found, packed: Callable[[int, str, bytes], T], plain: Callable[[Row], T]) -> T | Damaged:
    sequence, event_class, subject, body, _, record, _ = found
    if not is_sound(found):
        return Damaged(f"the event with sequence {sequence} fails its CRC", sequence)
    if record is None:
        return plain(Row(sequence, event_class, subject, body))
    try:
        return packed(sequence, event_class, record)
    except ValueError as error:
        return Damaged(str(error), sequence)


def sound(found: T | Damaged) -> T:
    """Raises Damaged."""
    if isinstance(found, Damaged):
        raise found
    return found


def found_at(connection: sqlite3.Connection, sequence: int, version: int = 2) -> Found | None:
    """As it is in the file, of this version of the schema."""
    columns = _COLUMNS_OF_1 if version == 1 else _COLUMNS
    found: Found | None = connection.execute(f"SELECT {columns} FROM event WHERE sequence = ?", (sequence,)).fetchone()  # noqa: S608
    return found


def row_at(connection: sqlite3.Connection, sequence: int) -> Row | None:
    """Raises Damaged."""
    found = found_at(connection, sequence)
    return None if found is None else sound(row_of(found))


def scan_found(connection: sqlite3.Connection, after: int, limit: int = -1) -> Generator[Found, None, None]:
    """In order, as they are in the file."""
    statement = f"SELECT {_COLUMNS} FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?"  # noqa: S608
    # A cursor that an error's traceback still holds would keep the file open, and locked.
    with closing(connection.execute(statement, (after, limit))) as cursor:
        yield from cursor


def rows_after(connection: sqlite3.Connection, sequence: int, limit: int = -1) -> Generator[Row, None, None]:
    """In order. Raises Damaged at the first row that is."""
    with closing(scan_found(connection, sequence, limit)) as found:
        for each in found:
            yield sound(row_of(each))


def oldest_sequence(connection: sqlite3.Connection) -> int | None:
    found: int | None = connection.execute("SELECT MIN(sequence) FROM event").fetchone()[0]
    return found


def newest_sequence(connection: sqlite3.Connection) -> int | None:
    found: int | None = connection.execute("SELECT MAX(sequence) FROM event").fetchone()[0]
    return found
