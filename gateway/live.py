"""Asks devices outside of the daemon's polling: one read each, as a job of their bus. For `read` and `check --live`."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from config.loader import LoadedSite
from config.site import Line
from drivers.bus import Bus, devices_of
from drivers.errors import WireError
from drivers.links import open_link
from drivers.links.link import Link
from drivers.reading import Reading
from gateway.local_socket import NoDaemon, Request, Verb, ask, socket_path
from gateway.logs import Log
from gateway.trace import parse_line

_LONGEST_S = 20.0


@dataclass(frozen=True, slots=True)
class NotRead:
    """Why there is no reading: the id of a sentence (the next step stands under `sentence + ".next"`) and what fills it in."""

    sentence: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAnswer:
    """Either a reading or an error."""

    device: str
    reading: Reading | None
    error: NotRead | None
    elapsed_ms: float


async def ask_device(loaded: LoadedSite, name: str, log: Log, opener: Callable[[Line], Link] = open_link) -> LiveAnswer:
    """Through the daemon where one runs for this site, for nothing opens a line that it owns; else by opening the line."""
    try:
        return await _through_daemon(loaded, name)
    except NoDaemon:
        bus = next(device.bus for device in loaded.site.devices if device.name == name)
        (answer,) = await _ask_bus(loaded, bus, (name,), log, opener)
        return answer


async def ask_every_device(loaded: LoadedSite, log: Log, opener: Callable[[Line], Link] = open_link) -> tuple[LiveAnswer, ...]:
    """Every device once, all buses side by side, in the order of the site."""
    names = [device.name for device in loaded.site.devices]
    try:
        return tuple([await _through_daemon(loaded, name) for name in names])
    except NoDaemon:
        members = {bus.name: tuple(device.name for device in loaded.site.devices if device.bus == bus.name) for bus in loaded.site.buses}
        answered = await asyncio.gather(*(_ask_bus(loaded, bus, devices, log, opener) for bus, devices in members.items()))
        by_name = {answer.device: answer for answers in answered for answer in answers}
        return tuple(by_name[name] for name in names)


async def _through_daemon(loaded: LoadedSite, name: str) -> LiveAnswer:
    begun = _now()
    answer = await ask(socket_path(loaded.site.journal.path), Request(verb=Verb.READ, device=name))
    elapsed_ms = (_now() - begun) * 1000
    if not answer.ok:
        return LiveAnswer(
            device=name, reading=None, error=NotRead(answer.sentence or "drivers.error", answer.values), elapsed_ms=elapsed_ms
        )
    reading = parse_line(answer.lines[0])
    assert isinstance(reading, Reading)
    return LiveAnswer(device=name, reading=reading, error=None, elapsed_ms=elapsed_ms)


async def _ask_bus(
    loaded: LoadedSite, name: str, devices: tuple[str, ...], log: Log, opener: Callable[[Line], Link]
) -> tuple[LiveAnswer, ...]:
    """Opens the line for these reads only; the bus polls nothing meanwhile."""
    line = next(bus.line for bus in loaded.site.buses if bus.name == name)
    members = devices_of(name, loaded.site, loaded.profiles)
    bus = Bus(name, line, members, emit=lambda _: None, open_link=opener, random=Random(0), log=log, polling=False)
    owner = asyncio.create_task(bus.run())
    answers = []
    try:
        for device in devices:
            begun = _now()
            reading, error = None, None
            try:
                async with asyncio.timeout(_LONGEST_S):
                    reading = await bus.read_once(device)
            except WireError as failed:
                error = NotRead(failed.sentence, failed.values)
            except TimeoutError:
                error = NotRead("live.too_late", {"device": device, "seconds": _LONGEST_S})
            answers.append(LiveAnswer(device=device, reading=reading, error=error, elapsed_ms=(_now() - begun) * 1000))
    finally:
        owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)
    return tuple(answers)


def _now() -> float:
    return asyncio.get_running_loop().time()
