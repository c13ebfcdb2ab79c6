"""Starts daemons at once: everything is imported and the site is read, then each daemon is a fork that does what `kerbgate run` does.

    SITE     on stdin one line each: kinds nth after FOLDER     on stdout: the pid, and later its wait status

The journal is in FOLDER; in another one than the site's own, nothing is forwarded.
"""

import asyncio
import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

from config.loader import LoadedSite, load_site
from gateway.clock import SystemClock
from gateway.console.until_stopped import until_stopped
from gateway.logs import begin
from gateway.supervisor import Gateway
from tests.faults.shim import Call, Shim


def main() -> None:
    loaded = load_site(Path(sys.argv[1]))
    shim = Shim()
    for line in sys.stdin:
        kinds, nth, after, folder = line.split()
        pid = os.fork()
        if pid == 0:
            shim.watch(Path(folder))
            shim.kill(Call(int(kinds)), int(nth), after=after == "1")
            _run(_in_folder(loaded, Path(folder)))
        print(pid, flush=True)
        print(os.waitpid(pid, 0)[1], flush=True)


def _in_folder(loaded: LoadedSite, folder: Path) -> LoadedSite:
    journal = loaded.site.journal
    if folder == journal.path.parent:
        return loaded
    changed = {"journal": journal.model_copy(update={"path": folder / journal.path.name}), "uplink": None}
    return replace(loaded, site=loaded.site.model_copy(update=changed))


def _run(loaded: LoadedSite) -> None:
    """In the child; see gateway/console/run.py."""
    status = 1
    try:
        gateway = Gateway(loaded, clock=SystemClock(), log=begin(logging.ERROR, for_people=False))
        asyncio.run(until_stopped(gateway.run))
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
