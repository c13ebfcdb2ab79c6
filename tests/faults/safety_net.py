"""`python -m tests.faults.safety_net`: each part of the safety net taken out of a copy of the tree, and the row that must notice run there.

A mutant that lives is a test that proves nothing. Exit status 1 where one does.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.checkout import PACKAGES, ROOT

_LONGEST_S = 900.0
_SIMULATION = ("tests.faults.simulation", "--hours", "40", "--seed", "1", "--jobs", "2", "--stop")
_POWER_CUT = ("tests.faults.power_cut", "--states", "3000")


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    file: str
    text: str
    """Stands in the file once."""
    instead: str
    row: tuple[str, ...]


MUTANTS = (
    Mutant(
        "FULL to NORMAL: a commit is not synced",
        "gateway/journal/schema.py",
        '_pragma(connection, "synchronous", 2)',
        '_pragma(connection, "synchronous", 1)',
        _POWER_CUT,
    ),
    Mutant(
        "no wait for the platform: the broker's PUBACK releases",
        "gateway/uplink/ledger.py",
        "if self._mode is Acknowledgement.PLATFORM:\n            return None\n        self._acked",
        "self._acked",
        _SIMULATION,
    ),
    # SQLite happens to give rows by their key where no order is asked for; here it gives them as it may.
    Mutant(
        "no ORDER BY: rows are sent in any order",
        "gateway/journal/rows.py",
        "WHERE sequence > ? ORDER BY sequence LIMIT ?",
        "WHERE sequence > ? ORDER BY crc LIMIT ?",
        _SIMULATION,
    ),
    Mutant(
        "a number is given out twice",
        "gateway/recorder.py",
        "self.mint = Mint(gateway, journal.epoch, journal.resumed.next_sequence)",
        "self.mint = Mint(gateway, journal.epoch, max(1, journal.resumed.next_sequence - 1))",
        _SIMULATION,
    ),
    Mutant(
        "no dedupe: what a failed commit kept is not recognised",
        "gateway/journal/tail.py",
        "while known < len(given) and given[known].sequence < self.next_sequence:",
        "while False:",
        _SIMULATION,
    ),
    Mutant(
        "told before it is committed",
        "gateway/recorder.py",
        "        anchors = tuple(self._anchors)\n        try:",
        "        anchors = tuple(self._anchors)\n        self._committed(events)\n        try:",
        _SIMULATION,
    ),
    Mutant(
        "states are not in the events' transaction",
        "gateway/recorder.py",
        "tuple(row_of(event) for event in events), tuple(states.values()), anchors",
        "tuple(row_of(event) for event in events), (), anchors",
        _SIMULATION,
    ),
    Mutant(
        "what was under way at a disconnect is not sent again",
        "gateway/uplink/window.py",
        "self._cursor = self.released\n",
        "self._cursor = self.highest_sent\n",
        _SIMULATION,
    ),
)


def misplaced(mutant: Mutant, root: Path) -> str | None:
    """Why it can't be made any more: the code has moved on, and so must the mutant."""
    found = (root / mutant.file).read_text("utf-8").count(mutant.text)
    return None if found == 1 else f"{mutant.name}: its text stands {found} times in {mutant.file}"


def killed_by(mutant: Mutant) -> str | None:
    """What the row said of it; None where it lived."""
    with tempfile.TemporaryDirectory(prefix="kerbgate-mutant-") as folder:
        root = Path(folder)
        for package in (*PACKAGES, "docs", "tests"):
            shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
        path = root / mutant.file
        path.write_text(path.read_text("utf-8").replace(mutant.text, mutant.instead), "utf-8")
        try:
            done = subprocess.run(
                [sys.executable, "-m", *mutant.row], cwd=root, capture_output=True, text=True, check=False, timeout=_LONGEST_S
            )
        except subprocess.TimeoutExpired:
            return "it never ended"
        if done.returncode == 0:
            return None
        said = [line.strip() for line in done.stdout.splitlines() if line.startswith("    ")]
        return said[0] if said else (done.stdout + done.stderr).strip().splitlines()[-1]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.safety_net", description=__doc__)
    parser.add_argument("--only", metavar="WORD", default="", help="mutants whose name has this in it")
    only = parser.parse_args(arguments).only
    lived = 0
    for mutant in (each for each in MUTANTS if only in each.name):
        begun = time.perf_counter()
        why = misplaced(mutant, ROOT)
        said = None if why else killed_by(mutant)
        lived += said is None
        verdict = why or ("LIVES" if said is None else "killed")
        print(
            f"{verdict:8} {mutant.name:56} {mutant.row[0].rpartition('.')[2]:12}{time.perf_counter() - begun:5.0f} s  {said or ''}",
            flush=True,
        )
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
