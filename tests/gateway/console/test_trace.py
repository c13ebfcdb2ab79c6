"""`kerbgate trace`, run as a program on simulated lines: through the running daemon, and without one."""

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.capture import Way, pieces_of
from simulators.scenario import load_scenario
from simulators.stand import Stand
from tests.end_to_end.daemon import KERBGATE, Daemon, daemon, kerbgate


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Path]:
    """The demo's street on its lines, and the file of its site."""
    async with Stand(load_scenario("demo"), tmp_path) as stand:
        path = tmp_path / "site.yaml"
        path.write_text(stand.site_yaml(journal_path=tmp_path / "journal.db"), "utf-8")
        yield path


async def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(kerbgate, *arguments)


def started(site: Path) -> "subprocess.Popen[str]":
    command = [str(KERBGATE), "trace", "geo-01", "--config", str(site)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


async def linked(running: Daemon) -> None:
    await asyncio.to_thread(running.until, lambda each: each["event"] == "link_up", "link_up")


ANSWERED = re.compile(
    r"^\d\d:\d\d:\d\d\.\d{3} → (?P<asked>(?:[0-9A-F]{2} )+) +unit (?P<unit>\d+): read \d+ holding registers from \d+\n"
    r"(?:^.* ← .* no whole frame yet\n)*"
    r"^\d\d:\d\d:\d\d\.\d{3} ← .*  ?unit (?P=unit) answers, \d+ ms after the request$",
    re.MULTILINE,
)


@pytest.mark.parametrize("with_daemon", [True, False])
async def test_a_device_s_bytes_are_shown_both_ways_with_what_they_mean(site: Path, *, with_daemon: bool) -> None:
    if with_daemon:
        with daemon(site) as running:
            await linked(running)
            done = await run("trace", "geo-01", "--config", site, "--seconds", "2.5")
    else:
        done = await run("trace", "geo-01", "--config", site, "--seconds", "2.5")
    assert done.returncode == 0, done.stderr
    assert ("no daemon runs" in done.stderr) is not with_daemon
    found = ANSWERED.search(done.stdout)
    assert found is not None, done.stdout
    assert int(found["asked"].split()[0], 16) == int(found["unit"])
    assert set(re.findall(r"unit (\d+)", done.stdout)) == {found["unit"]}, "and nobody else's"


async def test_what_the_daemon_has_kept_is_saved_with_what_comes_and_the_line_is_not_opened_twice(site: Path, tmp_path: Path) -> None:
    capture = tmp_path / "east.jsonl"
    with daemon(site) as running:
        await linked(running)
        await asyncio.sleep(1.5)
        done = await run("trace", "kerb", "--config", site, "--seconds", "2", "--save", capture)
        assert not [record for record in running.log() if record["event"] == "link_down"]
    assert done.returncode == 0, done.stderr
    lines = capture.read_text("utf-8").splitlines()
    head, pieces = json.loads(lines[0]), pieces_of(lines)
    assert head["capture"] == "kerbgate.bytes/1"
    assert pieces[0].way is Way.NOTE
    assert pieces[0].t < head["t"] - 1.0, "what was kept before"
    assert pieces[-1].t > head["t"], "and what came"
    assert {piece.way for piece in pieces} == {Way.NOTE, Way.OUT, Way.IN}
    assert f"{len(pieces)} pieces written" in done.stderr
    again = await run("trace", "geo-01", "--config", site, "--seconds", "1", "--save", capture)
    assert again.returncode == 2
    assert "not written over" in again.stderr
    assert capture.read_text("utf-8").splitlines() == lines


async def test_as_json_it_is_a_capture(site: Path) -> None:
    done = await run("trace", "kerb", "--config", site, "--seconds", "2", "--json")
    pieces = pieces_of(done.stdout.splitlines())
    assert {Way.OUT, Way.IN} <= {piece.way for piece in pieces}


async def test_a_daemon_that_ends_is_told(site: Path) -> None:
    with daemon(site) as running:
        await linked(running)
        process = started(site)
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        await asyncio.to_thread(running.stop)
        _, told = await asyncio.to_thread(process.communicate, timeout=30)
    assert process.returncode == 1
    assert "The daemon has ended" in told


async def test_ctrl_c_is_a_clean_end(site: Path) -> None:
    process = started(site)
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)
    process.send_signal(signal.SIGINT)
    _, told = await asyncio.to_thread(process.communicate, timeout=30)
    assert (process.returncode, len(told.splitlines())) == (0, 1)


@pytest.mark.parametrize(("language", "words"), [("en", "neither a bus nor a device nobody"), ("zh", "站点里没有名为 nobody 的总线或设备")])
async def test_a_name_that_is_neither_offers_those_that_are_there(site: Path, language: str, words: str) -> None:
    done = await run("--lang", language, "trace", "nobody", "--config", site)
    assert done.returncode == 2
    assert words in done.stderr
    assert "geo-01" in done.stderr
