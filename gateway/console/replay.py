"""`kerbgate replay`: a trace of readings to events, on stdout, one JSON object a line; a summary to stderr."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from gateway.console.speech import hint
from gateway.console.trace_file import bound, opened, trouble
from gateway.replay import BadLine, TraceReader, replay
from gateway.uplink.encodings.cloudevents import encode


@click.command("replay")
@click.argument("trace", type=click.Path(path_type=Path))
@click.option(
    "--config", "config", type=click.Path(path_type=Path), metavar="FILE", help="Bind devices as in this site. / 按该站点配置绑定设备"
)
def command(trace: Path, config: Path | None) -> None:
    """Turn a trace of readings into events. / 把读数记录回放成事件。"""
    reader = TraceReader()
    site, polled = bound(trace, config)
    kinds: Counter[str] = Counter()
    with opened(trace) as lines:
        try:
            for event in replay(site, polled, reader, _counted(lines, kinds)):
                kinds[event.change.kind.value] += 1
                click.echo(encode(event))
        except BadLine as bad:
            raise trouble(trace, bad) from None
    _summary(reader, kinds)


def _counted(lines: TextIO, kinds: Counter[str]) -> Iterator[str]:
    for line in lines:
        kinds["lines"] += 1
        yield line


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
