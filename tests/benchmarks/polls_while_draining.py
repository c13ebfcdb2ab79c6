"""How late polls begin while a backlog is emptied by the same process, beside how late they begin without.

    python -m tests.benchmarks.polls_while_draining [--events 100000] [--seconds 20]

Five buses of ten Modbus TCP units, each asked five times a second, as the daemon runs them; units and broker in processes of their own.
Then the uplink is begun on a journal with that many events: at the default rate, and with no limit at all. Late is how far behind its due
time a poll began; without a limit the row ends with the drain, otherwise after `--seconds`.
"""

import argparse
import asyncio
import random
import tempfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from config.site import TcpLine
from drivers.bus import Bus, BusDevice
from drivers.counters import Tally
from gateway.clock import SystemClock
from gateway.console.collector import spare_what_lives_on
from gateway.journal.journal import Journal
from gateway.uplink.client import Uplink
from tests.benchmarks.clients.units_kerbgate import PROFILE, Log
from tests.benchmarks.cost import unit
from tests.benchmarks.drain import fill, journal_settings
from tests.brokers import mosquitto
from tests.gateway.journal.journals import GATEWAY, salt
from tests.gateway.uplink.uplinks import Lines, Rest, towards

_BUSES, _UNITS, _PERIOD_S = 5, 10, 0.2
_DEFAULT_RATE_PER_S = 20


@dataclass(frozen=True, slots=True)
class Late:
    what: str
    polls: int
    p50_ms: float
    p99_ms: float
    most_ms: float
    sent: int
    """Events that the platform took meanwhile."""

    @classmethod
    def of(cls, what: str, late_s: list[float], sent: int) -> "Late":
        ordered = sorted(late_s)
        p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
        return cls(what, len(ordered), p50, p99, ordered[-1] * 1000, sent)


class _Polled:
    """Buses whose lateness is kept whole."""

    def __init__(self, ports: list[int]) -> None:
        self._buses = [self._bus(f"bus-{number}", port) for number, port in enumerate(ports)]
        for tally in self._tallies():
            tally.lateness_s = deque()
        self._running = [asyncio.create_task(bus.run()) for bus in self._buses]

    @staticmethod
    def _bus(name: str, port: int) -> Bus:
        devices = [
            BusDevice(name=f"{name}-{number}", unit=number, sub_unit=None, profile=PROFILE, poll_s=_PERIOD_S, timeout_s=10.0)
            for number in range(1, _UNITS + 1)
        ]
        return Bus(name, TcpLine(kind="tcp", host="127.0.0.1", port=port), devices, lambda _: None, log=Log())

    def _tallies(self) -> list[Tally]:
        return [tally for bus in self._buses for tally in bus._tallies.values()]

    def taken(self) -> list[float]:
        """How late they were since this was asked last."""
        late: list[float] = []
        for tally in self._tallies():
            late += tally.lateness_s
            tally.lateness_s.clear()
        return late

    async def end(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


async def measured(folder: Path, ports: list[int], port: int, rate_per_s: int, seconds: float) -> list[Late]:
    """Without the uplink, and with it."""
    journal = await Journal.open(journal_settings(folder), GATEWAY, salt)
    rest, polled = Rest(journal, []), _Polled(ports)
    settings = towards(_At("127.0.0.1", port), rate_per_s=rate_per_s)
    uplink = Uplink(settings, GATEWAY, journal, rest, SystemClock(), random.Random(1), Lines())
    await asyncio.sleep(2 * _PERIOD_S)
    polled.taken()
    await asyncio.sleep(seconds)
    before = Late.of("nothing drains", polled.taken(), 0)
    running = asyncio.create_task(uplink.run())
    drained = asyncio.create_task(uplink.drained())
    await asyncio.wait([drained], timeout=seconds if rate_per_s else None)
    during = Late.of(f"{rate_per_s} messages/s" if rate_per_s else "no limit of the rate", polled.taken(), uplink.status().published)
    for task in (running, drained):
        task.cancel()
    await asyncio.gather(running, drained, return_exceptions=True)
    await polled.end()
    await journal.close()
    return [before, during]


@dataclass(slots=True)
class _At:
    host: str
    port: int


def run(events: int, seconds: float) -> list[Late]:
    rows: list[Late] = []
    for rate_per_s in (_DEFAULT_RATE_PER_S, 0):
        with tempfile.TemporaryDirectory() as place, mosquitto(Path(place) / "broker") as broker, unit(_BUSES) as ports:
            asyncio.run(fill(Path(place), events))
            rows += asyncio.run(measured(Path(place), ports, broker.port, rate_per_s, seconds))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    spare_what_lives_on()  # as the daemon does
    print("| while | polls | late p50 / p99 / max | events sent |\n|---|---|---|---|")
    for row in run(arguments.events, arguments.seconds):
        print(f"| {row.what} | {row.polls} | {row.p50_ms:.2f} / {row.p99_ms:.2f} / {row.most_ms:.1f} ms | {row.sent} |")


if __name__ == "__main__":
    main()
