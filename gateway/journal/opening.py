"""How a journal is opened: what is wrong with the place, whose file it is, and what happens where it can't be written now.

A start never fails for the disk's sake. A damaged file is set aside (`setting_aside.py`) and what can be read of it goes on. A
disk that is full or read-only, or fails, is looked at as it is: the daemon goes on from there, and the store tries again with
each commit. What does stop a start is a mistake of somebody: another gateway's file, a newer kerbgate's, one that is in use.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from config.site import Journal as Settings
from gateway.clock import Stamp
from gateway.events import Epoch
from gateway.journal import rows, tables
from gateway.journal.connecting import assert_ours, connected, wal_of
from gateway.journal.holes import missing
from gateway.journal.row import UPLINK, Resumed
from gateway.journal.setting_aside import files_lost, finish_interrupted, set_aside
from gateway.journal.store import Store
from gateway.journal.tables import Counters
from gateway.journal.tail import read_tail
from gateway.journal.trouble import Damaged, JournalTrouble

_EPOCHS_OF_A_FILE = 100_000_000
"""A file whose counter is lost is followed by epochs that begin so far above it: no id is used twice."""
_EPOCHS_AHEAD_MAX = 999
_IN_MEMORY = Path("/dev/shm")  # noqa: S108

PASSING = ("journal.disk_full", "journal.full", "journal.not_writable", "journal.disk_error")
"""Troubles of the disk, which may be gone later."""


def open_store(settings: Settings, gateway: str, salt: Callable[[], str], uplinks: Sequence[str] = (UPLINK,)) -> tuple[Store, Resumed]:
    """Raises JournalTrouble."""
    path = settings.path.absolute()
    _check_place(path)
    opening = Opening(path, settings.max_mb, gateway, salt, tuple(uplinks))
    try:
        finish_interrupted(path)
        return opening.open()
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


class Opening:
    """One start's. Every method raises JournalTrouble, Damaged, OSError."""

    def __init__(self, path: Path, max_mb: int, gateway: str, salt: Callable[[], str], uplinks: tuple[str, ...]) -> None:
        self._path = path
        self._max_mb = max_mb
        self._gateway = gateway
        self._salt = salt
        self._uplinks = uplinks

    def open(self) -> tuple[Store, Resumed]:
        try:
            return self._open(None)
        except Damaged:
            assert_ours(self._path)
            return self._open(set_aside(self._path, self._max_mb, self._gateway))

    def _open(self, bad: Path | None) -> tuple[Store, Resumed]:
        aside = partial(set_aside, self._path, self._max_mb, self._gateway)
        store = Store(partial(connected, self._path, self._max_mb), self._path, self._max_mb, self._uplinks, aside)
        try:
            try:
                resumed = self._resumed(store)
            except JournalTrouble as trouble:
                resumed = self._looked_at(trouble)
            store.go_on(self._gateway, resumed.epoch.number, resumed.next_sequence)
            if resumed.trouble is None:
                resumed = self._begun(store, resumed)
        except BaseException:
            store.close()
            raise
        return store, replace(resumed, quarantined=bad)

    def _begun(self, store: Store, resumed: Resumed) -> Resumed:
        try:
            store.begin()
        except JournalTrouble as trouble:
            if trouble.sentence not in PASSING:
                raise
            return replace(resumed, trouble=trouble)
        return resumed

    def _looked_at(self, trouble: JournalTrouble) -> Resumed:
        """A copy in memory of a file that can't be opened where it is. A file that is not there yet is a new one."""
        if trouble.sentence not in PASSING:
            raise trouble
        with ExitStack() as while_looking:
            folder = Path(while_looking.enter_context(tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None)))
            copy = folder / self._path.name
            for file, to in ((self._path, copy), (wal_of(self._path), wal_of(copy))):
                if file.exists():
                    shutil.copyfile(file, to)
            store = Store(partial(connected, copy, self._max_mb), copy, self._max_mb, self._uplinks)
            while_looking.callback(store.close)
            try:
                return replace(self._resumed(store), trouble=trouble)
            except Damaged:
                set_aside(copy, self._max_mb, self._gateway)
                return replace(self._resumed(store), trouble=trouble)

    def _resumed(self, store: Store) -> Resumed:
        """What is in the file, every row of it that is not released held against its CRC."""
        with store.connection() as connection:
            tail = read_tail(connection)
            before = None if tail is None else tail.counters
            if before is not None and before.name != self._gateway:
                raise JournalTrouble("journal.other_gateway", path=str(self._path), found=before.name, gateway=self._gateway)
            released = 0 if tail is None else tail.released(self._uplinks)
            next_sequence = 1 if tail is None else tail.next_sequence
            states = {kept.subject: kept for kept in tables.read_states(connection)} | ({} if tail is None else tail.states)
            with closing(rows.scan_found(connection, released)) as found:
                holes = missing(map(_sound, found), released, next_sequence - 1)
            return Resumed(
                epoch=Epoch(self._next_epoch(before), self._salt()),
                next_sequence=next_sequence,
                acknowledged=released,
                states=tuple(states.values()),
                missing=holes,
                cursors={uplink: released if tail is None else tail.cursors.get(uplink, released) for uplink in self._uplinks},
                anchors=tables.read_anchors(connection),
                clean=before is None or before.closed,
                last_epoch=0 if before is None else before.epoch,
                last_stamp=_newest_stamp(connection),
            )

    def _next_epoch(self, before: Counters | None) -> int:
        if before is None:
            lost = files_lost(self._path)
            return _EPOCHS_OF_A_FILE * lost + (self.ahead() if lost else 1)
        # A disk that lied may have forgotten the epochs of whole starts: step over them.
        return before.epoch + self.ahead()

    def ahead(self) -> int:
        return epochs_ahead(self._salt)


def epochs_ahead(salt: Callable[[], str]) -> int:
    """1 to 999, by chance."""
    return 1 + int(salt(), 16) % _EPOCHS_AHEAD_MAX


def _newest_stamp(connection: sqlite3.Connection) -> Stamp | None:
    newest = rows.newest_sequence(connection)
    row = None if newest is None else rows.row_at(connection, newest)
    return None if row is None else row.stamp


def _sound(found: rows.Found) -> rows.Found:
    if not rows.is_sound(found):
        raise Damaged(f"the event with sequence {found[0]} fails its CRC", found[0])
    return found
