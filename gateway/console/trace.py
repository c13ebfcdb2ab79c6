"""`kerbgate trace`: the bytes of a bus or of one device, both ways, annotated, live; from the running daemon where there is one."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TextIO

import click

from config.loader import LoadedSite
from config.site import Bus as BusPlan
from config.site import TcpLine
from drivers.annotation import Annotator, Kind
from drivers.bus import Bus, devices_of
from drivers.capture import pieces_of
from drivers.links import open_link
from gateway.capturing import captured
from gateway.clock import SystemClock, rfc3339
from gateway.console.new_file import created
from gateway.console.site_file import config_option, loaded
from gateway.console.speech import fault, hint, language, wrong_call
from gateway.console.trace_show import shown
from gateway.console.until_stopped import until_stopped
from gateway.local_socket import NoDaemon, Request, Verb, socket_path, streamed
from gateway.logs import begin

_SHOWN_OF_THE_PAST = 20


@click.command("trace")
@click.argument("name", metavar="BUS|DEVICE")
@config_option
@click.option("--save", type=click.Path(path_type=Path), help="Write the bus to a file, too. / 同时保存整条总线的字节")
@click.option("--seconds", type=click.FloatRange(min=0.1), help="End by itself after so long. / 多少秒后自动结束")
@click.option("--json", "as_json", is_flag=True, help="Lines of a capture, not annotated. / 输出抓取记录行，不加注释")
def command(name: str, config: Path, save: Path | None, seconds: float | None, *, as_json: bool) -> None:
    """Show the bytes of a line both ways, with what they mean. / 显示线路上收发的字节及其含义。"""
    site = loaded(config)
    bus, unit = _meant(site, name)
    screen = _Screen(unit, mbap=isinstance(bus.line, TcpLine), as_json=as_json)
    if save is None:
        asyncio.run(_trace(site, bus, screen, None, seconds))
        return
    with created(save) as file:
        count = asyncio.run(_trace(site, bus, screen, file, seconds))
    hint("tracing.saved", count=count, file=save)


def _meant(site: LoadedSite, name: str) -> tuple[BusPlan, int | None]:
    """The bus, and the unit where a device is meant."""
    buses = {bus.name: bus for bus in site.site.buses}
    devices = {device.name: device for device in site.site.devices}
    if name not in buses and name not in devices:
        wrong_call("tracing.unknown", name=name, buses=", ".join(buses), devices=", ".join([*devices][:12]))
    bus = buses[name] if name in buses else buses[devices[name].bus]
    if not any(device.bus == bus.name for device in devices.values()):
        fault("tracing.idle", bus=bus.name)
    return bus, None if name in buses else devices[name].unit


class _Screen:
    """Prints what comes, and of what is kept the end."""

    def __init__(self, unit: int | None, *, mbap: bool, as_json: bool) -> None:
        self._unit = unit
        self._as_json = as_json
        self._annotator = Annotator(mbap=mbap)
        self._wall_zero_s = self._begun = 0.0
        self._past: deque[str] = deque(maxlen=_SHOWN_OF_THE_PAST)

    def head(self, line: str) -> None:
        given = json.loads(line)
        self._begun = given["t"]
        self._wall_zero_s = datetime.fromisoformat(given["wall"]).timestamp() - self._begun
        if self._as_json:
            click.echo(line)

    def feed(self, line: str) -> None:
        (piece,) = pieces_of([line])
        said = self._annotator.feed(piece)
        if self._unit is not None and said.unit not in (self._unit, None) and said.kind is not Kind.NOTE:
            return
        text = line if self._as_json else shown(said, self._wall_zero_s, language())
        if piece.t <= self._begun:
            self._past.append(text)
            return
        self.show_past()
        click.echo(text)

    def show_past(self) -> None:
        while self._past:
            click.echo(self._past.popleft())


async def _trace(site: LoadedSite, bus: BusPlan, screen: _Screen, file: TextIO | None, seconds: float | None) -> int:
    """How many pieces came."""
    count = 0

    async def copy() -> None:
        nonlocal count
        async with aclosing(_lines(site, bus)) as lines:
            async for line in lines:
                if file is not None:
                    # A line at a time: what was saved before a power cut must be whole lines.
                    file.write(line + "\n")
                    file.flush()
                if line.startswith('{"capture"'):
                    screen.head(line)
                else:
                    screen.feed(line)
                    count += 1

    async def trace(stop: asyncio.Event) -> None:
        copying, stopped = asyncio.create_task(copy()), asyncio.create_task(stop.wait())
        await asyncio.wait({copying, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        ended_by_itself = copying.done()
        copying.cancel()
        await asyncio.wait({copying})
        if not copying.cancelled():
            copying.result()
        screen.show_past()
        if ended_by_itself:
            fault("tracing.gone", bus=bus.name)

    await until_stopped(trace, seconds)
    return count


async def _lines(site: LoadedSite, bus: BusPlan) -> AsyncGenerator[str, None]:
    told = False
    try:
        async for line in streamed(socket_path(site.site.journal.path), Request(verb=Verb.CAPTURE, bus=bus.name)):
            if not told:
                hint("tracing.through", bus=bus.name)
                told = True
            yield line.rstrip("\n")
    except NoDaemon:
        hint("tracing.alone", bus=bus.name)
        async with aclosing(_polled(site, bus)) as lines:
            async for line in lines:
                yield line


async def _polled(site: LoadedSite, plan: BusPlan) -> AsyncGenerator[str, None]:
    """No daemon runs: poll the line ourselves."""
    clock = SystemClock()
    members = devices_of(plan.name, site.site, site.profiles)
    bus = Bus(plan.name, plan.line, members, emit=lambda _: None, open_link=open_link, random=Random(), log=begin(logging.ERROR))
    owner = asyncio.create_task(bus.run())
    try:
        async with aclosing(captured(bus, rfc3339(clock.wall()), clock.monotonic())) as lines:
            async for line in lines:
                yield line
    finally:
        owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)
