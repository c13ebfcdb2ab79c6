"""A simulated street through the real gateway in virtual time: real sockets, the real journal, a broker that is not ours.

The platform is a subscriber in the test that keeps what it receives and acknowledges it, as the contract asks of platforms.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt

from config.loader import load_site
from gateway.clock import ShiftedClock
from gateway.logs import begin
from gateway.supervisor import Gateway
from simulators.scenario import Scenario
from simulators.stand import Stand
from simulators.street import TruthEvent, What
from tests.brokers import Mosquitto
from tests.end_to_end.oracle import Fact
from tests.virtual_time import VirtualLoop

WALL_AT_ZERO_S = 1_777_593_600.0
GATEWAY = "jj-0007"
SETTLED_S = 45.0
"""What happens in the last seconds of a run is still being decided: judged is what happened before."""


@dataclass(slots=True)
class Platform:
    """Keeps every event as it came; acknowledges each event; comes back whenever the broker does."""

    broker: Mosquitto
    received: list[bytes] = field(default_factory=list)
    _last: str | None = None

    async def run(self) -> None:
        while True:
            try:
                async with aiomqtt.Client("127.0.0.1", self.broker.port, identifier="platform") as client:
                    await client.subscribe(f"kerb/v1/{GATEWAY}/ev/#", qos=1)
                    await self._acknowledge(client, self._last)
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        for body in bodies(message.payload):
                            self.received.append(body)
                            self._last = max(self._last or "", json.loads(body)["id"], key=lambda each: each.rpartition("/")[2])
                        await self._acknowledge(client, self._last)
            except aiomqtt.MqttError:
                await asyncio.sleep(0.2)

    async def _acknowledge(self, client: aiomqtt.Client, identifier: str | None) -> None:
        if identifier is not None:
            await client.publish(f"kerb/v1/{GATEWAY}/ack", json.dumps({"upto": identifier}), qos=1)


def bodies(payload: bytes) -> list[bytes]:
    """The events of one message: a lone one is an object, several are an array."""
    if payload.startswith(b"["):
        return [json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() for event in json.loads(payload)]
    return [payload]


def facts(truth: Sequence[TruthEvent]) -> list[Fact]:
    """On the wall clock of the run."""
    return [Fact(event.who, "arrived" if event.what is What.ARRIVED else "left", WALL_AT_ZERO_S + event.t) for event in truth]


@dataclass(slots=True)
class StreetRun:
    """The street and the gateway in one event loop, from `start_s` to `end_s` of street time."""

    scenario: Scenario
    folder: Path
    broker_port: int
    start_s: float
    end_s: float

    async def run(self, loop: VirtualLoop) -> tuple[TruthEvent, ...]:
        """Returns the truth, from before zero on."""
        async with Stand(self.scenario, self.folder, start_s=self.start_s, ptys_as_tcp=True) as stand:
            site = self.folder / "site.yaml"
            text = stand.site_yaml(
                uplink_host="127.0.0.1",
                uplink_port=self.broker_port,
                journal_path=self.folder / "journal.db",
                gateway=GATEWAY,
                ack="platform",
            )
            site.write_text(text, "utf-8")
            clock = ShiftedClock(WALL_AT_ZERO_S + self.start_s - loop.time())
            gateway = Gateway(load_site(site), clock=clock, log=begin(logging.ERROR, for_people=False))
            loop.held.append(lambda: gateway.outstanding)
            stop = asyncio.Event()
            loop.call_later(self.end_s - self.start_s, stop.set)
            await gateway.run(stop)
            return stand.truth(self.end_s - SETTLED_S)


@dataclass(slots=True)
class Hour:
    """A whole run in this process, with a platform; `outages` are times at which the broker is killed, and how long it stays away."""

    street: StreetRun
    broker: Mosquitto
    outages: Sequence[tuple[float, float]] = ()

    async def run(self, loop: VirtualLoop) -> tuple[list[bytes], list[Fact]]:
        platform = Platform(self.broker)
        beside = [asyncio.create_task(platform.run()), asyncio.create_task(self._break(loop))]
        truth = await self.street.run(loop)
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        return platform.received, facts(truth)

    async def _break(self, loop: VirtualLoop) -> None:
        for at, away_s in self.outages:
            await asyncio.sleep(at - loop.time())
            self.broker.kill()
            await asyncio.sleep(away_s)
            self.broker.start()
