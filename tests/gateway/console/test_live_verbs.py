"""`read`, `record` and `demo`, run as programs on simulated lines: through the running daemon, and without one."""

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.trace import parse_line
from simulators.scenario import load_scenario
from simulators.stand import Stand
from tests.end_to_end.daemon import KERBGATE, daemon, kerbgate


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Path]:
    """The demo's street on its lines, and the file of its site."""
    async with Stand(load_scenario("demo"), tmp_path) as stand:
        path = tmp_path / "site.yaml"
        path.write_text(stand.site_yaml(journal_path=tmp_path / "journal.db"), "utf-8")
        yield path


async def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(kerbgate, *arguments)


async def test_read_shows_what_one_device_says_with_and_without_a_daemon(site: Path) -> None:
    alone = await run("read", "geo-01", "--config", site)
    with daemon(site) as running:
        await asyncio.to_thread(running.until, lambda each: each["event"] == "link_up", "link_up")
        through = await run("read", "geo-01", "--config", site)
    for done in (alone, through):
        assert done.returncode == 0, done.stderr
        assert re.search(r"geo-01 answered in \d+ ms", done.stdout)
        assert re.search(r"x_ut +-?\d+\.\d\d µT", done.stdout)
        assert re.search(r"temperature_c +\d+\.\d\d °C", done.stdout)


async def test_read_gives_a_line_of_a_trace_as_json(site: Path) -> None:
    done = await run("read", "pile-01", "--config", site, "--json")
    reading = parse_line(done.stdout)
    assert json.loads(done.stdout)["device"] == "pile-01"
    assert getattr(reading, "sightings", None) is not None


async def test_read_of_an_unknown_device_offers_those_that_are_there(site: Path) -> None:
    done = await run("read", "geo-99", "--config", site)
    assert done.returncode == 2
    assert "geo-99" in done.stderr
    assert "geo-01" in done.stderr


@pytest.mark.parametrize("with_daemon", [True, False])
async def test_a_recording_is_a_trace_that_replay_reads(site: Path, tmp_path: Path, *, with_daemon: bool) -> None:
    trace = tmp_path / "street.jsonl"
    if with_daemon:
        with daemon(site) as running:
            await asyncio.to_thread(running.until, lambda each: each["event"] == "link_up", "link_up")
            done = await run("record", trace, "--config", site, "--seconds", "3")
    else:
        done = await run("record", trace, "--config", site, "--seconds", "3")
    assert done.returncode == 0, done.stderr
    lines = trace.read_text("utf-8").splitlines()
    assert json.loads(lines[0])["trace"] == "kerbgate.readings/1"
    devices = {json.loads(line)["device"] for line in lines[1:]}
    assert {"geo-01", "node-01", "pile-01"} <= devices
    replayed = await run("replay", trace, "--config", site)
    assert replayed.returncode == 0, replayed.stderr
    assert f"{len(lines)} lines" in replayed.stderr


async def test_a_recording_is_never_written_over_an_older_one(site: Path, tmp_path: Path) -> None:
    (tmp_path / "street.jsonl").write_text("evidence")
    for path, says in ((tmp_path / "street.jsonl", "there already"), (tmp_path, "is a folder"), (tmp_path / "no" / "t.jsonl", "can't be")):
        done = await run("record", path, "--config", site, "--seconds", "1")
        assert done.returncode == 2
        assert says in done.stderr
        assert len(done.stderr.splitlines()) == 2
    assert (tmp_path / "street.jsonl").read_text() == "evidence"


async def _grown(path: Path) -> None:
    """Until another process has written something."""
    while not path.exists() or path.stat().st_size < 500:  # noqa: ASYNC110  # a file of another process has no event
        await asyncio.sleep(0.05)


async def test_a_recording_ends_cleanly_at_ctrl_c(site: Path, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        KERBGATE, "record", str(tmp_path / "street.jsonl"), "--config", str(site), stderr=asyncio.subprocess.PIPE
    )
    await asyncio.wait_for(_grown(tmp_path / "street.jsonl"), 20)
    process.send_signal(signal.SIGINT)
    _, told = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0
    assert b"Traceback" not in told


@pytest.mark.parametrize(("language", "begins", "ends"), [("en", "A simulated street", "events received"), ("zh", "模拟街道", "共收到")])
def test_the_demo_shows_a_street_living_and_ends_by_itself(language: str, begins: str, ends: str) -> None:
    pytest.importorskip("amqtt", reason="the demo's broker is an extra: pip install kerbgate[demo]")
    done = kerbgate("--lang", language, "demo", "--seconds", "12")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert begins in lines[0]
    assert "kerbgate read geo-01 --config" in lines[1]
    assert ends in lines[-1]
    assert sum(("bay " in line and "car" in line) or ("泊位 350582" in line) for line in lines) >= 2


def test_the_demo_ends_cleanly_at_ctrl_c() -> None:
    pytest.importorskip("amqtt", reason="the demo's broker is an extra: pip install kerbgate[demo]")
    process = subprocess.Popen([KERBGATE, "--lang", "en", "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "A simulated street" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert told == ""
    assert "events received" in out.splitlines()[-1]
