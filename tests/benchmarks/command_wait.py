"""How long a technician's read waits on a bus that is full of the longest reads, from the call to its request on the wire.

    python -m tests.benchmarks.command_wait [--commands 200] [--baud 9600] [--units 32]

The real bus (drivers/bus.py) over paced_wire.c, units that think for 5 ms, each polled as often as the line allows and more. A read of
a kerb-pile, 24 registers, is the longest of a packaged Modbus profile. The commands come at random times and read another unit.
"""

import argparse
import asyncio
import statistics
from random import Random

from config.catalogue import gather
from config.loader import load_profile
from config.site import SerialLine
from drivers.bus import Bus, BusDevice
from drivers.capture import Piece, Way
from gateway.logs import begin
from tests.benchmarks.paced_wire import Counted, paced_wire

TECHNICIAN = 247


def device(unit: int, poll_s: float) -> BusDevice:
    profile = gather((), load_profile).profiles["kerb-pile"]
    return BusDevice(name=f"pile-{unit}", unit=unit, sub_unit=None, profile=profile, poll_s=poll_s, timeout_s=0.3)


async def waits(path: str, baud: int, units: int, commands: int) -> list[float]:
    devices = [device(unit, 0.5) for unit in range(1, units + 1)] + [device(TECHNICIAN, 3600.0)]
    line = SerialLine(kind="serial", port=path, baud=baud)
    bus = Bus("east", line, devices, emit=lambda _: None, log=begin(50), random=Random(1))
    owner = asyncio.create_task(bus.run())
    sent: list[float] = []

    def follow(piece: Piece) -> None:
        if piece.way is Way.OUT and piece.data[0] == TECHNICIAN:
            sent.append(piece.t)

    loop, random, waited = asyncio.get_running_loop(), Random(2), []
    await asyncio.sleep(8.0)
    bus.capture.follow(follow)
    for _ in range(commands):
        await asyncio.sleep(random.uniform(0.2, 0.4))
        sent.clear()
        asked = loop.time()
        await bus.read_once(f"pile-{TECHNICIAN}")
        waited.append(sent[0] - asked)
    owner.cancel()
    await asyncio.gather(owner, return_exceptions=True)
    return waited


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commands", type=int, default=200)
    parser.add_argument("--baud", type=int, default=9600)
    parser.add_argument("--units", type=int, default=32)
    given = parser.parse_args()
    with paced_wire(given.baud, thinks_s=0.005) as wire:
        waited = sorted(asyncio.run(waits(wire.path, given.baud, given.units, given.commands)))
        counted: Counted = wire.counted()
    p95 = waited[int(0.95 * (len(waited) - 1))]
    print(f"{given.commands} commands at {given.baud} baud among {given.units} units of the profile kerb-pile")
    print(f"an exchange takes {1000 * counted.median_s:.1f} ms; the line was never idle; {counted.early} requests inside T3.5")
    print(
        f"a command waits {1000 * statistics.median(waited):.1f} ms (median), {1000 * p95:.1f} ms (95 %), {1000 * waited[-1]:.1f} ms (most)"
    )


if __name__ == "__main__":
    main()
