"""Run as a program: a process that is killed again and again while it appends. `test_kill.py` looks at what it tells.

    appending.py FOLDER ROUNDS SEED     one JSON object a round to stdout

It imports once and forks for each round, so that a kill costs milliseconds; the parent never has a thread, and looks at the
file through the blocking store.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from gateway.journal.checks import faults
from gateway.journal.journal import Journal
from gateway.journal.opening import open_store
from gateway.journal.row import UPLINK
from tests.gateway.journal.journals import GATEWAY, batch, salt, settings


async def _append(folder: Path, told: int) -> None:
    """Tells each sequence once its append has returned: alone, and several at a time. Never ends."""
    journal = await Journal.open(settings(folder, 1), GATEWAY, salt)

    async def one(sequence: int) -> None:
        await journal.append(batch(sequence, state=str(sequence), padding=sequence % 700))
        os.write(told, f"{sequence}\n".encode())

    sequence = journal.resumed.next_sequence
    while True:
        group = 1 + sequence % 5
        await asyncio.gather(*(one(number) for number in range(sequence, sequence + group)))
        sequence += group
        await journal.acknowledge(UPLINK, sequence - 40)


def _round(folder: Path, delay_s: float) -> list[int]:
    """What a process told before it was killed."""
    reading, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            asyncio.run(_append(folder, told))
        finally:
            os._exit(1)
    os.close(told)
    with os.fdopen(reading) as lines:
        first = lines.readline()  # It is under way.
        time.sleep(delay_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        # A line that was cut is not told.
        rest = lines.read()
    whole = (first + rest).rpartition("\n")[0]
    return [int(line) for line in whole.split("\n")]


def main() -> None:
    folder, rounds, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    generator = random.Random(seed)
    for _ in range(rounds):
        told = _round(folder, generator.uniform(0.0, 0.06))
        store, resumed = open_store(settings(folder, 1), GATEWAY, salt)
        with store.reading() as connection:
            found = {
                "told": max(told),
                "next_sequence": resumed.next_sequence,
                "epoch": resumed.epoch.number,
                "acknowledged": resumed.acknowledged,
                "state": resumed.states[0].state,
                "quarantined": resumed.quarantined is not None,
                "missing": len(resumed.missing),
                "faults": [fault.sentence for fault in faults(connection)],
                "waiting": [row.sequence for row in store.after(resumed.acknowledged, 100_000)],
            }
        store.close()
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
