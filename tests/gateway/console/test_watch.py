"""`kerbgate watch` as a program beside a running daemon on simulated lines: what it shows is what the lines have counted."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from simulators.scenario import load_scenario
from simulators.stand import Stand
from tests.config.sites import RIGHT, written
from tests.end_to_end.daemon import KERBGATE, daemon, kerbgate


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Path]:
    """The demo's street on its lines, and the file of its site, polled by a daemon."""
    async with Stand(load_scenario("demo"), tmp_path) as stand:
        path = tmp_path / "site.yaml"
        path.write_text(stand.site_yaml(journal_path=tmp_path / "journal.db"), "utf-8")
        with daemon(path) as running:
            await asyncio.to_thread(running.until, lambda each: each["event"] == "link_up", "link_up")
            yield path


async def watch(site: Path, *options: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(kerbgate, "--lang", lang, "watch", "--config", site, *options)


async def polled(site: Path) -> dict[str, Any]:
    """What is shown once every device was answered."""
    async with asyncio.timeout(30):
        while True:
            done = await watch(site, "--once", "--json")
            assert done.returncode == 0, done.stderr
            shown: dict[str, Any] = json.loads(done.stdout)
            if all(unit["answers"] for bus in shown["buses"] for unit in bus["units"]):
                return shown


async def test_each_unit_of_each_bus_is_shown_with_what_was_counted_of_it(site: Path) -> None:
    shown = await polled(site)
    units = {unit["device"]: unit for bus in shown["buses"] for unit in bus["units"]}
    assert units.keys() == {device["device"] for device in shown["devices"]}
    for unit in units.values():
        failed = sum(unit[kind] for kind in ("timeouts", "crc_errors", "refused", "mismatched"))
        # One more may be under way.
        assert unit["answers"] + failed <= unit["requests"] <= unit["answers"] + failed + 1
        assert 0 <= unit["round_trip_p50_ms"] <= unit["round_trip_p95_ms"]
        assert 0 <= unit["lateness_p50_ms"] <= unit["lateness_p95_ms"]
        assert unit["state"] == "healthy"
    assert all(bus["up"] and bus["opened"] == 1 and bus["fault"] is None for bus in shown["buses"])


@pytest.mark.parametrize(
    ("lang", "titles", "state"),
    [
        ("en", ("requests", "CRC errors", "exceptions", "round trip p50 / p95 ms"), "healthy"),
        ("zh", ("请求", "CRC 错误", "异常应答"), "正常"),
    ],
)
async def test_people_see_tables_in_their_language(site: Path, lang: str, titles: tuple[str, ...], state: str) -> None:
    shown = await polled(site)
    done = await watch(site, "--once", lang=lang)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    (head,) = (line for line in lines if titles[0] in line)
    assert all(title in head for title in titles)
    for bus in shown["buses"]:
        for unit in bus["units"]:
            (row,) = (line.split() for line in lines[lines.index(head) :] if unit["device"] in line.split())
            assert row[0] == bus["bus"]
            assert state in row
            assert any(cell.isdigit() and int(cell) >= unit["requests"] for cell in row[3:])


async def test_it_looks_again_until_it_is_told_to_stop(site: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        KERBGATE, "watch", "--config", str(site), "--json", "--every", "0.2", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        looks = [json.loads(await process.stdout.readline()) for _ in range(3)]
        process.send_signal(signal.SIGINT)
        _, told = await process.communicate()
    assert process.returncode == 0
    assert told == b""
    assert looks[0]["time"] < looks[1]["time"] < looks[2]["time"]


def test_without_a_daemon_it_says_so_and_what_to_do(tmp_path: Path) -> None:
    for lang, says in (("en", "No daemon answers"), ("zh", "没有守护进程")):
        done = kerbgate("--lang", lang, "watch", "--once", "--config", written(tmp_path, RIGHT))
        assert done.returncode == 1
        assert done.stderr.startswith(says)
        assert len(done.stderr.splitlines()) == 2
