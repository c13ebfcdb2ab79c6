"""Who holds the lock on a serial port, as far as the kernel tells.

/proc/locks, proc(5), one lock a line; device and inode are those of the file, the device in hexadecimal digits:

    1: FLOCK  ADVISORY  WRITE 1499 00:05:1203 0 EOF
       kind   …         …     pid  major:minor:inode
"""

import os
from pathlib import Path

PROCESSES = Path("/proc")


def pid_in(locks: str, device: int, inode: int) -> int | None:
    """The process with a flock on that file. Waiting ones ("->") do not hold it; 0 is a process that we can't see."""
    file = f"{os.major(device):02x}:{os.minor(device):02x}:{inode}"
    for line in locks.splitlines():
        fields = line.split()
        if len(fields) >= 6 and fields[1] == "FLOCK" and fields[5] == file and fields[4].isdecimal() and int(fields[4]) > 0:
            return int(fields[4])
    return None


def holder_of(port: str, processes: Path = PROCESSES) -> str | None:
    """Number and name of the program that locked a port; None where that can't be found out."""
    try:
        found = Path(port).stat()
        pid = pid_in((processes / "locks").read_text("ascii", "replace"), found.st_dev, found.st_ino)
    except OSError:
        return None
    if pid is None:
        return None
    try:
        name = (processes / str(pid) / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return f"pid {pid}"
    return f"pid {pid}, {name}"
