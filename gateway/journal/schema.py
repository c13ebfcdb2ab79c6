"""The tables, their numbered versions, and the settings of every connection.

    gateway      one row: whose journal it is, the last epoch, the next sequence, up to where every uplink has released
    event        one row an event, by sequence; released ones stay as a flight recorder until the space is needed
    state        one row a subject: its detector's confirmed state
    cursor       one row an uplink: up to where its platform has acknowledged
    dead_letter  one row an event that an uplink's platform will never take, and why
    anchor       moments at which the time since a boot and the wall clock were read together

Every row carries a CRC32 of its content: SQLite's own check finds a damaged page, but most flipped bits inside a row pass it.
"""

import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

from gateway.journal.trouble import JournalTrouble

APPLICATION_ID = 0x4B455242
""""KERB": tells our files from any other SQLite database."""

MARK = b"CREATE TABLE gateway ("
"""Stands in the first page of every journal, where SQLite keeps its tables' definitions."""

PAGE_BYTES = 4096
WAL_PAGES = 256
WAL_BYTES_MAX = 4 << 20

VERSIONS = (
    (
        """CREATE TABLE gateway (
            id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL, epoch INTEGER NOT NULL,
            next_sequence INTEGER NOT NULL, acknowledged INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT""",
        """CREATE TABLE event (
            sequence INTEGER PRIMARY KEY, class TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, crc INTEGER NOT NULL) STRICT""",
        "CREATE TABLE state (subject TEXT PRIMARY KEY, state TEXT NOT NULL, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ),
    (
        "CREATE TABLE cursor (uplink TEXT PRIMARY KEY, acknowledged INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        """CREATE TABLE dead_letter (
            uplink TEXT NOT NULL, sequence INTEGER NOT NULL, why TEXT NOT NULL, crc INTEGER NOT NULL,
            PRIMARY KEY (uplink, sequence)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE anchor (
            number INTEGER PRIMARY KEY, boot_id TEXT NOT NULL, boot_ns INTEGER NOT NULL, wall_ns INTEGER NOT NULL,
            trusted INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT""",
        # Added, not made anew: a file at its cap is upgraded without a byte of room for a second copy.
        "ALTER TABLE event ADD COLUMN record BLOB",
        "ALTER TABLE event ADD COLUMN chain BLOB",
        "ALTER TABLE gateway ADD COLUMN closed INTEGER NOT NULL DEFAULT 0",
    ),
)
"""Statements that lead from one version to the next; a file's version is the count of those it has seen (user_version)."""


def crc(*values: str | int) -> int:
    return zlib.crc32("\0".join(str(value) for value in values).encode())


def connect(path: Path, *, reading: bool = False) -> sqlite3.Connection:
    """Nothing is read yet. Exclusive from the first read on: no second opener, of our own program or a person's `sqlite3`, gets in."""
    uri = f"{path.absolute().as_uri()}?mode={'rw' if reading else 'rwc'}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0)
    # A damaged text must reach its CRC instead of failing as text.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.execute("PRAGMA locking_mode = exclusive")
    if reading:
        connection.execute("PRAGMA query_only = 1")
    return connection


def configure(connection: sqlite3.Connection, max_mb: int) -> None:
    """Set and assert. What is promised rests on these: a build of SQLite that ignores one must not pass in silence."""
    # Exclusive first, then WAL: so there is no shared memory, and no second opener can ever interfere.
    _pragma(connection, "locking_mode", "exclusive")
    _pragma(connection, "page_size", PAGE_BYTES)
    _pragma(connection, "journal_mode", "wal")
    # FULL: the log is synced before a commit returns. NORMAL loses confirmed events at a power cut.
    _pragma(connection, "synchronous", 2)
    _pragma(connection, "mmap_size", 0)
    # Debian's SQLite overwrites what is deleted; that only wears the flash.
    _pragma(connection, "secure_delete", 0)
    _pragma(connection, "wal_autocheckpoint", WAL_PAGES)
    _pragma(connection, "journal_size_limit", WAL_BYTES_MAX)
    # Of the connection, not of the file: set at each open. A file that is already longer keeps its length.
    used = read_pragma(connection, "page_count")
    pages = max_pages(max_mb)
    connection.execute(f"PRAGMA max_page_count = {pages}")
    _assert_taken("max_page_count", max(pages, used), read_pragma(connection, "max_page_count"))


def max_pages(max_mb: int) -> int:
    return (max_mb << 20) // PAGE_BYTES


def _pragma(connection: sqlite3.Connection, name: str, wanted: str | int) -> None:
    connection.execute(f"PRAGMA {name} = {wanted}")
    _assert_taken(name, wanted, connection.execute(f"PRAGMA {name}").fetchone()[0])


def _assert_taken(name: str, wanted: str | int, found: str | int) -> None:
    if found != wanted:
        raise JournalTrouble("journal.sqlite", name=name, wanted=wanted, found=found)


def read_pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def ours_by_its_tables(connection: sqlite3.Connection) -> bool:
    return {"gateway", "event", "state"} <= {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}


def tables_of(connection: sqlite3.Connection) -> frozenset[str]:
    """The statements that the file's tables were made with."""
    return frozenset(sql for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"))


def newest_tables() -> frozenset[str]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        upgrade(connection)
        return tables_of(connection)


def version(connection: sqlite3.Connection) -> int:
    return read_pragma(connection, "user_version")


def upgrade(connection: sqlite3.Connection) -> None:
    """To the newest version, each step in a transaction of its own: a step that is cut short has not happened."""
    for number in range(version(connection), len(VERSIONS)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in VERSIONS[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
