"""pymodbus' client as one would use it: a task a unit, a lock an endpoint, no plan.    NAME SECONDS PERIOD UNITS PORT...

As bare as can be: no counters, no capture, no late answers, no silent units; the values are those of kerbgate's client.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from pymodbus.client import AsyncModbusTcpClient

from tests.benchmarks.beats import Beats
from tests.benchmarks.cost import Meter, say_cost

COUNT = 10


@dataclass(frozen=True, slots=True)
class Values:
    x_ut: float
    y_ut: float
    z_ut: float
    temperature_c: float
    rssi_dbm: float


def signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


def decoded(registers: Sequence[int]) -> Values:
    return Values(
        x_ut=round(signed(registers[0]) * 0.1, 6),
        y_ut=round(signed(registers[1]) * 0.1, 6),
        z_ut=round(signed(registers[2]) * 0.1, 6),
        temperature_c=round(signed(registers[8]) * 0.01, 6),
        rssi_dbm=round(signed(registers[9]) * 1.0, 6),
    )


async def polls(meter: Meter, seconds: float, period_s: float, units: int, ports: list[int]) -> None:
    loop, beats = asyncio.get_running_loop(), Beats(period_s)
    changed, ends = 0, loop.time() + 2 * period_s + seconds

    async def poll(client: AsyncModbusTcpClient, lock: asyncio.Lock, name: str, unit: int) -> None:
        nonlocal changed
        due, last = loop.time() + period_s * (unit - 1) / units, None
        while due < ends:
            await asyncio.sleep(due - loop.time())
            async with lock:
                answer = await client.read_holding_registers(0, count=COUNT, device_id=unit)
            if answer.isError() or len(answer.registers) != COUNT:
                raise SystemExit("a poll failed")
            values = decoded(answer.registers)
            if values != last:
                last, changed = values, changed + 1
            beats.came(name, loop.time())
            due += period_s

    clients = [AsyncModbusTcpClient("127.0.0.1", port=port) for port in ports]
    for client in clients:
        await client.connect()
    running = [
        poll(client, lock, f"bus-{index}-{unit}", unit)
        for index, client in enumerate(clients)
        for lock in [asyncio.Lock()]
        for unit in range(1, units + 1)
    ]

    async def warm() -> None:
        await asyncio.sleep(2 * period_s)
        beats.forget()
        meter.begin()

    await asyncio.gather(warm(), *running)
    meter.end(beats.count)
    for client in clients:
        client.close()
    print(beats.line())


if __name__ == "__main__":
    name, seconds, period, units, *ports = sys.argv[1:]
    say_cost(name, lambda meter: polls(meter, float(seconds), float(period), int(units), [int(port) for port in ports]))
