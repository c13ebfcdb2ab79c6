"""An hour in which nothing happens costs the disk nothing: no byte, no sync."""

import asyncio
import logging
from pathlib import Path

from config.loader import load_site
from gateway.clock import ShiftedClock
from gateway.logs import begin
from gateway.supervisor import Gateway
from tests.config.sites import RIGHT, written
from tests.faults.wear import io_of_this_process
from tests.virtual_time import VirtualLoop, run_virtual

_SETTLED_S, _HOUR_S = 900.0, 3600.0


def test_an_idle_hour_writes_nothing(tmp_path: Path) -> None:
    # Its port does not exist: once its devices were told to be silent, nothing happens any more.
    site = written(tmp_path, RIGHT)

    async def idle(loop: VirtualLoop) -> tuple[int, int, int]:
        gateway = Gateway(load_site(site), clock=ShiftedClock(1_777_593_600.0 - loop.time()), log=begin(logging.CRITICAL, for_people=False))
        stop = asyncio.Event()
        running = asyncio.create_task(gateway.run(stop))
        await asyncio.sleep(_SETTLED_S)
        told = gateway.journal.last_sequence
        before = io_of_this_process()
        files = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
        await asyncio.sleep(_HOUR_S)
        after = io_of_this_process()
        assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == files
        assert gateway.journal.last_sequence == told
        stop.set()
        await running
        return told, after["wchar"] - before["wchar"], after["write_bytes"] - before["write_bytes"]

    told, given, blocks = run_virtual(idle)
    assert told > 0
    assert (given, blocks) == (0, 0)
