"""The safety net on the way to the platform, broken on purpose: each break must be noticed by a test.

    python -m tests.faults.mutants

A copy of the tree is made, one place in it is changed, and the named tests are run there: they have to fail. The place is named by its
text, and that has to be there exactly once, so that a mutant can't go stale without being noticed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.checkout import ROOT

_COPIED = ("config", "docs", "drivers", "gateway", "simulators", "tests", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    file: str
    was: str
    becomes: str
    test: str


MUTANTS = (
    Mutant(
        "a PUBACK is taken for the platform's word",
        "gateway/uplink/ledger.py",
        "        if self._mode is Acknowledgement.PLATFORM:\n            return None\n        self._acked",
        "        self._acked",
        "tests/gateway/uplink/test_window.py",
    ),
    Mutant(
        "rows are read in no order",
        "gateway/journal/rows.py",
        "WHERE sequence > ? ORDER BY sequence LIMIT ?",
        "WHERE sequence > ? LIMIT ?",
        "tests/gateway/uplink/test_order.py",
    ),
    Mutant(
        "a sequence is used twice",
        "gateway/minting.py",
        "self.next_sequence += 1",
        "self.next_sequence += 0",
        "tests/gateway/test_minting.py",
    ),
    Mutant(
        "the consumer keeps every copy",
        "docs/consumer/consumer.py",
        '                event["id"],\n',
        "                f\"{event['id']} {self._db.total_changes}\",\n",
        "tests/test_consumer.py",
    ),
    Mutant(
        "the consumer acknowledges the highest number",
        "docs/consumer/consumer.py",
        "if not (begins or self._accounted(gateway, (sequence or 0) + 1, found[1] - 1)):",
        "if False:",
        "tests/test_consumer.py",
    ),
    Mutant(
        "what the broker refused is released with what is behind it",
        "gateway/uplink/window.py",
        "            upto = min(upto, self._refusals.first - 1)\n",
        "            pass\n",
        "tests/gateway/uplink/test_window_refusals.py",
    ),
    Mutant(
        "an event is given up although the broker takes nothing",
        "gateway/uplink/refusals.py",
        "(deadly or self._accepted > before)",
        "True",
        "tests/gateway/uplink/test_window_refusals.py",
    ),
    Mutant(
        "a gap event waits for its turn while the platform waits for it",
        "gateway/uplink/window.py",
        "or self._in_flight or self._ledger.room > 0:",
        "or True:",
        "tests/gateway/uplink/test_window_refusals.py",
    ),
    Mutant(
        "a gap claims what stands between its ends",
        "gateway/journal/holes.py",
        "if found and found[-1].last == number - 1:",
        "if found:",
        "tests/gateway/journal/test_sacrifice.py",
    ),
    Mutant(
        "a rolled-back disk goes on in its old epoch",
        "gateway/uplink/acknowledgements.py",
        "        await self._rolled_back(upto)\n",
        "        pass\n",
        "tests/gateway/uplink/test_rolled_back.py",
    ),
)


def survives(mutant: Mutant, folder: Path) -> bool:
    """Whether its tests pass all the same."""
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    target = folder / mutant.file
    text = target.read_text("utf-8")
    assert text.count(mutant.was) == 1, f"{mutant.file} has not exactly one place like: {mutant.was}"
    target.write_text(text.replace(mutant.was, mutant.becomes), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutant.test]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(folder)})
    # 1: tests ran and some failed. Anything else, such as a module that can't be imported, kills nothing.
    assert done.returncode in (0, 1), f"{mutant.name}: pytest ended with {done.returncode}:\n{done.stdout[-2000:]}"
    return done.returncode == 0


def main() -> int:
    alive = 0
    for mutant in MUTANTS:
        with tempfile.TemporaryDirectory() as folder:
            survived = survives(mutant, Path(folder))
        alive += survived
        print(f"{'SURVIVED' if survived else 'killed':8} {mutant.name}", flush=True)
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
