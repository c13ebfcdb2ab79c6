"""A journal that no daemon holds, looked at: nothing in it is changed, no start is counted, nothing is set aside."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gateway.clock import Stamp, TimeQuality
from gateway.dating import Dating
from gateway.journal import tables
from gateway.journal.checks import Fault, faults
from gateway.journal.connecting import assert_ours, connected_for_reading
from gateway.journal.row import Backlog, Row
from gateway.journal.store import Store
from gateway.journal.trouble import Damaged, JournalTrouble

_NOW = Stamp("", 0, 0, TimeQuality.UNSYNCED)
"""Nothing is held back from a person who looks: the time does not matter."""


class Inspection:
    """Every method raises JournalTrouble."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def backlog(self) -> Backlog:
        return self._store.backlog(0)

    def faults(self) -> tuple[Fault, ...]:
        with self._store.reading() as connection:
            return faults(connection)

    def after(self, sequence: int, limit: int) -> tuple[Row, ...]:
        """Each with the best time that is known of it."""
        dating = Dating(self._store.anchors(), lambda: _NOW)
        return tuple(map(dating.dated, self._store.after(sequence, limit)))


@contextmanager
def inspecting(path: Path, gateway: str) -> Iterator[Inspection]:
    """Raises JournalTrouble. No daemon can begin while the body runs."""
    path = path.absolute()
    store = Store(partial(connected_for_reading, path), path, 0)
    try:
        try:
            with store.connection() as connection:
                counters = tables.read_counters(connection)
        except Damaged as damaged:
            assert_ours(path)
            raise JournalTrouble("journal.damaged", path=str(path), found=damaged.found) from damaged
        if counters is not None and counters.name != gateway:
            raise JournalTrouble("journal.other_gateway", path=str(path), found=counters.name, gateway=gateway)
        yield Inspection(store)
    finally:
        store.close()
