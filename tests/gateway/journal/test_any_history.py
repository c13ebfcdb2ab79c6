"""Any history of appends, acknowledgements, crashes and restarts, against a model of three lines."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from config.site import Journal as Settings
from gateway.detection.change import Kept
from gateway.journal.journal import Journal
from gateway.journal.row import UPLINK, Batch, Row
from gateway.journal.store import OutOfOrder
from gateway.journal.trouble import JournalTrouble
from tests.gateway.journal.journals import GATEWAY, row, salt

T = TypeVar("T")

_IN_MEMORY = Path("/dev/shm")  # noqa: S108
_SUBJECTS = st.sampled_from(["bay/b1", "bay/b2", "station/s1"])


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        # In memory where there is such a folder: it is the order of things that is tested here, not the disk.
        self.folder = Path(tempfile.mkdtemp(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None))
        self.loop = asyncio.new_event_loop()
        self.rows: list[Row] = []
        self.states: dict[str, str] = {}
        self.acknowledged = 0
        self.starts = 0
        self.epoch = 0
        self.open()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def open(self) -> None:
        self.journal = self.wait(Journal.open(Settings(path=self.folder / "j", max_mb=1), GATEWAY, salt))
        self.starts += 1
        resumed = self.journal.resumed
        assert resumed.epoch.number > self.epoch
        self.epoch = resumed.epoch.number
        assert resumed.next_sequence == len(self.rows) + 1
        assert {kept.subject: kept.state for kept in resumed.states} == self.states
        # A crash may cost the last acknowledgements: those are sent again.
        assert self.acknowledged - 32 <= resumed.acknowledged <= self.acknowledged
        self.acknowledged = resumed.acknowledged

    @rule(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=5), subject=_SUBJECTS, padding=st.integers(0, 3000))
    def append(self, sizes: list[int], subject: str, padding: int) -> None:
        batches = []
        for size in sizes:
            first = len(self.rows) + 1
            fresh = tuple(row(number, subject, padding=padding) for number in range(first, first + size))
            self.rows += fresh
            self.states[subject] = f"{subject} {len(self.rows)}"
            batches.append(Batch(fresh, (Kept(subject, self.states[subject]),)))

        async def together() -> None:
            await asyncio.gather(*map(self.journal.append, batches))

        try:
            self.wait(together())
        except JournalTrouble as trouble:
            self.give_up(trouble)

    def give_up(self, trouble: JournalTrouble) -> None:
        """One MB of it is unacknowledged: a caller would try again, this one forgets what was not taken."""
        assert trouble.sentence == "journal.full"
        kept = self.journal.last_sequence
        del self.rows[kept:]
        self.wait(self.journal.close())
        self.journal = self.wait(Journal.open(Settings(path=self.folder / "j", max_mb=1), GATEWAY, salt))
        self.starts += 1
        self.states = {each.subject: each.state for each in self.journal.resumed.states}
        assert self.journal.resumed.next_sequence == kept + 1

    @rule(ahead=st.integers(2, 9))
    def skip_a_number(self, ahead: int) -> None:
        try:
            self.wait(self.journal.append(Batch((row(len(self.rows) + ahead),), ())))
        except OutOfOrder:
            return
        raise AssertionError("a skipped number was taken")

    @rule(again=st.integers(1, 5))
    def give_again(self, again: int) -> None:
        old = [each for each in self.rows[-again:] if each.sequence > self.acknowledged]
        self.wait(self.journal.append(Batch(tuple(old), ())))

    @rule(upto=st.floats(0, 1.1))
    def acknowledge(self, upto: float) -> None:
        sequence = int(upto * len(self.rows))
        self.wait(self.journal.acknowledge(UPLINK, sequence))
        self.acknowledged = max(self.acknowledged, min(sequence, len(self.rows)))

    @rule()
    def restart(self) -> None:
        acknowledged = self.acknowledged
        self.wait(self.journal.close())
        self.open()
        assert self.acknowledged == acknowledged

    @rule()
    def crash(self) -> None:
        """What a killed process leaves: the file and its log as they are now."""
        if self.journal._committing is not None:
            self.wait(asyncio.wait_for(self.journal._committing, 5))
        copy = self.folder / "copy"
        copy.mkdir()
        for file in ("j", "j-wal"):
            shutil.copy(self.folder / file, copy / file)
        self.wait(self.journal.close())
        for file in ("j", "j-wal"):
            (copy / file).replace(self.folder / file)
        copy.rmdir()
        self.open()

    @invariant()
    def what_waits_is_what_was_appended(self) -> None:
        waiting = self.wait(self.journal.after(self.acknowledged, 1_000_000))
        assert list(waiting) == self.rows[self.acknowledged :]
        assert self.journal.acknowledged == self.acknowledged
        assert self.wait(self.journal.verify()) == ()

    def teardown(self) -> None:
        self.wait(self.journal.close())
        self.loop.close()
        shutil.rmtree(self.folder)


TestAnyHistory = Histories.TestCase
TestAnyHistory.settings = settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
