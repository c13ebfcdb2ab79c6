"""`kerbgate replay`: a trace of readings to events, on stdout, one JSON object a line; a summary to stderr."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from gateway.console.replay_why import explanation_text
from gateway.console.speech import hint, wrong_call
from gateway.console.trace_file import bound, opened, trouble
from gateway.detection.drawing import picture as drawing
from gateway.detection.explaining import Explanation
from gateway.replay import BadLine, TraceReader, replay
from gateway.uplink.encodings.cloudevents import encode

_DRAWN_MAX = 200
"""Events in one picture."""


@click.command("replay")
@click.argument("trace", type=click.Path(path_type=Path))
@click.option(
    "--config", "config", type=click.Path(path_type=Path), metavar="FILE", help="Bind devices as in this site. / 按该站点配置绑定设备"
)
@click.option("--explain", is_flag=True, help="Say to stderr why each bay event was told. / 在 stderr 上说明每个泊位事件的依据")
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE.svg", help="Draw the same. / 将依据绘制成图")
def command(trace: Path, config: Path | None, explain: bool, picture: Path | None) -> None:
    """Turn a trace of readings into events. / 把读数记录回放成事件。"""
    reader = TraceReader()
    site, polled = bound(trace, config)
    kinds: Counter[str] = Counter()
    why: list[Explanation] = []

    def explained(explanation: Explanation) -> None:
        if explain:
            click.echo(explanation_text(explanation), err=True)
        if picture is not None and len(why) < _DRAWN_MAX:
            why.append(explanation)

    with opened(trace) as lines:
        try:
            for event in replay(site, polled, reader, _counted(lines, kinds), explained if explain or picture else None):
                kinds[event.change.kind.value] += 1
                click.echo(encode(event))
        except BadLine as bad:
            raise trouble(trace, bad) from None
    if picture is not None:
        try:
            picture.write_text(drawing(why), "utf-8")
        except OSError as reason:
            wrong_call("replay.undrawable", path=picture, why=reason.strerror)
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
