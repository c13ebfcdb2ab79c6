"""The daemon on uvloop's loop, where that is installed, and on asyncio's: serial and TCP lines, local socket, broker, clean end."""

import asyncio
import json
from pathlib import Path

import pytest

from config.loader import load_site
from gateway.local_socket import Request, Verb, ask, socket_path
from simulators.scenario import Scenario
from simulators.stand import Stand
from tests.brokers import mosquitto, subscribed
from tests.end_to_end.daemon import daemon

STREET = Scenario.model_validate(
    {
        "title": {"en": "two lines", "zh": "两条线路"},
        "cars": {"occupied_at_start": 1.0, "stay": {"typical_s": 86400, "spread": 0.1, "shortest_s": 80000}, "first_move_s": 80000},
        "lines": [
            {"name": "kerb", "kind": "pty", "baud": 115200, "carries": [{"model": "witmotion-wt901c485", "unit": 1, "bays": 1}]},
            {"name": "radio", "kind": "tcp", "carries": [{"model": "banner-dx80-mgage", "unit": 1, "bays": 2}]},
        ],
    }
)


def without_uvloop(folder: Path) -> dict[str, str]:
    """An environment in which it can't be imported."""
    (folder / "absent").mkdir()
    (folder / "absent" / "uvloop.py").write_text("raise ImportError('not installed')\n", "utf-8")
    return {"PYTHONPATH": str(folder / "absent")}


@pytest.mark.parametrize(("case", "loop"), [("installed", "uvloop"), ("declined", "asyncio"), ("absent", "asyncio")])
async def test_the_daemon_does_all_its_work_on_either_loop(case: str, loop: str, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    options = ["--asyncio"] if case == "declined" else []
    environment = without_uvloop(tmp_path) if case == "absent" else {}
    with mosquitto(tmp_path) as broker:
        async with Stand(STREET, tmp_path) as stand, subscribed(broker, "kerb/v1/+/ev/#") as platform:
            text = stand.site_yaml(journal_path=tmp_path / "journal.db", uplink_host=broker.host, uplink_port=broker.port)
            site.write_text(text + "\ndetection: {dwell_s: 1, silent_s: 3}\n", "utf-8")
            with daemon(site, *options, **environment) as running:
                started = await asyncio.to_thread(running.until, lambda record: record["event"] == "started", "started")
                assert started["loop"] == loop
                parked: set[str] = set()
                while len(parked) < 3:
                    event = json.loads((await platform.next()).payload)
                    parked |= {event["subject"]} if event["type"].endswith("park_start") else set()
                for device in [each.name for each in load_site(site).site.devices]:
                    answer = await ask(socket_path(tmp_path / "journal.db"), Request(verb=Verb.READ, device=device))
                    assert answer.ok
                    assert json.loads(answer.lines[0])["device"] == device
                assert await asyncio.to_thread(running.stop) == 0
                log = running.log()
    assert log[-1]["event"] == "stopped"
    assert [record for record in log if record["level"] not in ("info", "debug")] == []
    assert "Traceback" not in running.text()


_TELLS_WHAT_IS_SPARED = """
import gc, sys, threading, time
def watch():
    while not gc.get_freeze_count():
        time.sleep(0.01)
    print('{"event": "spared", "level": "info", "objects": %d}' % gc.get_freeze_count(), file=sys.stderr, flush=True)
threading.Thread(target=watch, daemon=True).start()
"""


async def test_what_lives_as_long_as_the_daemon_holds_no_poll_up_at_each_garbage_collection(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_TELLS_WHAT_IS_SPARED, "utf-8")
    site = tmp_path / "site.yaml"
    async with Stand(STREET, tmp_path) as stand:
        site.write_text(stand.site_yaml(journal_path=tmp_path / "journal.db", uplink_host="127.0.0.1", uplink_port=1), "utf-8")
        with daemon(site, PYTHONPATH=str(tmp_path)) as running:
            spared = await asyncio.to_thread(running.until, lambda record: record["event"] == "spared", "spared")
            assert spared["objects"] > 50_000
            assert await asyncio.to_thread(running.stop) == 0
