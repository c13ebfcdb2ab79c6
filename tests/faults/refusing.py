"""Run as a program, often under a disk that refuses: events come every 5 ms, and at the end all of them must be committed.

    python -m tests.faults.refusing FOLDER EVENTS

Lines to stdout: `told N` once event N is committed, `trouble <sentence>` when the disk refuses, `well` when it takes again.
"""

import asyncio
import sys
from pathlib import Path

from gateway.clock import SystemClock
from tests.faults.recorded_changes import change, recording


async def _run(folder: Path, events: int) -> None:
    clock = SystemClock()
    async with recording(folder, clock) as running:
        told, was = 0, None
        number = 0
        while number < events or running.recorder.waiting:
            if number < events:
                running.recorder.record([change(number, clock.monotonic())])
                number += 1
            await asyncio.sleep(0.005)
            trouble = running.recorder.trouble.sentence if running.recorder.trouble is not None else None
            if trouble != was:
                was = trouble
                print(f"trouble {trouble}" if trouble else f"well {clock.monotonic():.3f}", flush=True)
            for event in running.told[told:]:
                print(f"told {event.sequence}", flush=True)
            told = len(running.told)


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), int(sys.argv[2])))
