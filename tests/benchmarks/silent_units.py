"""Half of the units of a full bus are silent: what that costs those that are there, beside pymodbus' client in one run.

    python -m tests.benchmarks.silent_units [--seconds 240] [--units 32] [--baud 9600]

Ours is the real bus (drivers/bus.py) with a poll of each unit twice as often as the line allows, pymodbus' client asks one unit after
another with its own timeout and retries. Each has two lines of its own (paced_wire.c, units that think for 5 ms): one with all units,
every second one of them silent, and one with only those that answer. All four run at the same time. The dead cost what lies between
the begin of a request to a silent unit and the begin of the next request.
"""

import argparse
import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from random import Random

from config.profile import Key, Point, Profile, Title
from config.site import SerialLine
from drivers.bus import Bus, BusDevice
from gateway.logs import begin
from tests.benchmarks.paced_wire import Counted, PacedWire, paced_wire

THINKS_S = 0.005
KEYS = (
    Key.LEVEL,
    Key.X_UT,
    Key.Y_UT,
    Key.Z_UT,
    Key.TEMPERATURE_C,
    Key.BATTERY_V,
    Key.BATTERY_PCT,
    Key.RSSI_DBM,
    Key.SNR_DB,
    Key.FAULT,
)
REGISTERS = len(KEYS)


def profile() -> Profile:
    points = tuple(Point(key=key, address=address) for address, key in enumerate(KEYS))
    return Profile(profile="ten-registers", title=Title(en="ten registers", zh="十个寄存器"), source="ours", poll_s=0.5, points=points)


def bus_on(path: str, baud: int, units: Sequence[int], poll_s: float) -> Bus:
    line = SerialLine(kind="serial", port=path, baud=baud)
    devices = [BusDevice(name=f"bay-{unit}", unit=unit, sub_unit=None, profile=profile(), poll_s=poll_s, timeout_s=0.3) for unit in units]
    return Bus("east", line, devices, emit=lambda _: None, log=begin(50), random=Random(1))


async def ours(path: str, baud: int, units: Sequence[int], seconds: float) -> None:
    owner = asyncio.create_task(bus_on(path, baud, units, 0.5).run())
    await asyncio.wait({owner}, timeout=seconds)
    owner.cancel()
    await asyncio.gather(owner, return_exceptions=True)


async def theirs(path: str, baud: int, units: Sequence[int], seconds: float) -> None:
    from pymodbus.client import AsyncModbusSerialClient  # noqa: PLC0415
    from pymodbus.exceptions import ModbusIOException  # noqa: PLC0415

    logging.getLogger("pymodbus").setLevel(60)
    client = AsyncModbusSerialClient(path, baudrate=baud)
    ends = asyncio.get_running_loop().time() + seconds
    while True:
        for unit in units:
            if asyncio.get_running_loop().time() >= ends:
                client.close()
                return
            # After the retries in vain it closes the line by itself.
            if not client.connected:
                await client.connect()
            try:
                await client.read_holding_registers(0, count=REGISTERS, device_id=unit)
            except ModbusIOException:
                continue


class Run:
    """One client on one line, in a process of its own."""

    def __init__(self, stack: ExitStack, kind: str, baud: int, units: Sequence[int], dead: Sequence[int], seconds: float) -> None:
        self.wire: PacedWire = stack.enter_context(paced_wire(baud, thinks_s=THINKS_S, silent=dead))
        command = [sys.executable, "-m", "tests.benchmarks.silent_units", "--client", kind, self.wire.path, ",".join(map(str, units))]
        self.process = subprocess.Popen([*command, "--seconds", str(seconds), "--baud", str(baud)], stdout=subprocess.DEVNULL)
        self.dead = frozenset(dead)


def period_s(counted: Counted, alive: Sequence[int], seconds: float) -> float:
    """The mean of those that answer."""
    requests = [counted.units[unit].requests if unit in counted.units else 0 for unit in alive]
    return seconds * len(alive) / max(1, sum(requests))


def shown(title: str, counted: Counted, alive: Sequence[int], dead: frozenset[int], seconds: float, without_s: float | None) -> float:
    mean_s = period_s(counted, alive, seconds)
    lost_s = sum(count.occupied_s for unit, count in counted.units.items() if unit in dead)
    asked = sum(count.requests for unit, count in counted.units.items() if unit in dead)
    ratio = "" if without_s is None else f"{mean_s / without_s:.2f}"
    print(f"{title:42} {mean_s:>9.2f} s {ratio:>9} {100 * lost_s / seconds:>9.1f}% {asked:>9} {counted.early:>7}", flush=True)
    return mean_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--units", type=int, default=32)
    parser.add_argument("--baud", type=int, default=9600)
    parser.add_argument("--client", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.client:
        kind, path, units = arguments.client
        poll = ours if kind == "kerbgate" else theirs
        asyncio.run(poll(path, arguments.baud, [int(unit) for unit in units.split(",")], arguments.seconds))
        os._exit(0)
    everybody = range(1, arguments.units + 1)
    dead, alive = everybody[1::2], everybody[::2]
    halves = arguments.seconds / 2
    print(f"{'':42} {'period':>11} {'x':>9} {'to dead':>10} {'asked':>9} {'early':>7}")
    with ExitStack() as stack:
        lines = {
            (kind, half): Run(stack, kind, arguments.baud, everybody if half else alive, dead if half else (), arguments.seconds + 60.0)
            for kind in ("kerbgate", "pymodbus")
            for half in (False, True)
        }
        for when in ("first", "second"):
            for process in (run.process for run in lines.values()):
                try:
                    process.wait(halves / len(lines))
                except subprocess.TimeoutExpired:
                    continue
                raise SystemExit("a client ended too early")
            for kind in ("kerbgate", "pymodbus"):
                alone, half_dead = lines[kind, False], lines[kind, True]
                without_s = shown(f"{kind}, those alone, {when} {halves:.0f} s", alone.wire.counted(), alive, frozenset(), halves, None)
                counted = half_dead.wire.counted()
                shown(f"{kind}, half silent, {when} {halves:.0f} s", counted, alive, half_dead.dead, halves, without_s)
        for run in lines.values():
            run.process.kill()
            run.process.wait()


if __name__ == "__main__":
    main()
