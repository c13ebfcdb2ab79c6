"""The proxy that goes away, stalls and delays, with real sockets and virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from simulators.cut import TcpCut
from simulators.faults import Outage, OutageKind

pytestmark = pytest.mark.looptime


@asynccontextmanager
async def echoing() -> AsyncIterator[int]:
    """A server that sends back what it gets."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@asynccontextmanager
async def cut(*outages: Outage) -> AsyncIterator[TcpCut]:
    loop = asyncio.get_running_loop()
    zero = loop.time()
    async with echoing() as port, TcpCut("127.0.0.1", port, outages, lambda: loop.time() - zero) as proxy:
        yield proxy


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> float:
    """How long until it came back."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    writer.write(data)
    assert await asyncio.wait_for(reader.readexactly(len(data)), 1000) == data
    return loop.time() - begun


async def test_without_an_outage_bytes_pass_at_once_and_in_order() -> None:
    async with cut() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await asked(reader, writer, b"connect") < 0.5
        assert await asked(reader, writer, bytes(range(256)) * 4096) < 5
        writer.close()


async def test_what_ends_on_one_side_ends_on_the_other() -> None:
    async with cut() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        await asked(reader, writer, b"last words")
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()


async def test_a_broker_that_goes_away_ends_its_connections_and_refuses_new_ones_until_it_is_back() -> None:
    async with cut(Outage(from_s=10, to_s=20)) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        await asked(reader, writer, b"before")
        await asyncio.sleep(11)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)
        await asyncio.sleep(10)
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        await asked(reader, writer, b"after")
        writer.close()


async def test_it_can_begin_within_an_outage() -> None:
    async with cut(Outage(from_s=0, to_s=5)) as proxy:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)
        await asyncio.sleep(6)
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        await asked(reader, writer, b"after")
        writer.close()


async def test_a_stall_keeps_connections_and_lets_nothing_pass_until_it_is_over() -> None:
    async with cut(Outage(kind=OutageKind.STALL, from_s=5, to_s=65)) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await asked(reader, writer, b"before") < 0.5
        await asyncio.sleep(10)
        assert 50 < await asked(reader, writer, b"stuck") < 60
        assert await asked(reader, writer, b"after") < 0.5
        writer.close()


async def test_a_delay_holds_each_byte_back_both_ways_and_keeps_the_order() -> None:
    async with cut(Outage(kind=OutageKind.DELAY, from_s=5, to_s=100, delay_s=3)) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        await asyncio.sleep(10)
        assert 5.9 < await asked(reader, writer, b"slow") < 6.5
        writer.close()


async def test_a_broker_that_is_not_there_at_all_hangs_up() -> None:
    loop = asyncio.get_running_loop()
    async with echoing() as port:
        pass
    async with TcpCut("127.0.0.1", port, (), loop.time) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1), 10)
        writer.close()
