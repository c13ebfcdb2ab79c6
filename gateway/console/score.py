"""`kerbgate score`: how good the events are, beside the truth. A trace is replayed first; events of `replay` are taken as they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from config.sentences import say
from drivers.reading import Reading
from gateway.console.score_show import as_json_text, show
from gateway.console.site_file import loaded
from gateway.console.speech import Status, Trouble, fault, hint, language, wrong_call
from gateway.console.trace_file import bound, opened, trouble
from gateway.detection.change import BayChange
from gateway.replay import BadLine, TraceReader, replay
from gateway.scoring.judging import Judged, judged
from gateway.scoring.picture import Band, picture
from gateway.scoring.told import EventFault, Told, read_events, told_of
from gateway.scoring.truth import Device, Truth, TruthFault, read_truth
from gateway.trace import parse_line

_DRAWN = ("true", "told", "found", "missed", "invented", "unseen")


@click.command("score")
@click.argument("what", metavar="TRACE|EVENTS", type=click.Path(path_type=Path))
@click.argument("truth", type=click.Path(path_type=Path))
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Bind devices as in this site. / 按该站点配置绑定设备")
@click.option("--picture", "drawing", type=click.Path(path_type=Path), metavar="FILE.svg", help="Draw the errors. / 画出误差")
@click.option("--json", "as_json", is_flag=True, help="One JSON object. / 输出一个 JSON 对象")
def command(what: Path, truth: Path, config: Path | None, drawing: Path | None, *, as_json: bool) -> None:
    """Compare events with what really happened. The first file is a trace of readings, which is replayed, or the events that
    `replay` printed. / 将事件与真实情况对比。第一个文件是读数记录（会先回放），或 `replay` 输出的事件。"""
    facts = _truth(truth)
    told, until_s = _told(what, config)
    bays = [_judged(device, facts, told.get(device, ()), until_s) for device in facts.facts]
    if not any(bay.found for bay in bays):
        fault("score.nothing", path=truth)
    unknown = sorted(set(told) - set(facts.facts))
    if unknown:
        hint("score.no_truth", devices=", ".join(unknown[:5]), count=len(unknown))
    if drawing is not None:
        _draw(drawing, [Band(bay, facts.facts[bay.device], told.get(bay.device, ())) for bay in bays])
    if as_json:
        click.echo(as_json_text(bays))
    else:
        show(bays)


def _judged(device: str, truth: Truth, told: Sequence[Told], until_s: float | None) -> Judged:
    facts = truth.facts[device]
    ends_s = (
        until_s if until_s is not None else max((*(fact.settled_s for fact in facts), *(each.confirmed_s for each in told)), default=0.0)
    )
    return judged(device, truth.devices.get(device, Device()), facts, told, ends_s)


def _truth(path: Path) -> Truth:
    with opened(path) as lines:
        try:
            return read_truth(lines)
        except TruthFault as bad:
            why = say(bad.sentence, language(), **bad.values)
            raise Trouble("score.bad_truth", Status.WRONG_CALL, path=path, line=bad.number, why=why) from None


def _told(path: Path, config: Path | None) -> tuple[dict[str, list[Told]], float | None]:
    """By device, and until when the trace lasts; None where only events are there."""
    if _is_events(path):
        device_of = {} if config is None else {bay.id: bay.watched_by[0] for bay in loaded(config).site.bays}
        with opened(path) as lines:
            try:
                return _by_device(read_events(lines), device_of), None
            except EventFault as bad:
                raise Trouble("score.bad_event", path=path, line=bad.number) from None
    site, polled = bound(path, config)
    last: list[str] = []
    with opened(path) as lines:
        try:
            changes = [event.change for event in replay(site, polled, TraceReader(), _remembered(lines, last))]
        except BadLine as bad:
            raise trouble(path, bad) from None
    told = [told_of(change) for change in changes if isinstance(change, BayChange)]
    device_of = {bay.id: bay.watched_by[0] for bay in site.bays}
    return _by_device((each for each in told if each is not None), device_of), _time(last)


def _is_events(path: Path) -> bool:
    with opened(path) as lines:
        first = next((line for line in lines if line.strip()), "")
    return '"specversion"' in first


def _remembered(lines: Iterable[str], last: list[str]) -> Iterator[str]:
    """The last whole line is kept: it says until when the trace lasts."""
    for line in lines:
        if line.endswith("\n") and line.strip():
            last[:] = [line]
        yield line


def _time(last: Sequence[str]) -> float | None:
    entry = parse_line(last[0]) if last else None
    return entry.t if isinstance(entry, Reading) else None


def _by_device(told: Iterable[Told], device_of: Mapping[str, str]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for each in told:
        found.setdefault(device_of.get(each.bay, each.bay), []).append(each)
    return found


def _draw(path: Path, bands: Sequence[Band]) -> None:
    words = {word: say(f"score.{word}", language()) for word in _DRAWN}
    try:
        path.write_text(picture(bands, words), "utf-8")
    except OSError as why:
        wrong_call("score.unwritable", path=path, why=why.strerror)
