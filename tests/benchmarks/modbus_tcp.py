"""Polls over Modbus TCP: rate and CPU a poll, beside pymodbus' client, one request outstanding a connection.

    python -m tests.benchmarks.modbus_tcp [--seconds 3] [--repeats 3] [--connections 1,16,64,256]

Each client runs in a process of its own against a unit in another; CPU is the client's own, user and system. Clients take turns
within each repeat, so that a busy machine is busy for all of them; the median of the repeats is shown.
"""

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from config.profile import Table
from config.protocols import Protocol
from config.site import TcpLine
from drivers.errors import WireError
from drivers.links.tcp import TcpLink
from drivers.modbus.pdu import read
from drivers.port import Port
from drivers.question import Answer

COUNT = 10
LOOPS = ("", "+uvloop") if find_spec("uvloop") else ("",)
CLIENTS = tuple(client + loop for client in ("kerbgate", "pymodbus") for loop in LOOPS)


class Poller:
    """Asks again as soon as it was answered, as a bus with more work than time does."""

    def __init__(self, line: TcpLine, counted: Callable[[], None]) -> None:
        self._counted = counted
        self._question = read(1, Table.HOLDING, 0, COUNT)
        self._port = Port(line, TcpLink(line.host, line.port), [Protocol.MODBUS], done=self._done, lost=print, late=print)

    async def open(self) -> None:
        await self._port.open()
        self._ask(asyncio.get_running_loop().time())

    def _ask(self, now: float) -> None:
        self._port.ask(self._question, 1.0, 0.001, now)

    def _done(self, result: Answer | WireError, now: float) -> None:
        if isinstance(result, WireError) or len(result) != COUNT:
            raise SystemExit(f"a poll failed: {result!r}")
        self._counted()
        self._ask(now)

    def close(self) -> None:
        self._port.close()


async def ours(port: int, connections: int, seconds: float) -> int:
    polls = 0

    def counted() -> None:
        nonlocal polls
        polls += 1

    pollers = [Poller(TcpLine(kind="tcp", host="127.0.0.1", port=port), counted) for _ in range(connections)]
    for poller in pollers:
        await poller.open()
    await asyncio.sleep(seconds)
    for poller in pollers:
        poller.close()
    return polls


async def theirs(port: int, connections: int, seconds: float) -> int:
    from pymodbus.client import AsyncModbusTcpClient  # noqa: PLC0415

    ends = asyncio.get_running_loop().time() + seconds

    async def poll() -> int:
        client = AsyncModbusTcpClient("127.0.0.1", port=port)
        await client.connect()
        polls = 0
        while asyncio.get_running_loop().time() < ends:
            answer = await client.read_holding_registers(0, count=COUNT, device_id=1)
            if len(answer.registers) != COUNT:
                raise SystemExit("a poll failed")
            polls += 1
        client.close()
        return polls

    return sum(await asyncio.gather(*(poll() for _ in range(connections))))


def run_client(name: str, port: int, connections: int, seconds: float) -> None:
    """In a process of its own: prints polls and CPU seconds."""
    kind, _, loop = name.partition("+")
    factory = None
    if loop:
        factory = import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(asyncio.sleep(0))
        before = resource.getrusage(resource.RUSAGE_SELF)
        began = time.perf_counter()
        polls = runner.run((ours if kind == "kerbgate" else theirs)(port, connections, seconds))
        took = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(polls / took, 1e6 * cpu / polls)


def measured(name: str, connections: int, seconds: float) -> tuple[float, float]:
    unit = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.modbus_unit"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert unit.stdout is not None
    port = int(unit.stdout.readline())
    command = [sys.executable, "-m", "tests.benchmarks.modbus_tcp", "--client", name, str(port), str(connections), str(seconds)]
    try:
        rate, cpu_us = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    finally:
        assert unit.stdin is not None
        unit.stdin.close()
        unit.wait()
        unit.stdout.close()
    return float(rate), float(cpu_us)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--connections", default="1,16,64,256")
    parser.add_argument("--client", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.client:
        name, port, connections, seconds = arguments.client
        run_client(name, int(port), int(connections), float(seconds))
        return
    print(f"{'connections':>11}  {'client':18} {'polls/s':>9} {'CPU us/poll':>12}  of pymodbus'")
    for connections in map(int, arguments.connections.split(",")):
        runs = {name: [] for name in CLIENTS}  # type: dict[str, list[tuple[float, float]]]
        for _ in range(arguments.repeats):
            for name, kept in runs.items():
                kept.append(measured(name, connections, arguments.seconds))
        base = statistics.median(cpu for _, cpu in runs["pymodbus"])
        for name, kept in runs.items():
            rate, cpu_us = (statistics.median(each) for each in zip(*kept, strict=True))
            print(f"{connections:>11}  {name:18} {rate:>9.0f} {cpu_us:>12.1f}  {cpu_us / base:.2f}", flush=True)


if __name__ == "__main__":
    main()
