"""Power cuts of the whole gateway: a street, a real broker, two starts, every system call recorded.

    python -m tests.faults.daemon_cut --states 5000

What was given to the broker's socket is what others know. Judged: every state opens without loss, every event that was sent is there
with its id or was released, no number is missing or given twice.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from config.site import Journal as Settings
from gateway.journal.opening import open_store
from gateway.journal.trouble import JournalTrouble
from tests.brokers import Mosquitto
from tests.end_to_end.street_hour import GATEWAY
from tests.faults.crash_states import honest, lay_out
from tests.faults.recording import Operation, Said, recorded, under_strace

_ID = re.compile(rb'"id":"([^"]+)/([0-9]{16})"')
_IN_MEMORY = Path("/dev/shm")  # noqa: S108
_STARTS = ((0, 60), (70, 130))


def record_gateway(temporary: Path) -> list[Operation]:
    folder = temporary / "gateway"
    folder.mkdir()
    (folder / "now").write_bytes(bytes(8))
    broker = Mosquitto(temporary / "broker")
    broker.start()
    try:
        street = f"{sys.executable} -m tests.end_to_end.street_process {folder} {broker.port}"
        run = " && ".join(f"{street} {begin} {end}" for begin, end in _STARTS)
        subprocess.run([*under_strace(temporary / "trace"), "sh", "-c", run], check=True, stdout=subprocess.DEVNULL)
    finally:
        broker.stop()
    return recorded(folder, temporary / "trace")


def judged(operations: Sequence[Operation], states: int, seed: str) -> Counter[str]:
    """How many of the states show which fault; `states`, and under `sent` how many events others knew of at the end."""
    found = Counter[str]()
    generator = random.Random(seed)
    sent: dict[int, str] = {}
    heard = 0
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as temporary:
        folder = Path(temporary)
        for moment, left in honest(operations, states, seed):
            for operation in operations[heard:moment]:
                if isinstance(operation, Said):
                    sent |= {int(number): f"{before.decode()}/{number.decode()}" for before, number in _ID.findall(operation.content)}
            heard = moment
            lay_out(folder, {name: content for name, content in left.items() if name.startswith("journal.db")})
            found["states"] += 1
            found.update(_faults(folder, sent, generator))
    found["sent"] = len(sent)
    return found


def _faults(folder: Path, sent: dict[int, str], generator: random.Random) -> set[str]:
    settings = Settings(path=folder / "journal.db")
    try:
        store, resumed = open_store(settings, GATEWAY, lambda: f"{generator.randrange(65536):04x}")
    except JournalTrouble:
        return {"failed start"}
    rows = {row.sequence: json.loads(row.body)["id"] for row in store.after(resumed.acknowledged, 1_000_000)}
    store.drop()
    faults = set()
    if resumed.quarantined or resumed.trouble or resumed.missing:
        faults.add("set aside, not written or missing")
    if any(rows.get(number) != identifier for number, identifier in sent.items() if number > resumed.acknowledged):
        faults.add("lost")
    if list(rows) != list(range(resumed.acknowledged + 1, resumed.next_sequence)) or len(set(rows.values())) < len(rows):
        faults.add("disordered or doubled")
    return faults


def run(states: int, seed: int) -> Counter[str]:
    with tempfile.TemporaryDirectory() as temporary:
        return judged(record_gateway(Path(temporary)), states, str(seed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--states", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=20260501)
    given = parser.parse_args()
    found = run(given.states, given.seed)
    for what, count in found.items():
        print(f"{count:8}  {what}")
    sys.exit(1 if set(found) - {"states", "sent"} else 0)


if __name__ == "__main__":
    main()
