"""How a journal is opened: what is wrong with the place, whose file it is, and what happens to one that is damaged.

A damaged file never stops a start and is never deleted. What can be read of it is copied into `<name>.new`; then

    <name> -> <name>.bad-<n>      <name>-wal -> <name>.bad-<n>-wal      <name>.new -> <name>

A start that finds `<name>.new` beside `<name>` was cut before the first step and begins again; without `<name>`, it was cut after.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from itertools import count
from pathlib import Path

from config.site import Journal as Settings
from gateway.events import Epoch
from gateway.journal import schema, tables
from gateway.journal.connecting import assert_ours, connected, size, wal_of
from gateway.journal.row import UPLINK, Resumed
from gateway.journal.salvage import salvage
from gateway.journal.store import Store
from gateway.journal.trouble import Damaged, JournalTrouble

_EPOCHS_OF_A_FILE = 1_000_000
"""A file whose counter is lost is followed by epochs that begin so far above it: no id is used twice."""


def open_store(settings: Settings, gateway: str, salt: Callable[[], str], uplinks: Sequence[str] = (UPLINK,)) -> tuple[Store, Resumed]:
    """Raises JournalTrouble."""
    path = settings.path.absolute()
    _check_place(path)
    try:
        _finish_interrupted(path)
        try:
            return _open(path, settings.max_mb, gateway, salt, uplinks, None)
        except Damaged:
            assert_ours(path)
            bad = _set_aside(path, settings.max_mb, gateway)
            return _open(path, settings.max_mb, gateway, salt, uplinks, bad)
    except Damaged as damaged:
        # What was just written can't be read back: the disk is not to be trusted.
        raise JournalTrouble("journal.disk_error", path=str(path), why=damaged.found) from damaged
    except OSError as error:
        raise JournalTrouble("journal.not_writable", path=str(path)) from error


def _check_place(path: Path) -> None:
    if not path.parent.is_dir():
        raise JournalTrouble("journal.no_folder", path=str(path), folder=str(path.parent))
    if path.exists() and not path.is_file():
        raise JournalTrouble("journal.not_a_file", path=str(path))


def _open(
    path: Path, max_mb: int, gateway: str, salt: Callable[[], str], uplinks: Sequence[str], quarantined: Path | None
) -> tuple[Store, Resumed]:
    store = Store(partial(connected, path, max_mb), path, max_mb, uplinks)
    try:
        with store.connection() as connection:
            counters = tables.read_counters(connection)
            states = tables.read_states(connection)
            acknowledged, last = (counters.acknowledged, counters.next_sequence - 1) if counters else (0, 0)
            missing = tables.missing(tables.rows_after(connection, acknowledged), acknowledged, last)
        lost = 0 if counters else _EPOCHS_OF_A_FILE * (_next_bad(path) - 1)
        counters = store.begin(gateway, lost + 1)
        cursors = store.cursors(counters)
    except BaseException:
        store.close()
        raise
    epoch = Epoch(counters.epoch, salt())
    return store, Resumed(epoch, counters.next_sequence, counters.acknowledged, states, quarantined, missing, cursors)


def _set_aside(path: Path, max_mb: int, gateway: str) -> Path:
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


def _finish_interrupted(path: Path) -> None:
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
