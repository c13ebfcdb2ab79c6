"""Space that is kept for the moment when the disk is full: SQLite can't even delete a row without some.

`<name>.reserve` is given up at the first commit that finds no space, and taken again once there is twice as much free.
"""

import os
from contextlib import suppress
from pathlib import Path

RESERVE_BYTES = 1 << 20


class Reserve:
    def __init__(self, journal: Path, max_mb: int) -> None:
        self._path = journal.with_name(journal.name + ".reserve")
        self._bytes = min(RESERVE_BYTES, (max_mb << 20) // 8)
        self.held = False

    def hold(self) -> None:
        """Costs nothing where it is held. Where there is no space for it, later."""
        if self.held:
            return
        with suppress(OSError):
            if self._path.exists() and self._path.stat().st_blocks * 512 >= self._bytes:
                self.held = True
                return
            found = os.statvfs(self._path.parent)
            if found.f_bavail * found.f_frsize < 2 * self._bytes:
                return
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._bytes)
            self.held = True

    def release(self) -> bool:
        """Whether there was something to give up."""
        self.held = False
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
