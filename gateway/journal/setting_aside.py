"""A damaged file is set aside, never deleted. What can be read of it is copied into `<name>.new`; then

    <name> -> <name>.bad-<n>      <name>-wal -> <name>.bad-<n>-wal      <name>.new -> <name>

A start that finds `<name>.new` beside `<name>` was cut before the first step and begins again; without `<name>`, it was cut after.
"""

import os
import sqlite3
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

from gateway.journal import schema
from gateway.journal.connecting import connected, size, wal_of
from gateway.journal.salvage import salvage


def set_aside(path: Path, max_mb: int, gateway: str) -> Path:
    """Raises JournalTrouble, Damaged, OSError; then nothing has been moved."""
    fresh = path.with_name(path.name + ".new")
    _remove(fresh)
    with ExitStack() as open_until_renamed:
        damaged: sqlite3.Connection | None = None
        if size(path):
            damaged = open_until_renamed.enter_context(closing(schema.connect(path)))
        # Closing moves the log of the new file into it: one file, complete.
        with closing(connected(fresh, max_mb)) as new:
            if damaged is not None:
                salvage(damaged, new, gateway, path)
        bad = _rename_aside(path)
    fresh.rename(path)
    _sync_folder(path)
    return bad


def finish_interrupted(path: Path) -> None:
    """Raises OSError."""
    fresh = path.with_name(path.name + ".new")
    if not fresh.exists():
        return
    if path.exists():
        _remove(fresh)
        return
    if wal_of(path).exists():
        wal_of(path).rename(wal_of(_bad(path, _next_bad(path) - 1)))
    fresh.rename(path)
    _sync_folder(path)


def files_lost(path: Path) -> int:
    """How many were set aside before."""
    return _next_bad(path) - 1


def _rename_aside(path: Path) -> Path:
    bad = _bad(path, _next_bad(path))
    # The file first: a log that is left alone is seen at the next start.
    if path.exists():
        path.rename(bad)
    if size(wal_of(path)):
        wal_of(path).rename(wal_of(bad))
    wal_of(path).unlink(missing_ok=True)
    _sync_folder(path)
    return bad


def _bad(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.bad-{number}")


def _next_bad(path: Path) -> int:
    """The first number that is free."""
    return next(number for number in count(1) if not (_bad(path, number).exists() or wal_of(_bad(path, number)).exists()))


def _remove(path: Path) -> None:
    for file in (path, wal_of(path)):
        file.unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
