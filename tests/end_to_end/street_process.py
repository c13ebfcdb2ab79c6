"""The street and the whole gateway in a process of their own, in virtual time, to be killed: `python -m tests.end_to_end.street_process`.

    FOLDER BROKER_PORT START_S END_S     the first eight bytes of FOLDER/now are the street time reached (a little-endian double)

The street is a pure function of its seed and of time: the process that comes after a kill goes on with the same street.
"""

import asyncio
import mmap
import struct
import sys
from pathlib import Path

from simulators.scenario import load_scenario
from tests.end_to_end.street_hour import StreetRun
from tests.virtual_time import VirtualLoop, run_virtual

SCENARIO = "quiet-street"


def main() -> None:
    folder, port, start_s, end_s = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])

    async def run(loop: VirtualLoop) -> None:
        with (folder / "now").open("r+b") as file, mmap.mmap(file.fileno(), 8) as shared:
            ticking = asyncio.create_task(_tick(loop, shared))
            await StreetRun(load_scenario(SCENARIO), folder, port, start_s, end_s).run(loop)
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)

    # The monotonic clock goes on from one process to the next, as it does on a machine that was not booted meanwhile.
    run_virtual(run, start_s=start_s)


async def _tick(loop: VirtualLoop, shared: mmap.mmap) -> None:
    while True:
        struct.pack_into("<d", shared, 0, loop.time())
        await asyncio.sleep(0.25)


if __name__ == "__main__":
    main()
