"""What an event costs the flash: bytes that the kernel was given for the journal's files, and syncs, per event.

    python -m tests.faults.wear

The recorder with forty bays whose events carry all that real ones do, each acknowledged as it comes; counted by strace (bytes
given, syncs), and by the kernel's own count of the process (/proc/self/io: wchar are bytes given, write_bytes are whole blocks
that were dirtied, which depends on the file system).
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gateway.clock import SystemClock
from gateway.journal.row import UPLINK
from tests.faults.recorded_changes import change, recording
from tests.faults.recording import Said, Synced, Write, recorded, under_strace

EVENTS = 1000
GROUPS = (1, 10, 50)


@dataclass(frozen=True, slots=True)
class Wear:
    """Of one event."""

    group: int
    given_bytes: float
    syncs: float
    wchar_bytes: float
    block_bytes: float


def measured(folder: Path, group: int, events: int = EVENTS) -> Wear:
    command = [sys.executable, "-m", "tests.faults.wear", str(folder / "journal"), str(group), str(events)]
    (folder / "journal").mkdir()
    done = subprocess.run([*under_strace(folder / "trace"), *command], check=True, stdout=subprocess.PIPE, text=True)
    operations = recorded(folder / "journal", folder / "trace")
    begun = next(number for number, each in enumerate(operations) if each == Said(b"begin\n"))
    ended = next(number for number, each in enumerate(operations) if each == Said(b"end\n"))
    between = operations[begun:ended]
    given = sum(len(each.content) for each in between if isinstance(each, Write))
    syncs = sum(isinstance(each, Synced) for each in between)
    wchar, blocks = map(int, done.stdout.splitlines()[-1].split())
    return Wear(group, given / events, syncs / events, wchar / events, blocks / events)


def io_of_this_process() -> dict[str, int]:
    return {name: int(count) for name, _, count in (line.partition(": ") for line in Path("/proc/self/io").read_text("ascii").splitlines())}


async def _write(folder: Path, group: int, events: int) -> None:
    clock = SystemClock()
    async with recording(folder, clock) as running:
        before = io_of_this_process()
        os.write(1, b"begin\n")
        for first in range(0, events, group):
            running.recorder.record([change(number, clock.monotonic()) for number in range(first, first + group)])
            await running.recorder.drained()
            await running.journal.acknowledge(UPLINK, running.journal.last_sequence)
        os.write(1, b"end\n")
        after = io_of_this_process()
    print(after["wchar"] - before["wchar"], after["write_bytes"] - before["write_bytes"])


def main() -> None:
    if len(sys.argv) == 4:
        asyncio.run(_write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
        return
    print("events a commit   bytes given   syncs   wchar   blocks dirtied    (per event)")
    for group in GROUPS:
        with tempfile.TemporaryDirectory() as folder:
            wear = measured(Path(folder), group)
        print(f"{wear.group:15} {wear.given_bytes:13.0f} {wear.syncs:7.3f} {wear.wchar_bytes:7.0f} {wear.block_bytes:16.0f}")


if __name__ == "__main__":
    main()
