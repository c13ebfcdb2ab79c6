"""What a process did to its files, as the kernel saw it: strace's lines become writes, syncs, cuts of length and removals.

The process is not changed and does not know. Beside the files, what it said to a pipe or a socket is in the same order: that is
what others may rely on at that moment.
"""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.programs import program

CALLS = "openat,creat,pwrite64,write,fdatasync,fsync,ftruncate,unlink,unlinkat,rename,sendto,sendmsg"

FOLDER = "."
"""The name of the folder itself: a sync of it makes removals last."""

_OUTSIDE = ("pipe:", "socket:", "TCP", "UNIX")
_LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<arguments>.*)$")
_RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)$")
_UNFINISHED = " <unfinished ...>"
_FD = re.compile(r"^(?P<fd>\d+)<(?P<path>[^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_RESULT = re.compile(r"= (?P<result>-?\d+)(?:<|\s|$)")


@dataclass(frozen=True, slots=True)
class Write:
    name: str
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Synced:
    name: str


@dataclass(frozen=True, slots=True)
class Cut:
    """To this length."""

    name: str
    length: int


@dataclass(frozen=True, slots=True)
class Made:
    """Created empty where it was not there."""

    name: str


@dataclass(frozen=True, slots=True)
class Removed:
    name: str


@dataclass(frozen=True, slots=True)
class Renamed:
    name: str
    to: str


@dataclass(frozen=True, slots=True)
class Said:
    content: bytes


Operation = Write | Synced | Cut | Made | Removed | Renamed | Said


def record(command: Sequence[str | Path], folder: Path, trace: Path) -> list[Operation]:
    """Runs it to its end. Names are relative to `folder`; what is done elsewhere is left out."""
    subprocess.run([*under_strace(trace), *map(str, command)], check=True, stdout=subprocess.PIPE)
    return recorded(folder, trace)


def under_strace(trace: Path) -> list[str]:
    """What to put before a command. Its own words to a pipe are recorded too."""
    watched = ["-f", "-y", "-xx", "-s", "16777216", "--seccomp-bpf", "-e", f"trace={CALLS}", "-e", "signal=none"]
    return [program("strace"), *watched, "-o", str(trace)]


def recorded(folder: Path, trace: Path) -> list[Operation]:
    with trace.open(encoding="ascii") as lines:
        return list(operations(lines, str(folder)))


def operations(lines: Iterator[str], folder: str) -> Iterator[Operation]:
    """A write counts from its beginning, a sync from its end: so nothing is believed to be safer than it is."""
    begun: dict[str, str] = {}
    for line in lines:
        if (resumed := _RESUMED.match(line)) is not None:
            call, pid = resumed["call"], resumed["pid"]
            arguments = begun.pop(pid, "")
            if call not in ("write", "pwrite64", "sendto", "sendmsg"):
                yield from _operation(call, arguments + resumed["rest"], folder)
            continue
        match = _LINE.match(line)
        if match is None:
            continue
        call, arguments = match["call"], match["arguments"]
        if arguments.endswith(_UNFINISHED):
            begun[match["pid"]] = arguments.removesuffix(_UNFINISHED)
            if call in ("write", "pwrite64", "sendto", "sendmsg"):
                yield from _operation(call, arguments, folder)
            continue
        yield from _operation(call, arguments, folder)


def _operation(call: str, arguments: str, folder: str) -> Iterator[Operation]:
    result = _RESULT.search(arguments[-80:])
    if result is not None and int(result["result"]) < 0:
        return
    texts = [_decoded(text) for text in _TEXT.findall(arguments)]
    if call in ("openat", "creat", "unlink", "unlinkat", "rename"):
        yield from _of_names(call, arguments, [_inside(text.decode(), folder) for text in texts])
    elif (fd := _FD.match(arguments)) is not None:
        path = _decoded(fd["path"]).decode("utf-8", "replace") if "\\x" in fd["path"] else fd["path"]
        if name := _inside(path, folder):
            yield from _of_a_file(call, arguments, name, texts)
        elif texts and path.startswith(_OUTSIDE):
            yield Said(texts[0])


def _of_names(call: str, arguments: str, names: list[str]) -> Iterator[Operation]:
    if not names or not names[0]:
        return
    if call == "rename":
        yield Renamed(names[0], names[1])
    elif call in ("unlink", "unlinkat"):
        yield Removed(names[0])
    elif call == "creat" or "O_CREAT" in arguments:
        yield Made(names[0])


def _of_a_file(call: str, arguments: str, name: str, texts: list[bytes]) -> Iterator[Operation]:
    match call:
        case "pwrite64":
            offset = int(arguments.removesuffix(_UNFINISHED).partition(") = ")[0].rsplit(", ", 1)[1])
            yield Write(name, offset, texts[0])
        case "fdatasync" | "fsync":
            yield Synced(name)
        case "ftruncate":
            yield Cut(name, int(arguments.partition(", ")[2].partition(")")[0]))
        case _:
            pass


def _decoded(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _inside(path: str, folder: str) -> str:
    if path == folder:
        return FOLDER
    return path.removeprefix(folder + "/") if path.startswith(folder + "/") else ""
