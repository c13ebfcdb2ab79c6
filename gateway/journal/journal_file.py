"""The journal's file while it is used: its connection, its transactions, and what becomes of it after an error.

After an error of the disk it is closed, and opened and checked anew at the next call: what a failed sync left in the system's memory
is not to be believed. One that is found damaged is set aside, and what can be read of it goes on.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from gateway.journal.trouble import Damaged, JournalTrouble, primary_code, trouble_of

_TIMES_DAMAGED_MAX = 3
"""A memory or a disk that damages what it is given would otherwise be filled with files set aside."""


class JournalFile:
    """Opened by the first call. `forget` is called when what was read of it need not be true any more."""

    def __init__(
        self, connect: Callable[[], sqlite3.Connection], path: Path, set_aside: Callable[[], object] | None, forget: Callable[[], None]
    ) -> None:
        """`connect` raises JournalTrouble, Damaged. `set_aside` does so with a file that is found damaged while it is used."""
        self._open: sqlite3.Connection | None = None
        self._connect = connect
        self._path = path
        self._set_aside = set_aside
        self._forget = forget
        self._times_damaged = 0
        self.incomplete = False
        """Whether it is what could be read of one that was set aside. Whoever has told what is missing takes it back."""

    @property
    def is_open(self) -> bool:
        return self._open is not None

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """For something that either happens or raises JournalTrouble or Damaged."""
        try:
            if self._open is None:
                self._open = self._connect()
            yield self._open
        except sqlite3.Error as error:
            if primary_code(error) == sqlite3.SQLITE_FULL:
                self._after_full()
            else:
                self.close()
            raise trouble_of(error, self._path) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """For something that either happens or raises JournalTrouble: once the daemon runs, damage is trouble."""
        try:
            with self.connection() as connection:
                yield connection
        except Damaged as damaged:
            self._go_on_without(damaged)
            raise JournalTrouble("journal.damaged", path=str(self._path), found=damaged.found) from damaged

    @contextmanager
    def transaction(self, entered: AbstractContextManager[sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
        """Within `connection` or `reading`: all of it, or nothing."""
        with entered as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite may have rolled back by itself.
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                # It speaks of what was not committed.
                self._forget()
                raise

    def close(self) -> None:
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.close()
        self._open = None
        self._forget()

    def _go_on_without(self, damaged: Damaged) -> None:
        """What can be read of it is in the next one, which the next call opens."""
        if self._set_aside is None or self._times_damaged >= _TIMES_DAMAGED_MAX:
            return
        self._times_damaged += 1
        self.close()
        damaged.__traceback__ = None  # It holds on to what holds on to the file.
        with suppress(JournalTrouble, Damaged, OSError):
            self._set_aside()
            self.incomplete = True

    def _after_full(self) -> None:
        """Move what is committed into the file, so that the log's own space can be used again."""
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.execute("PRAGMA wal_checkpoint(RESTART)")
