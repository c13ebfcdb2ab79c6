"""pymodbus' client on several connections, one request outstanding on each.    NAME PORT CONNECTIONS SECONDS COUNT"""

import asyncio
import sys

from pymodbus.client import AsyncModbusTcpClient

from tests.benchmarks.cost import WARM_S, Meter, say_cost


async def polls(meter: Meter, port: int, connections: int, seconds: float, count: int) -> None:
    done, over = 0, False

    async def poll(client: AsyncModbusTcpClient) -> None:
        nonlocal done
        while not over:
            answer = await client.read_holding_registers(0, count=count, device_id=1)
            if len(answer.registers) != count:
                raise SystemExit("a poll failed")
            done += 1

    clients = [AsyncModbusTcpClient("127.0.0.1", port=port) for _ in range(connections)]
    for client in clients:
        await client.connect()
    running = [asyncio.create_task(poll(client)) for client in clients]
    await asyncio.sleep(WARM_S)
    before = done
    meter.begin()
    await asyncio.sleep(seconds)
    meter.end(done - before)
    # Not cancelled: it takes that for one more failed read, and goes on.
    over = True
    await asyncio.gather(*running)
    for client in clients:
        client.close()


if __name__ == "__main__":
    name, port, connections, seconds, count = sys.argv[1:]
    say_cost(name, lambda meter: polls(meter, int(port), int(connections), float(seconds), int(count)))
