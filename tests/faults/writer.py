"""Run as a program: the journal's writer as the daemon has it, over several starts, telling what it confirmed.

    python -m tests.faults.writer FOLDER SEED STARTS EVENTS [FULL|NORMAL]

Lines to stdout, each in one write and only once the journal has said so:

    epoch 12 abcd          the epoch that this start gives its events
    told 7 9               the events 7 to 9 are committed
    released 5             acknowledged up to 5: may be forgotten

`FULL` is what the product sets. With `NORMAL` the log is not synced at a commit: the tests of power cuts must then fail.
"""

import asyncio
import os
import random
import sqlite3
import sys
from functools import lru_cache, partial
from pathlib import Path

from gateway.detection.change import Kept
from gateway.events import Epoch, event_id
from gateway.journal import schema
from gateway.journal.journal import Journal
from gateway.journal.row import UPLINK, Batch, Row
from tests.gateway.journal.journals import GATEWAY, noise, settings

MAX_MB = 1


@lru_cache(20_000)
def body(epoch: Epoch, sequence: int) -> str:
    """The whole event is told by its number and its epoch."""
    return f'{{"id":"{event_id(GATEWAY, epoch, sequence)}","type":"kerbgate.bay.park_end","data":"{noise(sequence * 7 % 1500, sequence)}"}}'


def row(epoch: Epoch, sequence: int) -> Row:
    return Row(sequence, "bay", "bay/b1", body(epoch, sequence))


def tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def _start(folder: Path, generator: random.Random, events: int, *, in_order: bool) -> None:
    journal = await Journal.open(settings(folder, MAX_MB), GATEWAY, lambda: f"{generator.randrange(65536):04x}")
    tell(f"epoch {journal.epoch.number} {journal.epoch.salt}")

    async def append(first: int, last: int) -> None:
        rows = tuple(row(journal.epoch, sequence) for sequence in range(first, last + 1))
        await journal.append(Batch(rows, (Kept("bay/b1", str(last)), Kept(f"bay/{last % 40}", str(last)))))
        tell(f"told {first} {last}")

    sequence = journal.resumed.next_sequence
    end = sequence + events
    while sequence < end:
        together = []
        for _ in range(generator.choice((1, 1, 1, 3))):
            last = sequence + generator.choice((0, 0, 0, 4, 9))
            together.append(append(sequence, last))
            sequence = last + 1
        await asyncio.gather(*together)
        if generator.random() < 0.5:
            upto = sequence - generator.randrange(1, 60)
            if upto > journal.acknowledged:
                tell(f"released {upto}")
                await journal.acknowledge(UPLINK, upto)
    if in_order:
        await journal.close()


def _not_synced_at_a_commit() -> None:
    configure = schema.configure

    def less(connection: sqlite3.Connection, max_mb: int) -> None:
        configure(connection, max_mb)
        connection.execute("PRAGMA synchronous = NORMAL")

    schema.configure = less


def main() -> None:
    folder, seed, starts, events = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    if sys.argv[5:] == ["NORMAL"]:
        _not_synced_at_a_commit()
    for number in range(starts):
        child = os.fork()
        if child == 0:
            generator = random.Random(f"{seed} {number}")
            start = partial(_start, folder, generator, generator.randrange(1, 2 * events), in_order=generator.random() < 0.5)
            status = 1
            try:
                asyncio.run(start())
                status = 0
            finally:
                # Without a word, as a killed one ends.
                os._exit(status)
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(1)


if __name__ == "__main__":
    main()
