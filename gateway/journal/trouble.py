"""What can be wrong with the journal's file, as sentences for people: the id of one, and what fills it in."""

import os
import sqlite3
from pathlib import Path

from gateway.trouble import Trouble


class JournalTrouble(Trouble):
    """The journal can't be opened, read or written now."""


class Damaged(Exception):
    """The file's content is not what was written. Where it is opened to be written, it is set aside; see `opening.py`."""

    def __init__(self, found: str, sequence: int = 0) -> None:
        super().__init__(found)
        self.found = found
        self.sequence = sequence


_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NOT_WRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extension. Errors of the Python module itself have none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def trouble_of(error: sqlite3.Error, path: Path) -> JournalTrouble | Damaged:
    """SQLite's error, sorted by what a person does next."""
    code = primary_code(error)
    if code in _DAMAGED or _damaged_header(error, code, path):
        return Damaged(str(error))
    if code == sqlite3.SQLITE_BUSY:
        return JournalTrouble("journal.held", path=str(path))
    if code == sqlite3.SQLITE_FULL:
        return JournalTrouble("journal.disk_full", path=str(path))
    # A file that can only be read fails at its lock with an I/O error: look at the file, not at the code.
    if code in _NOT_WRITABLE or not _writable(path):
        return JournalTrouble("journal.not_writable", path=str(path))
    return JournalTrouble("journal.disk_error", path=str(path), why=f"{error} ({getattr(error, 'sqlite_errorname', 'sqlite3')})")


def _damaged_header(error: sqlite3.Error, code: int, path: Path) -> bool:
    """What SQLite says of flipped bits in the file's head: of another format, or read-only although the system lets us write."""
    return "unsupported file format" in str(error) or (code == sqlite3.SQLITE_READONLY and path.exists() and _writable(path))


def _writable(path: Path) -> bool:
    folder = os.access(path.parent, os.W_OK | os.X_OK, effective_ids=True)
    return folder and (not path.exists() or os.access(path, os.W_OK, effective_ids=True))
