"""pymodbus' client on one serial line.    NAME PATH BAUD SECONDS COUNT"""

import asyncio
import sys

from pymodbus.client import AsyncModbusSerialClient

from tests.benchmarks.cost import WARM_S, Meter, go_first, say_cost


async def polls(meter: Meter, path: str, baud: int, seconds: float, count: int) -> None:
    client = AsyncModbusSerialClient(path, baudrate=baud, timeout=1.0)
    await client.connect()
    loop, right = asyncio.get_running_loop(), list(range(count))

    async def poll_until(ends: float) -> int:
        done = 0
        while loop.time() < ends:
            answer = await client.read_holding_registers(0, count=count, device_id=1)
            if answer.registers != right:
                raise SystemExit("a poll failed")
            done += 1
        return done

    await poll_until(loop.time() + WARM_S)
    meter.begin()
    meter.end(await poll_until(loop.time() + seconds))
    client.close()


if __name__ == "__main__":
    name, path, baud, seconds, count = sys.argv[1:]
    go_first()
    say_cost(name, lambda meter: polls(meter, path, int(baud), float(seconds), int(count)))
