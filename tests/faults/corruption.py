"""Damaged files in numbers: every start is timed, every damaged row counted, every good one looked for.

    python -m tests.faults.corruption --files 2000

Each file gets one of: 1 to 8 flipped bits, a zeroed page, a cut tail, NUL bytes to the end, no log beside it. What can be known of
the truth is known: a row whose record lies in what was touched is damaged, all others are good, where SQLite's own pages still lead
there or not.
"""

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from gateway.detection.change import Kept
from gateway.journal.opening import open_store
from gateway.journal.row import UPLINK, Batch, Row
from gateway.journal.rows import row_at
from gateway.journal.trouble import Damaged
from tests.gateway.journal.journals import GATEWAY, row, salt, settings

EVENTS = 1200
RELEASED = 400
IN_THE_LOG = 100
LONGEST_S = 5.0
SAVED_LEAST = 0.99
FAULTS = ("slow starts", "rows that are not what was written", "lost rows that nobody is told of")
_PAGE = 4096
_IN_MEMORY = Path("/dev/shm")  # noqa: S108


@dataclass(frozen=True, slots=True)
class Sound:
    """A journal whose last events are still in its log."""

    file: bytes
    log: bytes
    places: dict[int, tuple[int, int]]
    """Of each event in the file, where its record begins and ends."""


@lru_cache(EVENTS)
def written(sequence: int) -> Row:
    return row(sequence, padding=sequence % 400)


def sound_journal() -> Sound:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for events, released in ((range(1, EVENTS - IN_THE_LOG + 1), RELEASED), (range(EVENTS - IN_THE_LOG + 1, EVENTS + 1), 0)):
            store, resumed = open_store(settings(folder), GATEWAY, salt)
            for first in range(events.start, events.stop, 20):
                rows = tuple(written(sequence) for sequence in range(first, min(first + 20, events.stop)))
                store.commit([Batch(rows, (Kept("bay/b1", str(rows[-1].sequence)),))], {UPLINK: released} if released else {})
            assert resumed.quarantined is None
            if released:
                store.close()
        file, log = ((folder / name).read_bytes() for name in ("journal.db", "journal.db-wal"))
        store.close()
        places = {}
        with closing(sqlite3.connect(folder / "journal.db")) as connection:
            for sequence, record in connection.execute("SELECT sequence, record FROM event"):
                at = file.find(record)
                if at >= 0:
                    places[sequence] = (at, at + len(record))
        return Sound(file, log, places)


def damage(sound: Sound, generator: random.Random) -> tuple[str, bytes, bytes | None, list[tuple[int, int]]]:
    """What was done, the file, the log, and what of the file was touched."""
    content, log = bytearray(sound.file), sound.log
    match generator.randrange(5):
        case 0:
            touched = [(at, at + 1) for at in generator.choices(range(100, len(content)), k=generator.randrange(1, 9))]
            for at, _ in touched:
                content[at] ^= 1 << generator.randrange(8)
            return "flipped bits", bytes(content), log, touched
        case 1:
            at = generator.randrange(len(content) // _PAGE) * _PAGE
            content[at : at + _PAGE] = bytes(_PAGE)
            return "zeroed page", bytes(content), log, [(at, at + _PAGE)]
        case 2:
            at = generator.randrange(len(content))
            return "truncated", bytes(content[:at]), log, [(at, len(content))]
        case 3:
            at = generator.randrange(len(content))
            content[at:] = bytes(len(content) - at)
            return "NUL to the end", bytes(content), log, [(at, len(content))]
        case _:
            return "no log", bytes(content), None, []


def one(sound: Sound, seed: str) -> Counter[str]:
    """Counts, and the longest start in microseconds under `longest us`."""
    generator = random.Random(seed)
    what, file, log, touched = damage(sound, generator)
    found = Counter({"files": 1, what: 1})
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as temporary:
        folder = Path(temporary)
        (folder / "journal.db").write_bytes(file)
        if log is not None:
            (folder / "journal.db-wal").write_bytes(log)
        begun = time.perf_counter()
        try:
            store, resumed = open_store(settings(folder), GATEWAY, salt)
        except Exception as error:  # whatever it is: it would have ended the daemon
            return found + Counter({f"failed start: {type(error).__name__}: {error} (file {seed})": 1})
        took_s = time.perf_counter() - begun
        with store.reading() as connection:
            kept = _kept(connection)
        store.close()
    hit = {sequence for sequence, (begin, end) in sound.places.items() if any(a < end and b > begin for a, b in touched)}
    good = set(sound.places) - hit
    told = {number for hole in resumed.missing for number in range(hole.first, hole.last + 1)}
    found["slow starts"] += took_s > LONGEST_S
    found["longest us"] = round(took_s * 1e6)
    found["damaged rows"] += len(hit)
    found["rows that are not what was written"] += sum(each != written(sequence) for sequence, each in kept.items())
    # What is behind the last number that is known goes with an end that was not in order.
    silent = {n for n in range(resumed.acknowledged + 1, resumed.next_sequence) if n not in kept and n not in told}
    found["lost rows that nobody is told of"] += len(silent) + (resumed.next_sequence <= EVENTS and resumed.clean and what != "no log")
    found["good rows"] += len(good)
    found["good rows saved"] += len(good & set(kept))
    return found


def _kept(connection: sqlite3.Connection) -> dict[int, Row]:
    """Each that is given back as good, whatever lies around it."""
    kept = {}
    for sequence in range(1, EVENTS + 1):
        with suppress(sqlite3.DatabaseError, Damaged):
            if (found := row_at(connection, sequence)) is not None:
                kept[sequence] = found
    return kept


def run(files: int, seed: int, processes: int = 2) -> tuple[Counter[str], float]:
    """All counts, and the longest start in seconds."""
    sound = sound_journal()
    with ProcessPoolExecutor(processes) as pool:
        results = list(pool.map(partial(one, sound), (f"{seed} {number}" for number in range(files)), chunksize=20))
    longest = max(result.pop("longest us", 0) for result in results)
    return sum(results, Counter()), longest / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20260501)
    given = parser.parse_args()
    found, longest_s = run(given.files, given.seed)
    for what, count in found.items():
        print(f"{count:10}  {what}")
    print(f"{longest_s:10.3f}  s, the longest start")
    share = found["good rows saved"] / found["good rows"]
    print(f"{share:10.4%}  of the good rows saved")
    faults = [what for what in found if what.startswith("failed start")] + [what for what in FAULTS if found[what]]
    sys.exit(1 if faults or share < SAVED_LEAST else 0)


if __name__ == "__main__":
    main()
