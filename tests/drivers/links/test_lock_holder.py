"""Who holds a lock, in the kernel's words and in truth."""

import asyncio
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.sentences import say
from config.site import Language, SerialLine
from drivers.links.faults import PortBusy
from drivers.links.lock_holder import holder_of, pid_in
from drivers.links.serial import SerialLink
from tests.drivers.links.ears import Ear
from tests.drivers.links.ptys import Pair

LOCKS = """\
1: POSIX  ADVISORY  WRITE 700 00:05:1203 0 EOF
2: FLOCK  ADVISORY  WRITE 701 00:05:1204 0 EOF
3: FLOCK  ADVISORY  WRITE 0 fe:1a:77 0 EOF
4: FLOCK  ADVISORY  WRITE 1499 00:05:1203 0 EOF
4: -> FLOCK  ADVISORY  WRITE 702 00:05:9 0 EOF
damaged
5: FLOCK
"""


@pytest.mark.parametrize(
    ("device", "inode", "pid"),
    [
        pytest.param(os.makedev(0, 5), 1203, 1499, id="the flock, not the POSIX lock on the same file"),
        pytest.param(os.makedev(0, 6), 1203, None, id="the same inode elsewhere"),
        pytest.param(os.makedev(0xFE, 0x1A), 77, None, id="a process in a container that we can't see"),
        pytest.param(os.makedev(0, 5), 9, None, id="who only waits holds nothing"),
    ],
)
def test_the_holder_is_read_from_the_table_of_locks(device: int, inode: int, pid: int | None) -> None:
    assert pid_in(LOCKS, device, inode) == pid


def test_a_holder_whose_name_is_hidden_is_a_number_and_no_table_is_no_holder(tmp_path: Path) -> None:
    port = tmp_path / "port"
    port.touch()
    assert holder_of(str(port), tmp_path) is None
    at = port.stat()
    file = f"{os.major(at.st_dev):02x}:{os.minor(at.st_dev):02x}:{at.st_ino}"
    (tmp_path / "locks").write_text(f"1: FLOCK  ADVISORY  WRITE 12 {file} 0 EOF\n")
    assert holder_of(str(port), tmp_path) == "pid 12"
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / "comm").write_text("picocom\n")
    assert holder_of(str(port), tmp_path) == "pid 12, picocom"
    assert holder_of(str(tmp_path / "none"), tmp_path) is None


async def test_a_busy_port_names_the_program_that_holds_it() -> None:
    pair = Pair()
    program = (
        "import fcntl, os, sys; held = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY);"
        "fcntl.flock(held, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    )
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", program, pair.path, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    with pytest.raises(PortBusy) as busy:
        await SerialLink(SerialLine(kind="serial", port=pair.path)).open(Ear())
    other.terminate()
    await other.wait()
    assert str(busy.value.values["reason"]).startswith(f"pid {other.pid}, ")
    assert f"pid {other.pid}" in say(busy.value.sentence, Language.EN, **busy.value.values)
    pair.vanish()


def test_the_lock_is_looked_up_where_the_port_really_is(tmp_path: Path) -> None:
    pair = Pair()
    held = os.open(pair.path, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(held, fcntl.LOCK_EX)
    (tmp_path / "by-name").symlink_to(pair.path)
    assert (holder_of(str(tmp_path / "by-name")) or "").startswith(f"pid {os.getpid()}, ")
    os.close(held)
    pair.vanish()
