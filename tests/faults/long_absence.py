"""Three days without a network, with everything else going on: the whole gateway in virtual time, then a real broker again.

    python -m tests.faults.long_absence [--hours 72] [--events 100000]

A street of six bays and two piles is polled every minute, as in a simulated day. Beside what it tells, so many device events are recorded
that there are `--events` of them in all. Looked at: that no poll was left out meanwhile, how long after the connection stood the present
state had come, that every event came in order, and by how much the process grew from before the absence until all had gone out.
"""

import argparse
import asyncio
import json
import logging
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from config.loader import LoadedSite
from config.site import Journal as JournalSettings
from gateway.clock import TimeQuality
from gateway.detection.change import DeviceChange, Kind
from gateway.logs import begin
from gateway.supervisor import Gateway
from gateway.uplink.session import Client
from simulators.faults import Outage, OutageKind
from tests.benchmarks.drain import rss_kib
from tests.brokers import Mosquitto, mosquitto
from tests.faults.simulation.clock import Phase, SimulatedClock
from tests.faults.simulation.keepalive import asked_rarely
from tests.faults.simulation.loop import SimulationLoop
from tests.faults.simulation.network import Network
from tests.faults.simulation.street import scenario, site
from tests.faults.simulation.stretch import Stretch
from tests.faults.simulation.wires import Wires

_GATEWAY = "away"
_POLL_S = 60.0
_FIRST_HOUR_S = 3600.0
_EVERY_S = 60.0
_DRAIN_S = 3600.0


@dataclass(slots=True)
class Absence:
    events: int
    in_order: bool
    polls_due: int
    polls_answered: int
    state_s: float
    """Virtual seconds from the state that says `online` to the last page of the present state."""
    drained_s: float
    grown_mib: float
    took_s: float
    """Real seconds, all in all."""

    def __str__(self) -> str:
        order = "in order" if self.in_order else "NOT in order"
        return (
            f"{self.events} events came {order}; {self.polls_answered} of {self.polls_due} polls were answered; the present state "
            f"{self.state_s:.2f} s after the connection, all events {self.drained_s:.0f} s after it; grown by {self.grown_mib:.1f} MiB; "
            f"{self.took_s:.0f} s in all"
        )


def _for(loaded: LoadedSite, journal: Path, port: int) -> LoadedSite:
    assert loaded.site.uplink is not None
    changed = {
        "journal": JournalSettings(path=journal, max_mb=512),
        "uplink": loaded.site.uplink.model_copy(update={"port": port, "reconnect_max_s": 30}),
    }
    return LoadedSite(loaded.site.model_copy(update=changed), loaded.profiles, loaded.path, loaded.advice)


class _Platform:
    """Keeps when what came."""

    def __init__(self, broker: Mosquitto) -> None:
        self._broker = broker
        self.sequences: list[int] = []
        self.online_s = self.state_s = 0.0

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        async with Client("127.0.0.1", self._broker.port, identifier="platform", max_queued_incoming_messages=0) as client:
            await client.subscribe(f"kerb/v1/{_GATEWAY}/#", qos=1)
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                kind = message.topic.value.split("/")[3]
                if kind == "state" and json.loads(message.payload)["online"]:
                    self.online_s = loop.time()
                elif kind == "snap" and not self.sequences:
                    self.state_s = loop.time()
                elif kind == "ev":
                    told = json.loads(message.payload)
                    self.sequences += [int(event["sequence"]) for event in (told if isinstance(told, list) else [told])]


async def _absent(folder: Path, broker: Mosquitto, hours: float, events: int) -> Absence:
    began, loop = time.perf_counter(), asyncio.get_running_loop()
    assert isinstance(loop, SimulationLoop)
    stretch = Stretch(hours * 3600.0, _POLL_S, 1)
    outage = Outage(kind=OutageKind.REFUSE, from_s=0.0, to_s=stretch.length_s)
    async with (
        Wires(scenario(1, (), stretch), folder) as wires,
        Network(broker.port, (outage,), wires.street_time) as network,
    ):
        loaded = _for(site(wires, _GATEWAY, "broker", stretch), folder / "journal.db", network.port)
        clock, log = SimulatedClock((Phase(0.0, 0.0, TimeQuality.SYNCED),)), begin(logging.CRITICAL, for_people=False)
        gateway = Gateway(loaded, clock=clock, log=log, random=Random(1), opener=wires.opener)
        platform, stop = _Platform(broker), asyncio.Event()
        loop.owed = lambda: loop.time() >= stretch.length_s and gateway.outstanding
        tasks = [asyncio.create_task(gateway.run(stop)), asyncio.create_task(platform.run())]
        await asyncio.sleep(_FIRST_HOUR_S)
        before = rss_kib()
        await _recorded(gateway, stretch.length_s, events)
        answered = sum(device.answers for bus in gateway.buses.values() for device in bus.counters().devices)
        due = sum(1 + int(loop.time() / device.poll_s) for device in loaded.site.devices if device.poll_s)
        last = gateway.journal.last_sequence
        most = before
        while gateway.journal.acknowledged < last and loop.time() < stretch.length_s + _DRAIN_S:
            await asyncio.sleep(1.0)
            most = max(most, rss_kib())
        drained_s = loop.time() - platform.online_s
        await asyncio.sleep(1.0)
        stop.set()
        await asyncio.gather(tasks[0])
        tasks[1].cancel()
        await asyncio.gather(tasks[1], return_exceptions=True)
    came = platform.sequences[:last]
    return Absence(
        len(came),
        came == list(range(1, last + 1)),
        due,
        answered,
        platform.state_s - platform.online_s,
        drained_s,
        (most - before) / 1024,
        time.perf_counter() - began,
    )


async def _recorded(gateway: Gateway, until_s: float, events: int) -> None:
    """Evenly over the absence."""
    loop = asyncio.get_running_loop()
    from_s, given = loop.time(), 0
    while loop.time() < until_s:
        await asyncio.sleep(min(_EVERY_S, until_s - loop.time()))
        now = loop.time()
        wanted = round(events * (now - from_s) / (until_s - from_s)) - given
        kinds = (Kind.DEVICE_FAULT, Kind.DEVICE_RECOVERED)
        gateway.recorder.record(
            [
                DeviceChange(device="geo-01", kind=kinds[(given + number) % 2], cause="no_answer", onset_s=now, confirmed_s=now)
                for number in range(wanted)
            ]
        )
        given += wanted
        await gateway.recorder.drained()


def run(hours: float, events: int) -> Absence:
    with (
        tempfile.TemporaryDirectory(prefix="kerbgate-away-") as place,
        mosquitto(Path(place) / "broker") as broker,
        asked_rarely(),
        asyncio.Runner(loop_factory=SimulationLoop) as runner,
    ):
        return runner.run(_absent(Path(place), broker, hours, events))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=72.0)
    parser.add_argument("--events", type=int, default=100_000)
    arguments = parser.parse_args()
    print(run(arguments.hours, arguments.events))


if __name__ == "__main__":
    main()
