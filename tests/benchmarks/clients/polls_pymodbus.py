"""pymodbus' client on several connections, one request outstanding on each.    NAME PORT CONNECTIONS SECONDS COUNT"""

import asyncio
import sys

from pymodbus.client import AsyncModbusTcpClient

from tests.benchmarks.cost import Begin, say_cost


async def polls(begin: Begin, port: int, connections: int, seconds: float, count: int) -> int:
    async def poll(client: AsyncModbusTcpClient) -> int:
        done = 0
        while asyncio.get_running_loop().time() < ends:
            answer = await client.read_holding_registers(0, count=count, device_id=1)
            if len(answer.registers) != count:
                raise SystemExit("a poll failed")
            done += 1
        client.close()
        return done

    clients = [AsyncModbusTcpClient("127.0.0.1", port=port) for _ in range(connections)]
    for client in clients:
        await client.connect()
    begin()
    ends = asyncio.get_running_loop().time() + seconds
    return sum(await asyncio.gather(*(poll(client) for client in clients)))


if __name__ == "__main__":
    name, port, connections, seconds, count = sys.argv[1:]
    say_cost(name, lambda begin: polls(begin, int(port), int(connections), float(seconds), int(count)))
