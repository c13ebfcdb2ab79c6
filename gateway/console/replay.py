"""`kerbgate replay`: a trace of readings to events, on stdout, one JSON object a line; a summary to stderr."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from config.sentences import say
from config.site import Site
from drivers.bus import devices_of
from gateway.console.site_file import loaded
from gateway.console.speech import Trouble, hint, language, wrong_call
from gateway.detection.detectors import Polled
from gateway.replay import BadLine, TraceReader, bays_of, replay
from gateway.uplink.encodings.cloudevents import encode


@click.command("replay")
@click.argument("trace", type=click.Path(path_type=Path))
@click.option(
    "--config", "config", type=click.Path(path_type=Path), metavar="FILE", help="Bind devices as in this site. / 按该站点配置绑定设备"
)
def command(trace: Path, config: Path | None) -> None:
    """Turn a trace of readings into events. / 把读数记录回放成事件。"""
    reader = TraceReader()
    site, polled = _bound(trace, config)
    kinds: Counter[str] = Counter()
    with _opened(trace) as lines:
        try:
            for event in replay(site, polled, reader, _counted(lines, kinds)):
                kinds[event.change.kind.value] += 1
                click.echo(encode(event))
        except BadLine as bad:
            raise _trouble(trace, bad) from None
    _summary(reader, kinds)


def _bound(trace: Path, config: Path | None) -> tuple[Site, tuple[Polled, ...]]:
    if config is not None:
        site = loaded(config)
        devices = [device for bus in site.site.buses for device in devices_of(bus.name, site.site, site.profiles)]
        return site.site, tuple(Polled(device.name, device.poll_s) for device in devices)
    # Twice through the file: which devices there are must be known before the first event, and a trace may be larger than memory.
    with _opened(trace) as lines:
        try:
            names = dict.fromkeys(line.reading.device for line in TraceReader().readings(lines))
        except BadLine as bad:
            raise _trouble(trace, bad) from None
    return bays_of(tuple(names)), tuple(Polled(name, None) for name in names)


def _opened(trace: Path) -> TextIO:
    try:
        return trace.open(encoding="utf-8", errors="replace")
    except IsADirectoryError:
        wrong_call("replay.folder", path=trace)
    except OSError as why:
        wrong_call("replay.unreadable", path=trace, why=why.strerror)


def _counted(lines: TextIO, kinds: Counter[str]) -> Iterator[str]:
    for line in lines:
        kinds["lines"] += 1
        yield line


def _trouble(trace: Path, bad: BadLine) -> Trouble:
    why = say(bad.fault.sentence, language(), **bad.fault.values)
    return Trouble("replay.bad_line", path=trace, line=bad.number, why=why)


def _summary(reader: TraceReader, kinds: Counter[str]) -> None:
    lines = kinds.pop("lines", 0)
    if reader.torn:
        hint("replay.torn")
    if not lines:
        hint("replay.empty")
        return
    hint("replay.summary", lines=lines, events=sum(kinds.values()))
    for kind, count in sorted(kinds.items()):
        click.echo(f"  {count:6d}  {kind}", err=True)
