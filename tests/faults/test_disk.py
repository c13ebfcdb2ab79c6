"""A disk that is full, turns read-only or fails: nothing that was confirmed is lost, the process goes on, and it says so."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.journal.opening import open_store
from tests.gateway.journal.journals import GATEWAY, salt, settings
from tests.programs import program

_EVENTS = 120
_TRIES_S = 2.0
"""How often the recorder asks a disk that refuses."""


async def _run(folder: Path, *before: str) -> list[str]:
    command = [*before, sys.executable, "-m", "tests.faults.refusing", str(folder), str(_EVENTS)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    out, errors = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, errors.decode()
    return out.decode().splitlines()


def _all_there(folder: Path, lines: Sequence[str]) -> None:
    told = [int(line.split()[1]) for line in lines if line.startswith("told")]
    assert told == list(range(1, _EVENTS + 1)), "each is told once, in order"
    store, resumed = open_store(settings(folder), GATEWAY, salt)
    assert resumed.quarantined is None
    assert resumed.missing == ()
    assert [row.sequence for row in store.after(0, 1000)] == told
    store.close()


# What the kernel is made to answer, to which calls on the journal's files, and what is said of it.
REFUSALS = [
    ("pwrite64:error=ENOSPC:when=30..37", "journal.disk_full"),
    ("pwrite64:error=EROFS:when=30..31", "journal.disk_error"),
    ("pwrite64:error=EIO:when=30..31", "journal.disk_error"),
    ("fdatasync:error=EIO:when=12..13", "journal.disk_error"),
    ("fdatasync:error=ENOSPC:when=12..13", "journal.disk_error"),
]


async def test_a_disk_that_refuses_for_a_while_costs_no_event(tmp_path: Path) -> None:
    strace = program("strace")
    folders = [tmp_path / str(number) for number in range(len(REFUSALS))]
    for folder in folders:
        folder.mkdir()
    injected = ([strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64,fdatasync", "-e", f"inject={what}"] for what, _ in REFUSALS)
    runs = await asyncio.gather(*(_run(folder, *before) for folder, before in zip(folders, injected, strict=True)))
    for folder, lines, (what, sentence) in zip(folders, runs, REFUSALS, strict=True):
        assert f"trouble {sentence}" in lines, what
        assert any(line.startswith("well") for line in lines), what
        _all_there(folder, lines)


_FULL = """
import asyncio, os, subprocess, sys
from pathlib import Path
from gateway.clock import SystemClock
from tests.faults.recorded_changes import change, recording

async def main(folder):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], check=True)
    clock = SystemClock()
    ballast = folder / "ballast"
    async with recording(folder, clock) as running:
        running.recorder.record([change(0, clock.monotonic())])
        await running.recorder.drained()
        assert (folder / "journal.db.reserve").exists()
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
        number = 1
        while running.recorder.trouble is None:
            running.recorder.record([change(each, clock.monotonic()) for each in range(number, number + 20)])
            number += 20
            await asyncio.sleep(0.01)
        kept_on_a_full_disk = len(running.told)
        assert not (folder / "journal.db.reserve").exists(), "given up"
        print(running.recorder.trouble.sentence, kept_on_a_full_disk)
        ballast.unlink()
        begun = clock.monotonic()
        await asyncio.wait_for(running.recorder.drained(), 10)
        print(f"{clock.monotonic() - begun:.3f}")
        running.recorder.record([change(number, clock.monotonic())])
        await running.recorder.drained()
        assert (folder / "journal.db.reserve").exists(), "taken again"
        assert [event.sequence for event in running.told] == list(range(1, number + 2))
        assert [row.sequence for row in await running.journal.after(0, 100_000)] == list(range(1, number + 2))
        assert await running.journal.verify() == ()

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_disk_that_is_really_full_lives_on_its_reserve_and_resumes_within_five_seconds(tmp_path: Path) -> None:
    unshare = program("unshare")
    if subprocess.run([unshare, "-rm", "true"], check=False, capture_output=True).returncode and not os.environ.get("KERBGATE_NO_SKIPS"):
        pytest.skip("this system grants no namespaces to ordinary users: a file system of six megabytes can't be mounted")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = [unshare, "-rm", sys.executable, "-c", _FULL, str(folder)]
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr
    (sentence, kept), (resumed_s,) = map(str.split, done.stdout.splitlines())
    assert sentence == "journal.disk_full"
    assert int(kept) > 200, "the reserve's megabyte takes many events"
    assert float(resumed_s) <= 2 * _TRIES_S + 1
