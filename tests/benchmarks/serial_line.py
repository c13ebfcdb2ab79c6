"""A serial line at its limit: utilisation, requests inside T3.5, and CPU a transaction, beside pymodbus' client in one run.

    python -m tests.benchmarks.serial_line [--seconds 8] [--repeats 3] [--bauds 9600,19200,115200] [--piece 1]

Ten holding registers a transaction over a pty whose far end is paced_wire.c: bytes clocked out at the baud rate, half duplex, no
thinking time, delivered in pieces of so many bytes. Utilisation is the time that a transaction takes in theory, both silences
included, by the median one. A request inside T3.5 is counted and held back until it would be legal: what a client gains by it is a
broken rule, not time. CPU is the client's own, user and system; clients take turns within each repeat, medians are shown. Where the
user may, clients and wire go before other programs on the machine.
"""

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec

from config.profile import Table
from config.protocols import Protocol
from config.site import SerialLine
from drivers.errors import WireError
from drivers.links.serial import SerialLink
from drivers.modbus.pdu import read
from drivers.port import Port
from drivers.question import Answer
from tests.benchmarks.paced_wire import Counted, paced_wire

COUNT = 10
LOOPS = ("", "+uvloop") if find_spec("uvloop") else ("",)
CLIENTS = tuple(client + loop for client in ("kerbgate", "pymodbus") for loop in LOOPS)


class Poller:
    """Asks again as soon as it was answered, as a bus with more work than time does."""

    def __init__(self, path: str, baud: int) -> None:
        line = SerialLine(kind="serial", port=path, baud=baud)
        self.polls = 0
        self._question = read(1, Table.HOLDING, 0, COUNT)
        self._port = Port(line, SerialLink(line), [Protocol.MODBUS], done=self._done, lost=self._lost, late=print)
        self._expected_s = self._port.pace.exchange_s(8, 5 + 2 * COUNT, 0.0)

    async def run(self, seconds: float) -> int:
        await self._port.open()
        loop = asyncio.get_running_loop()
        self._ask(loop.time())
        await asyncio.sleep(seconds)
        self._port.close()
        return self.polls

    def _ask(self, now: float) -> None:
        self._port.ask(self._question, 1.0, self._expected_s, now)

    def _done(self, result: Answer | WireError, now: float) -> None:
        if isinstance(result, WireError) or list(result) != list(range(COUNT)):
            raise SystemExit(f"a poll failed: {result!r}")
        self.polls += 1
        self._ask(now)

    def _lost(self, fault: Exception) -> None:
        raise SystemExit(f"the line is lost: {fault!r}")


async def theirs(path: str, baud: int, seconds: float) -> int:
    from pymodbus.client import AsyncModbusSerialClient  # noqa: PLC0415

    client = AsyncModbusSerialClient(path, baudrate=baud, timeout=1.0)
    await client.connect()
    ends = asyncio.get_running_loop().time() + seconds
    polls = 0
    while asyncio.get_running_loop().time() < ends:
        answer = await client.read_holding_registers(0, count=COUNT, device_id=1)
        if answer.registers != list(range(COUNT)):
            raise SystemExit("a poll failed")
        polls += 1
    client.close()
    return polls


def run_client(name: str, path: str, baud: int, seconds: float) -> None:
    """In a process of its own: prints CPU µs a transaction."""
    kind, _, loop = name.partition("+")
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    import pymodbus.client  # noqa: F401, PLC0415  # outside of what is measured, for both

    with asyncio.Runner(loop_factory=import_module("uvloop").new_event_loop if loop else None) as runner:
        runner.run(asyncio.sleep(0))
        before = resource.getrusage(resource.RUSAGE_SELF)
        polls = runner.run(Poller(path, baud).run(seconds) if kind == "kerbgate" else theirs(path, baud, seconds))
        after = resource.getrusage(resource.RUSAGE_SELF)
    print(1e6 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / max(1, polls))


def measured(name: str, baud: int, piece: int, seconds: float) -> tuple[Counted, float]:
    with paced_wire(baud, piece=piece) as wire:
        command = [sys.executable, "-m", "tests.benchmarks.serial_line", "--client", name, wire.path, str(baud), str(seconds)]
        cpu_us = float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
        return wire.counted(), cpu_us


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--bauds", default="9600,19200,115200")
    parser.add_argument("--piece", type=int, default=1)
    parser.add_argument("--client", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.client:
        name, path, baud_rate, seconds = arguments.client
        run_client(name, path, int(baud_rate), float(seconds))
        return
    print("  baud  client             util. of median  of mean  inside T3.5        CPU us  of pymodbus'")
    for baud in map(int, arguments.bauds.split(",")):
        runs: dict[str, list[tuple[Counted, float]]] = {name: [] for name in CLIENTS}
        for _ in range(arguments.repeats):
            for name, kept in runs.items():
                kept.append(measured(name, baud, arguments.piece, arguments.seconds))
        base = statistics.median(cpu for _, cpu in runs["pymodbus"])
        for name, kept in runs.items():
            median = statistics.median(100 * wire.theory_s / wire.median_s for wire, _ in kept)
            mean = statistics.median(100 * wire.theory_s / wire.mean_s for wire, _ in kept)
            early, requests = sum(wire.early for wire, _ in kept), sum(wire.requests for wire, _ in kept)
            cpu_us = statistics.median(cpu for _, cpu in kept)
            early_of = f"{early} of {requests}"
            print(f"{baud:>6}  {name:17} {median:>14.2f}% {mean:>7.1f}% {early_of:>12} {cpu_us:>13.0f}  {cpu_us / base:.2f}", flush=True)


if __name__ == "__main__":
    main()
