"""A connection to a journal's file: to write it, or only to look at it. What is not ours is left as it is."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.journal import schema
from gateway.journal.trouble import Damaged, JournalTrouble, trouble_of

_VERSIONS_EVER = 1000
_HEADER = b"SQLite format 3\0"


def connected(path: Path, max_mb: int) -> sqlite3.Connection:
    """Made or upgraded where needed, and checked. Raises JournalTrouble, Damaged."""
    with _closed_on_error(path) as connections:
        connection = schema.connect(path)
        connections.append(connection)
        _identify(connection, path)
        schema.configure(connection, max_mb)
        # Checked first: a damaged file is set aside as it was found.
        _check_pages(connection)
        schema.upgrade(connection)
    return connection


def connected_for_reading(path: Path) -> sqlite3.Connection:
    """Exclusive all the same: a journal that a daemon holds is not looked at from the side. Raises JournalTrouble, Damaged."""
    if not path.exists():
        raise JournalTrouble("journal.none", path=str(path))
    with _closed_on_error(path) as connections:
        connection = schema.connect(path, reading=True)
        connections.append(connection)
        if not _identify(connection, path):
            raise JournalTrouble("journal.none", path=str(path))
        found = schema.version(connection)
        if found < len(schema.VERSIONS):
            raise JournalTrouble("journal.older", path=str(path), found=found, known=len(schema.VERSIONS))
        _check_pages(connection)
    return connection


def assert_ours(path: Path) -> None:
    """A file that never was a journal is left alone: it is probably a wrong path in the configuration."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        head = file.read(schema.PAGE_BYTES)
        # Zeroed, with a log of its own, or with our tables in its first page: it was one.
        if not head.strip(b"\0") or size(wal_of(path)) or schema.MARK in head:
            return
        if not head.startswith(_HEADER[: len(head)]):
            raise JournalTrouble("journal.not_a_database", path=str(path))
        if len(head) >= 100 and int.from_bytes(head[68:72], "big") != schema.APPLICATION_ID:
            raise JournalTrouble("journal.foreign", path=str(path))


def wal_of(path: Path) -> Path:
    """SQLite's write-ahead log, beside its file."""
    return path.with_name(path.name + "-wal")


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@contextmanager
def _closed_on_error(path: Path) -> Iterator[list[sqlite3.Connection]]:
    # An empty file with a log beside it: SQLite would throw the log away.
    if size(wal_of(path)) and not size(path):
        raise Damaged("the file is empty, and its log is not")
    connections: list[sqlite3.Connection] = []
    try:
        yield connections
    except BaseException as error:
        for connection in connections:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise trouble_of(error, path) from error
        raise


def _identify(connection: sqlite3.Connection, path: Path) -> bool:
    """False for a file that holds nothing yet. Raises JournalTrouble for another program's, and for a newer kerbgate's."""
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_schema)").fetchone()[0]:
        return False
    if schema.read_pragma(connection, "application_id") != schema.APPLICATION_ID:
        if schema.ours_by_its_tables(connection):
            raise Damaged("its mark is wrong")
        raise JournalTrouble("journal.foreign", path=str(path))
    found = schema.version(connection)
    if not 0 < found < _VERSIONS_EVER:
        raise Damaged(f"its version is {found}")
    if found > len(schema.VERSIONS):
        if schema.tables_of(connection) == schema.newest_tables():
            raise Damaged(f"its version is {found}, and its tables are those of version {len(schema.VERSIONS)}")
        raise JournalTrouble("journal.newer", path=str(path), found=found, known=len(schema.VERSIONS))
    return True


def _check_pages(connection: sqlite3.Connection) -> None:
    """Raises Damaged. Finds damaged pages; damaged rows are found by their CRC."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise Damaged(str(found))
