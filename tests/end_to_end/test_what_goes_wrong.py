"""What goes wrong on a box: one clear sentence each and the exit status of the contract; where the daemon can go on, it goes on."""

import asyncio
import os
import resource
import signal
import tty
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import serial

from gateway.local_socket import NoDaemon, Request, Verb, ask, socket_path
from simulators.scenario import Scenario
from simulators.stand import Stand
from tests.brokers import Mosquitto, free_port
from tests.end_to_end.daemon import Daemon, daemon, kerbgate

BAYS = Scenario.model_validate(
    {
        "title": {"en": "two lines", "zh": "两条线路"},
        "cars": {"occupied_at_start": 1.0, "stay": {"typical_s": 86400, "spread": 0.1, "shortest_s": 80000}, "first_move_s": 80000},
        "lines": [
            {"name": "kerb", "kind": "pty", "baud": 115200, "carries": [{"model": "witmotion-wt901c485", "unit": 1, "bays": 1}]},
            {"name": "radio", "kind": "tcp", "carries": [{"model": "banner-dx80-mgage", "unit": 1, "bays": 2}]},
        ],
    }
)


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    async with Stand(BAYS, tmp_path) as standing:
        yield standing


def write_site(stand: Stand, folder: Path, **changes: str) -> Path:
    """The stand's site, with words of it replaced."""
    text = stand.site_yaml(
        journal_path=folder / "journal.db", uplink_host=changes.pop("host", None), uplink_port=int(changes.pop("port", 0)) or None
    )
    for old, new in changes.items():
        text = text.replace(str(folder / old), new)
    path = folder / "site.yaml"
    path.write_text(text + "\ndetection: {dwell_s: 1, silent_s: 3}\n", "utf-8")
    return path


def one_sentence(record: dict[str, object]) -> None:
    assert isinstance(record["why"], str)
    assert record["why"].endswith(".")
    assert record["next"]


async def parked(running: Daemon, site: Path, count: int) -> None:
    """Until so many cars are journalled: the daemon goes on with what answers."""
    for _ in range(400):
        assert running.process.poll() is None, running.text()
        with suppress(NoDaemon):
            answer = await ask(socket_path(site.with_name("journal.db")), Request(verb=Verb.EXPORT))
            if sum("park_start" in line for line in answer.lines) >= count:
                return
        await asyncio.sleep(0.05)
    raise AssertionError(running.text())


async def test_a_serial_port_that_is_not_there_is_told_and_the_other_bus_goes_on(stand: Stand, tmp_path: Path) -> None:
    site = write_site(stand, tmp_path, kerb="/dev/ttyNOT-THERE")
    with daemon(site) as running:
        record = await asyncio.to_thread(running.until_fault, "drivers.port_missing")
        assert "/dev/ttyNOT-THERE" in record["why"]
        one_sentence(record)
        await parked(running, site, 2)
        assert await asyncio.to_thread(running.stop) == 0


async def test_a_serial_port_that_is_busy_is_told(stand: Stand, tmp_path: Path) -> None:
    site = write_site(stand, tmp_path)
    with serial.Serial(str(tmp_path / "kerb"), 115200, exclusive=True), daemon(site) as running:
        record = await asyncio.to_thread(running.until_fault, "drivers.port_busy")
        one_sentence(record)
        assert await asyncio.to_thread(running.stop) == 0


def _came_up_again(record: dict[str, Any], running: Daemon) -> bool:
    ups = [each for each in running.log() if each["event"] == "link_up" and each["bus"] == "kerb"]
    return record in ups[1:]


async def test_a_serial_port_that_vanishes_is_told_and_taken_again_when_it_returns(stand: Stand, tmp_path: Path) -> None:
    site = write_site(stand, tmp_path)
    with daemon(site) as running:
        await parked(running, site, 3)
        port = stand._ports["kerb"]
        port.close()
        record = await asyncio.to_thread(running.until, lambda each: each["event"] == "link_down", "link_down")
        one_sentence(record)
        await port.open()
        await asyncio.to_thread(running.until, lambda each: _came_up_again(each, running), "the second link_up")
        assert await asyncio.to_thread(running.stop) == 0


async def test_a_host_that_refuses_is_told_once_and_not_at_every_try(stand: Stand, tmp_path: Path) -> None:
    radio = next(line for line in stand.lines if line.name == "radio").where.rpartition(":")[2]
    site = write_site(stand, tmp_path)
    site.write_text(
        site.read_text("utf-8").replace(f'"port": {radio}', f'"port": {free_port()}').replace(f"port: {radio}", f"port: {free_port()}")
    )
    with daemon(site) as running:
        record = await asyncio.to_thread(running.until_fault, "drivers.refused")
        one_sentence(record)
        await parked(running, site, 1)
        await asyncio.sleep(1.0)
        assert sum(each.get("fault") == "drivers.refused" for each in running.log()) == 1
        assert await asyncio.to_thread(running.stop) == 0


async def test_a_broker_that_refuses_the_password_is_told_and_events_wait(stand: Stand, tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path / "broker", password=("jj", "right"))
    broker.start()
    (tmp_path / "password").write_text("wrong\n")
    (tmp_path / "password").chmod(0o600)
    site = write_site(stand, tmp_path, host="127.0.0.1", port=str(broker.port))
    text = site.read_text("utf-8")
    site.write_text(text.replace("uplink: {", f"uplink: {{username: jj, password_file: {tmp_path / 'password'}, "))
    try:
        with daemon(site) as running:
            one_sentence(await asyncio.to_thread(running.until_fault, "uplink.not_authorised"))
            await parked(running, site, 3)
            assert await asyncio.to_thread(running.stop) == 0
    finally:
        broker.stop()


async def test_a_broker_that_is_not_there_is_told_and_events_wait(stand: Stand, tmp_path: Path) -> None:
    site = write_site(stand, tmp_path, host="127.0.0.1", port=str(free_port()))
    with daemon(site) as running:
        record = await asyncio.to_thread(running.until, lambda each: str(each.get("fault")).startswith("uplink."), "uplink trouble")
        one_sentence(record)
        await parked(running, site, 3)
        assert await asyncio.to_thread(running.stop) == 0


async def test_a_second_daemon_for_the_same_journal_ends_with_a_sentence(stand: Stand, tmp_path: Path) -> None:
    site = write_site(stand, tmp_path)
    with daemon(site) as running:
        await parked(running, site, 3)
        second = await asyncio.to_thread(kerbgate, "run", "--config", site)
        assert second.returncode == 1
        assert len(second.stderr.strip().splitlines()) == 2
        assert "journal.db" in second.stderr
        assert "Traceback" not in second.stderr
        assert await asyncio.to_thread(running.stop) == 0


@pytest.mark.parametrize("path", ["/proc/kerbgate/journal.db", "/dev/null/journal.db"])
async def test_a_journal_that_cannot_be_written_ends_the_start_with_a_sentence(stand: Stand, tmp_path: Path, path: str) -> None:
    site = write_site(stand, tmp_path)
    site.write_text(site.read_text("utf-8").replace(str(tmp_path / "journal.db"), path))
    done = await asyncio.to_thread(kerbgate, "run", "--config", site)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2
    assert path in done.stderr


async def test_a_journal_on_a_disk_that_fills_up_is_told_and_what_happened_meanwhile_is_kept(stand: Stand, tmp_path: Path) -> None:
    site = write_site(stand, tmp_path)
    with daemon(site) as running:
        await parked(running, site, 3)
        # No file may grow any more: what a full disk does to a journal, also for root.
        pid = running.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        stand._ports["kerb"].close()
        one_sentence(await asyncio.to_thread(running.until, lambda each: str(each.get("fault")).startswith("journal."), "journal trouble"))
        assert running.process.poll() is None
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        await asyncio.to_thread(running.until, lambda each: each["event"] == "the journal writes again", "recovery")
        assert await asyncio.to_thread(running.stop) == 0
    exported = await asyncio.to_thread(kerbgate, "backlog", "--config", site, "--export", "-")
    assert "kerbgate.bay.comms_lost" in exported.stdout
    verified = await asyncio.to_thread(kerbgate, "backlog", "--config", site, "--verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


async def test_a_peer_that_closes_while_the_daemon_writes_does_not_kill_it(stand: Stand, tmp_path: Path) -> None:
    with daemon(write_site(stand, tmp_path)) as running:
        await asyncio.to_thread(running.until, lambda each: each["event"] == "started", "start")
        status = Path(f"/proc/{running.process.pid}/status").read_text("ascii")
        ignored = int(next(line for line in status.splitlines() if line.startswith("SigIgn:")).split()[1], 16)
        assert ignored >> (signal.SIGPIPE - 1) & 1, "a write to a closed socket must be an error, not a death"
        running.process.send_signal(signal.SIGPIPE)
        await parked(running, tmp_path / "site.yaml", 3)
        assert await asyncio.to_thread(running.stop) == 0


async def test_ctrl_c_and_sigterm_end_the_daemon_cleanly(stand: Stand, tmp_path: Path) -> None:
    site = write_site(stand, tmp_path)
    for number in (signal.SIGINT, signal.SIGTERM):
        with daemon(site) as running:
            await asyncio.to_thread(running.until, lambda each: each["event"] == "started", "start")
            assert await asyncio.to_thread(running.stop, number) == 0
            assert running.log()[-1]["event"] == "stopped"


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "directory"), (b"", "empty"), (b"gateway: \xff\xfe", "UTF-8"), (b"a: 1\n" * 2_500_000, "larger")],
    ids=["a folder", "empty", "not UTF-8", "12 MB"],
)
def test_a_configuration_that_is_none_is_a_wrong_call(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "site.yaml"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    for verb in (["run", "--config"], ["check"], ["read", "x", "--config"], ["backlog", "--config"], ["record", "-", "--config"]):
        done = kerbgate(*verb, path)
        assert done.returncode == 2, (verb, done)
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_a_line_on_which_nobody_answers_is_told_by_read_with_the_next_step(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    site = tmp_path / "site.yaml"
    site.write_text(
        "gateway: g\n"
        f"buses: [{{name: a, line: {{kind: serial, port: {os.ttyname(theirs)}}}}}]\n"
        "devices: [{name: d1, bus: a, profile: witmotion-wt901c485, unit: 80}]\n"
        "bays: [{id: b1, device: d1}]\n"
    )
    done = kerbgate("read", "d1", "--config", site)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert "80" in first
    assert "power" in second
