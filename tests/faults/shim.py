"""The arms of `shim.c`: built once with gcc, put before libc of a child process, and from in there told what is to fail.

environment(folder)   of a child process, so that it runs with the shim
Shim()                inside of that child
"""

import ctypes
import os
import subprocess
from enum import IntFlag
from pathlib import Path

from tests.programs import program

_SOURCE = Path(__file__).with_name("shim.c")
_WHERE = "KERBGATE_TEST_SHIM"


class Call(IntFlag):
    """Kinds of calls that have a side effect, as the shim tells them apart."""

    WRITE_LOG = 1 << 0
    WRITE_FILE = 1 << 1
    SYNC_LOG = 1 << 2
    SYNC_FILE = 1 << 3
    TRUNCATE = 1 << 4
    RENAME = 1 << 5
    UNLINK = 1 << 6
    OPEN = 1 << 7
    SEND_CONNECT = 1 << 8
    SEND_PUBLISH = 1 << 9
    SEND_OTHER = 1 << 10
    RECEIVE_CONNACK = 1 << 11
    RECEIVE_PUBACK = 1 << 12
    RECEIVE_PUBLISH = 1 << 13
    RECEIVE_OTHER = 1 << 14


WRITES = Call.WRITE_LOG | Call.WRITE_FILE | Call.TRUNCATE
SYNCS = Call.SYNC_LOG | Call.SYNC_FILE
DISK = WRITES | SYNCS | Call.RENAME | Call.UNLINK


def environment(folder: Path) -> dict[str, str]:
    """Compiles into `folder`. Skips a test where there is no compiler."""
    built = folder / "shim.so"
    if not built.exists():
        options = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([program("gcc"), *options, "-o", str(built), str(_SOURCE), "-ldl", "-lpthread"], check=True)
    return os.environ | {"LD_PRELOAD": str(built), _WHERE: str(built)}


class Shim:
    """Of this process, which was started with `environment`."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(os.environ[_WHERE])
        self._library.shim_calls.restype = ctypes.c_long
        self._library.shim_park.argtypes = [ctypes.c_int, ctypes.c_long, ctypes.c_int]
        self._library.shim_kill.argtypes = [ctypes.c_int, ctypes.c_long, ctypes.c_int]
        self._library.shim_fill.argtypes = [ctypes.c_longlong]

    def watch(self, folder: Path) -> None:
        """Only files below it are looked at."""
        self._library.shim_watch(f"{folder}/".encode())

    @property
    def calls(self) -> int:
        """With a side effect, so far."""
        return int(self._library.shim_calls())

    def fail(self, kinds: Call, number: int) -> None:
        """Every one of them, from now on; no kinds: none any more."""
        self._library.shim_fail(int(kinds), number)

    def fill(self, room: int | None) -> None:
        """From now on files grow by so many octets in all, and by what the removal of others gives free; None: as they like."""
        self._library.shim_fill(-1 if room is None else room)

    def park(self, kinds: Call, nth: int, bell: int) -> None:
        """Its thread stands before the n-th of them, once; a byte is then written to the descriptor `bell`."""
        self._library.shim_park(int(kinds), nth, bell)

    @property
    def parked(self) -> bool:
        return bool(self._library.shim_parked())

    def release(self) -> None:
        self._library.shim_release()

    def kill(self, kinds: Call, nth: int, *, after: bool) -> None:
        """This process, before or after the n-th of them."""
        self._library.shim_kill(int(kinds), nth, int(after))
