"""A backlog of 100,000 events, as 72 hours without a network leave it, emptied into a local mosquitto.

    python -m tests.benchmarks.drain [--events 100000]

Each line runs in a process of its own on a copy of one journal: arrivals and departures of 500 bays as the daemon keeps them, some 690
bytes each.

    one by one     publish with QoS 1, wait for the PUBACK, delete the row, commit (FULL): what is simplest, and what many do
    batch, window  kerbgate, on uvloop's loop where that is installed but where it says asyncio; without a limit of the rate unless it
                   says so; `platform` with a consumer that acknowledges each message

state      until every bay's present state had its PUBACK, since the connection was begun
RSS        growth of the process while it drains
late p99   how late a callback of every 10 ms was, before and during: what a poll on the same loop feels
"""

import argparse
import asyncio
import json
import os
import random
import re
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiomqtt

from config.site import Journal as JournalSettings
from config.site import Uplink as Settings
from gateway.clock import Stamp, SystemClock, TimeQuality
from gateway.console.collector import spare_what_lives_on
from gateway.console.event_loop import run_on_a_loop
from gateway.detection.change import BayChange, Billing, Evidence, Kind, Occupancy, Reason
from gateway.events import Epoch, Event, event_id
from gateway.journal.journal import Journal
from gateway.journal.row import UPLINK, Batch, Row
from gateway.uplink.client import Snapshot, Uplink
from gateway.uplink.encodings.cloudevents import encode
from tests.brokers import mosquitto
from tests.gateway.journal.journals import GATEWAY, salt
from tests.gateway.uplink.uplinks import Lines, Rest

BAYS = 500
_BEGAN_S = 1777623300.0
_BOOT = "6f9d3c1e-8c1b-4f6e-9a35-0d3c2b1a4e5f"
_ONE_BY_ONE = 3000
_TICK_S = 0.01
_IDLE_S = 2.0

VARIANTS: dict[str, dict[str, Any]] = {
    "batch 50, window 16": {},
    "batch 50, window 16, asyncio": {},
    "batch 50, window 8": {"window": 8},
    "batch 50, window 32": {"window": 32},
    "batch 50, window 16, platform": {"ack": "platform"},
    "batch 1, window 16": {"batch": 1},
    "default rate (20 messages/s)": {"rate_per_s": 20},
}
_SHORTENED = {"default rate (20 messages/s)": 10, "batch 1, window 16": 4}
"""So many times fewer events, for patience' sake."""


def journal_settings(folder: Path) -> JournalSettings:
    return JournalSettings(path=folder / "journal.db", max_mb=512)


async def fill(folder: Path, events: int) -> None:
    chance = random.Random(7)
    journal = await Journal.open(journal_settings(folder), GATEWAY, salt)
    epoch = journal.resumed.epoch
    for first in range(1, events + 1, 1000):
        numbers = range(first, min(first + 1000, events + 1))
        await journal.append(Batch(tuple(_row(_event(number, epoch, chance)) for number in numbers), ()))
    await journal.close()


def _event(number: int, epoch: Epoch, chance: random.Random) -> Event:
    """One of a bay's, with all that such an event tells, and no two alike."""
    came, at_s = number // BAYS % 2 == 0, 3.0 * number + chance.random()
    x, y, z = (chance.gauss(0.0, 15.0) for _ in range(3))
    bx, by, bz = (chance.gauss(30.0, 10.0) for _ in range(3))
    change = BayChange(
        bay=f"350582-0123-{number % BAYS:03}",
        kind=Kind.PARK_START if came else Kind.PARK_END,
        state=Occupancy.OCCUPIED if came else Occupancy.VACANT,
        previous=Occupancy.VACANT if came else Occupancy.OCCUPIED,
        onset_s=at_s,
        confirmed_s=at_s + chance.uniform(2.0, 9.0),
        confidence=1.0 - 0.05 * chance.random(),
        reason=Reason.LEVEL,
        evidence=Evidence(
            delta_ut=(x, y, z), baseline_ut=(bx, by, bz), temperature_c=chance.uniform(5.0, 35.0), readings=chance.randrange(3, 40)
        ),
        billing=Billing.BILLABLE,
    )
    return Event(
        gateway=GATEWAY,
        epoch=epoch,
        sequence=number,
        time_s=_BEGAN_S + at_s,
        recorded_s=_BEGAN_S + change.confirmed_s + 0.02,
        time_quality=TimeQuality.SYNCED,
        change=change,
        session=event_id(GATEWAY, epoch, max(number - BAYS, 1)),
        bay_sequence=number // BAYS + 1,
    )


def _row(event: Event) -> Row:
    stamp = Stamp(_BOOT, round(event.change.confirmed_s * 1e9), round(event.recorded_s * 1e9), TimeQuality.SYNCED)
    return Row(event.sequence, "bay", event.subject, encode(event), stamp)


def rss_kib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


class Lateness:
    """Of a callback that is due every 10 ms."""

    def __init__(self) -> None:
        self.ms: list[float] = []

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + _TICK_S, loop.time())
            await asyncio.sleep(due - loop.time())
            self.ms.append((loop.time() - due) * 1000)

    def p99(self) -> float:
        return sorted(self.ms)[int(len(self.ms) * 0.99)] if self.ms else 0.0


async def one_by_one(folder: Path, port: int) -> dict[str, float]:
    """A table of its own, filled from the journal's rows."""
    journal = await Journal.open(journal_settings(folder), GATEWAY, salt)
    rows = await journal.after(0, _ONE_BY_ONE)
    await journal.close()
    database = sqlite3.connect(folder / "naive.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, body TEXT)")
    database.execute("BEGIN")
    database.executemany("INSERT INTO event VALUES (?, ?)", [(each.sequence, each.body) for each in rows])
    database.execute("COMMIT")
    async with aiomqtt.Client("127.0.0.1", port) as client:
        began, cpu = time.perf_counter(), time.process_time()
        while (found := database.execute("SELECT id, body FROM event ORDER BY id LIMIT 1").fetchone()) is not None:
            await client.publish(f"kerb/v1/{GATEWAY}/ev/bay", found[1], qos=1)
            database.execute("DELETE FROM event WHERE id = ?", (found[0],))
        took, used = time.perf_counter() - began, time.process_time() - cpu
    return {"events": len(rows), "seconds": took, "cpu_us": used / len(rows) * 1e6}


async def acknowledging(port: int) -> None:
    # Else its small answers wait for the kernel's delayed acknowledgement of the one before, 40 ms.
    at_once = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
    async with aiomqtt.Client("127.0.0.1", port, identifier="platform", socket_options=at_once) as client:
        await client.subscribe(f"kerb/v1/{GATEWAY}/ev/#", qos=1)
        print("listening", flush=True)
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            # The last id of the message; a consumer that reads it as JSON is another process, and not what is measured here.
            at = message.payload.rfind(b'"id":"') + 6
            upto = message.payload[at : message.payload.index(b'"', at)].decode()
            await client.publish(f"kerb/v1/{GATEWAY}/ack", json.dumps({"upto": upto}), qos=0)


async def kerbgate(folder: Path, port: int, more: dict[str, Any]) -> dict[str, float]:
    journal = await Journal.open(journal_settings(folder), GATEWAY, salt)
    state = json.dumps({"bays": [{"bay": str(number), "state": "occupied", "since": None} for number in range(BAYS)]})
    rest = Rest(journal, [Snapshot("bay", state)])
    stood: list[float] = []
    log = Lines()
    settings = Settings.model_validate({"host": "127.0.0.1", "port": port, "rate_per_s": 0} | more)
    uplink = Uplink(settings, GATEWAY, journal, rest, SystemClock(), random.Random(1), log)
    idle, busy = Lateness(), Lateness()
    with suppress(TimeoutError):
        async with asyncio.timeout(_IDLE_S):
            await idle.run()
    watching = asyncio.create_task(busy.run())
    before, events = rss_kib(), journal.last_sequence - journal.acknowledged_of(UPLINK)
    began, cpu = time.perf_counter(), time.process_time()
    running = asyncio.create_task(uplink.run())
    while not uplink.status().connected:  # noqa: ASYNC110  # this looks no oftener than the figure needs
        await asyncio.sleep(0.001)
    stood.append(time.perf_counter() - began)
    await uplink.drained()
    took, used = time.perf_counter() - began, time.process_time() - cpu
    watching.cancel()
    running.cancel()
    await asyncio.gather(running, watching, return_exceptions=True)
    await journal.close()
    return {
        "events": events,
        "seconds": took,
        "cpu_us": used / events * 1e6,
        "state_s": stood[0],
        "rss_mib": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
        "idle_p99_ms": idle.p99(),
        "busy_p99_ms": busy.p99(),
    }


def _child(variant: str, folder: Path, port: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.drain", "--child", variant, "--folder", str(folder), "--port", str(port)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(events: int, say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as place:
        for variant in ("one by one", *VARIANTS):
            folder = Path(place) / re.sub(r"\W+", "-", variant)
            folder.mkdir()
            full = Path(place) / f"full-{_SHORTENED.get(variant, 1)}"
            if not full.exists():
                full.mkdir()
                asyncio.run(fill(full, events // _SHORTENED.get(variant, 1)))
            for file in full.iterdir():
                shutil.copy(file, folder)
            with mosquitto(folder / "broker") as broker:
                platform = None
                if variant.endswith("platform"):
                    words = [sys.executable, "-m", "tests.benchmarks.drain", "--child", "acknowledging", "--port", str(broker.port)]
                    platform = subprocess.Popen(words, stdout=subprocess.PIPE)
                    assert platform.stdout is not None
                    platform.stdout.readline()
                try:
                    results[variant] = _child(variant, folder, broker.port)
                finally:
                    if platform is not None:
                        platform.kill()
                        platform.communicate()
            say(_line(variant, results))
    return results


def _line(variant: str, results: dict[str, dict[str, float]]) -> str:
    found, naive = results[variant], results["one by one"]
    rate, slow = found["events"] / found["seconds"], naive["events"] / naive["seconds"]
    cells = [variant, f"{found['events']:.0f}", f"{rate:.0f}", f"{rate / slow:.1f}", f"{found['cpu_us']:.1f}"]
    if "state_s" in found:
        cells += [f"{found['state_s']:.2f} s", f"{found['rss_mib']:.1f} MiB", f"{found['idle_p99_ms']:.1f} / {found['busy_p99_ms']:.1f} ms"]
    else:
        cells += ["", "", ""]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child is None:
        print("| variant | events | events/s | of one by one | CPU µs an event | state | RSS | late p99, before / during |")
        print("|---|---|---|---|---|---|---|---|", flush=True)
        measured(arguments.events, lambda line: print(line, flush=True))
        return
    work: Coroutine[Any, Any, Any]
    if arguments.child == "acknowledging":
        work = acknowledging(arguments.port)
    elif arguments.child == "one by one":
        work = one_by_one(arguments.folder, arguments.port)
    else:
        work = kerbgate(arguments.folder, arguments.port, VARIANTS[arguments.child])
    spare_what_lives_on()  # as the daemon does; on its loop, too
    run_on_a_loop(_told(work), plain=arguments.child == "one by one" or arguments.child.endswith("asyncio"))


async def _told(work: Coroutine[Any, Any, Any]) -> None:
    print(json.dumps(await work))


if __name__ == "__main__":
    main()
