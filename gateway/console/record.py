"""`kerbgate record`: readings of a site to a trace, from the running daemon where there is one, else by polling the lines."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from pathlib import Path
from random import Random
from typing import TextIO

import click

from config.loader import LoadedSite
from drivers.bus import Bus, devices_of
from drivers.links import open_link
from drivers.reading import Reading
from gateway.clock import SystemClock
from gateway.console.in_order import InOrder
from gateway.console.new_file import created
from gateway.console.site_file import config_option, loaded
from gateway.console.speech import hint
from gateway.console.until_stopped import until_stopped
from gateway.local_socket import NoDaemon, Request, Verb, socket_path, streamed
from gateway.logs import begin
from gateway.trace import header_line, reading_line

_WAITING_MAX = 10_000


@click.command("record")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@config_option
@click.option("--seconds", type=click.FloatRange(min=0.1), help="End by itself after so long. / 录制多少秒后自动结束")
def command(file: Path, config: Path, seconds: float | None) -> None:
    """Write every reading to a trace that `replay` reads; "-" is stdout. / 把读数录成记录文件。"""
    site = loaded(config)
    with created(file) as out:
        count = asyncio.run(_record(site, out, seconds))
    hint("record.done", count=count, file=file)


async def _record(site: LoadedSite, out: TextIO, seconds: float | None) -> int:
    count, waiting, clock = 0, InOrder(), SystemClock()

    def write(lines: Iterable[str]) -> None:
        nonlocal count
        for line in lines:
            # A line at a time: what was recorded before a power cut must be whole lines.
            out.write(line.rstrip("\n") + "\n")
            out.flush()
            count += not line.startswith('{"trace"')

    async def copy() -> None:
        async with aclosing(_lines(site)) as lines:
            coming = asyncio.ensure_future(anext(lines, None))
            try:
                while True:
                    await asyncio.wait({coming}, timeout=waiting.due_in_s(clock.monotonic()))
                    if coming.done():
                        if (line := coming.result()) is None:
                            return
                        waiting.add(line, clock.monotonic())
                        coming = asyncio.ensure_future(anext(lines, None))
                    write(waiting.ready(clock.monotonic()))
            finally:
                coming.cancel()
                await asyncio.wait({coming})

    async def record(stop: asyncio.Event) -> None:
        copying, stopped = asyncio.create_task(copy()), asyncio.create_task(stop.wait())
        await asyncio.wait({copying, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not copying.done():
            copying.cancel()
            await asyncio.wait({copying})
        if not copying.cancelled():
            copying.result()

    try:
        await until_stopped(record, seconds)
    finally:
        write(waiting.rest())
    return count


async def _lines(site: LoadedSite) -> AsyncGenerator[str, None]:
    try:
        async for line in streamed(socket_path(site.site.journal.path), Request(verb=Verb.READINGS)):
            yield line
    except NoDaemon:
        async with aclosing(_polled(site)) as lines:
            async for line in lines:
                yield line


async def _polled(site: LoadedSite) -> AsyncGenerator[str, None]:
    """No daemon runs: poll the lines ourselves, with t = 0 at the start."""
    queue: asyncio.Queue[Reading] = asyncio.Queue(_WAITING_MAX)
    clock = SystemClock()
    zero = clock.monotonic()
    log = begin(logging.WARNING)

    def emit(reading: Reading) -> None:
        if not queue.full():
            queue.put_nowait(reading)

    owners = []
    for bus in site.site.buses:
        members = devices_of(bus.name, site.site, site.profiles)
        if members:
            owner = Bus(bus.name, bus.line, members, emit=emit, open_link=open_link, random=Random(), log=log)
            owners.append(asyncio.create_task(owner.run()))
    try:
        yield header_line(clock.wall())
        while True:
            yield reading_line(await queue.get(), zero)
    finally:
        for task in owners:
            task.cancel()
        await asyncio.gather(*owners, return_exceptions=True)
