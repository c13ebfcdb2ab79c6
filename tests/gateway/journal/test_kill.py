"""kill -9 while a process appends: every append that returned is there, nothing is half there, no number is missing."""

import json
import os
import subprocess
import sys
from pathlib import Path

_KILLS = 30
_ROOT = Path(__file__).parents[3]


def test_every_append_that_returned_survives_thirty_kills(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.gateway.journal.appending", str(tmp_path), str(_KILLS), "20260501"]
    done = subprocess.run(command, cwd=_ROOT, env=os.environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) == _KILLS
    last = epoch = 0
    for found in rounds:
        assert not found["quarantined"]
        assert found["missing"] == 0
        assert found["faults"] == []
        # All that was told is there; what was committed and not told may be, too.
        assert found["next_sequence"] > found["told"] > last
        last = found["next_sequence"] - 1
        assert found["waiting"] == list(range(found["acknowledged"] + 1, found["next_sequence"]))
        # The state is of the same transaction as the last event.
        assert int(found["state"]) == last
        # Each round is two starts: the killed one's, and the one that looked.
        assert found["epoch"] >= epoch + 2
        epoch = found["epoch"]
    assert rounds[-1]["acknowledged"] > 0
