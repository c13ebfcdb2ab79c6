"""Power cuts in numbers. The journal's writer is recorded over several starts, and every state that a cut may leave is opened.

    python -m tests.faults.power_cut --states 100000                       an honest disk
    python -m tests.faults.power_cut --states 3000 --synchronous NORMAL    the same without the sync at a commit: must fail
    python -m tests.faults.power_cut --states 20000 --lying                a disk that forgets what it said was synced

Counted per state, of an honest disk: a start that fails or sets the file aside, an event that was confirmed and is not there, a
number that is missing or is another event, a state that is not that of the last event, an epoch that was used before. Of a lying
one: a start that fails, an epoch used before, and a loss that nothing tells of.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from gateway.events import Epoch
from gateway.journal.opening import open_store
from gateway.journal.row import Resumed, Row
from gateway.journal.trouble import JournalTrouble
from tests.faults.crash_states import honest, lay_out, lying
from tests.faults.recording import Operation, Said, record
from tests.faults.writer import MAX_MB, body
from tests.gateway.journal.journals import GATEWAY, settings

STATES_OF_A_RECORDING = 2500
_STARTS, _EVENTS = 4, 150
_IN_MEMORY = Path("/dev/shm")  # noqa: S108


@dataclass(slots=True)
class Promised:
    """What others may rely on at one moment."""

    epochs: list[Epoch] = field(default_factory=list)
    told: dict[int, Epoch] = field(default_factory=dict)
    """Of each event, by its number, the epoch that it was told with last."""
    released: int = 0

    def hear(self, said: Said) -> None:
        for line in said.content.decode("ascii", "replace").splitlines():
            match line.split():
                case ["epoch", number, salt]:
                    self.epochs.append(Epoch(int(number), salt))
                case ["told", first, last]:
                    self.told |= dict.fromkeys(range(int(first), int(last) + 1), self.epochs[-1])
                case ["released", upto]:
                    self.released = max(self.released, int(upto))
                case _:
                    pass


def recorded(seed: int, synchronous: str) -> list[Operation]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "journal"
        folder.mkdir()
        command = [sys.executable, "-m", "tests.faults.writer", folder, seed, _STARTS, _EVENTS, synchronous]
        return record([str(part) for part in command], folder, Path(temporary) / "trace")


def judged(operations: Sequence[Operation], states: int, seed: str, *, is_lying: bool) -> Counter[str]:
    """How many of the states show which fault; `states`, and for a lying disk how many had lost something."""
    found = Counter[str]()
    generator = random.Random(seed)
    promised, heard = Promised(), 0
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as temporary:
        folder = Path(temporary)
        for moment, left in lying(operations, states, seed) if is_lying else honest(operations, states, seed):
            for operation in operations[heard:moment]:
                if isinstance(operation, Said):
                    promised.hear(operation)
            heard = moment
            lay_out(folder, left)
            found["states"] += 1
            found.update(_faults_of_lying(folder, promised, generator, found) if is_lying else _faults(folder, promised, generator))
    return found


def _opened(folder: Path, generator: random.Random) -> tuple[Resumed, dict[int, Row]]:
    """Raises JournalTrouble."""
    store, resumed = open_store(settings(folder, MAX_MB), GATEWAY, lambda: f"{generator.randrange(65536):04x}")
    try:
        return resumed, {row.sequence: row for row in store.after(resumed.acknowledged, 1_000_000)}
    finally:
        store.drop()


def _faults(folder: Path, promised: Promised, generator: random.Random) -> set[str]:
    try:
        resumed, rows = _opened(folder, generator)
    except JournalTrouble:
        return {"failed start"}
    faults = set()
    if resumed.quarantined or resumed.trouble:
        faults.add("set aside or not written")
    if resumed.epoch.number <= max((epoch.number for epoch in promised.epochs), default=0):
        faults.add("epoch used twice")
    if resumed.acknowledged > promised.released:
        faults.add("released by nobody")
    if any(sequence not in rows for sequence in promised.told if sequence > resumed.acknowledged):
        faults.add("lost")
    if resumed.next_sequence <= max(promised.told, default=0):
        faults.add("number used twice")
    if list(rows) != list(range(resumed.acknowledged + 1, resumed.next_sequence)) or resumed.missing:
        faults.add("disordered")
    if any(_lost(row, promised.told.get(row.sequence, _epoch_of(row))) for row in rows.values()):
        faults.add("another event")
    states = {kept.subject: kept.state for kept in resumed.states}
    if resumed.next_sequence > 1 and states.get("bay/b1") != str(resumed.next_sequence - 1):
        faults.add("state of another event")
    return faults


def _epoch_of(row: Row) -> Epoch:
    number, _, salt = row.body.partition("/")[2].partition("/")[0].partition("-")
    return Epoch(int(number), salt)


def _faults_of_lying(folder: Path, promised: Promised, generator: random.Random, found: Counter[str]) -> set[str]:
    try:
        resumed, rows = _opened(folder, generator)
    except JournalTrouble:
        return {"failed start"}
    faults = set()
    if resumed.epoch in promised.epochs:
        faults.add("id used twice")
    lost = [sequence for sequence, epoch in promised.told.items() if sequence > resumed.acknowledged and _lost(rows.get(sequence), epoch)]
    if lost:
        found["states with a loss"] += 1
        accounted = {number for hole in resumed.missing for number in range(hole.first, hole.last + 1)}
        # A disk that forgets a whole start, its epoch included, is as it was before: only the platform can know.
        known = [sequence for sequence in lost if promised.told[sequence].number <= resumed.last_epoch]
        found["whole starts forgotten"] += len(known) < len(lost)
        # What is behind the last number goes with an end that was not in order; what is before it must be told by number.
        if any(sequence not in accounted and (sequence < resumed.next_sequence or resumed.clean) for sequence in known):
            faults.add("silent loss")
    if resumed.quarantined:
        found["set aside"] += 1
    return faults


def _lost(row: Row | None, epoch: Epoch) -> bool:
    return row is None or row.body != body(epoch, row.sequence)


def _share(seed: int, states: int, synchronous: str, is_lying: bool) -> Counter[str]:
    return judged(recorded(seed, synchronous), states, f"{seed}", is_lying=is_lying)


def run(states: int, *, seed: int, synchronous: str = "FULL", is_lying: bool = False, processes: int = 2) -> Counter[str]:
    shares = list(_shares(states))
    with ProcessPoolExecutor(processes) as pool:
        jobs = [pool.submit(_share, seed + number, share, synchronous, is_lying) for number, share in enumerate(shares)]
        return sum((job.result() for job in jobs), Counter())


def _shares(states: int) -> Iterator[int]:
    while states > 0:
        yield min(states, STATES_OF_A_RECORDING)
        states -= STATES_OF_A_RECORDING


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--states", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20260501)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL"), default="FULL")
    parser.add_argument("--lying", action="store_true")
    given = parser.parse_args()
    found = run(given.states, seed=given.seed, synchronous=given.synchronous, is_lying=given.lying)
    for what, count in found.items():
        print(f"{count:8}  {what}")
    sys.exit(1 if set(found) - {"states", "states with a loss", "whole starts forgotten", "set aside"} else 0)


if __name__ == "__main__":
    shutil.which("strace") or sys.exit("strace is not installed; on Debian: apt-get install strace")
    main()
