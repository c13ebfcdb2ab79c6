"""`kerbgate check`: is a site right, what do its polls cost, (with --plan) how often will each be made, and (with --live)
does every device answer?
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import click

from config.lines import load_of_bus
from config.loader import LoadedSite, load_site
from config.mistakes import ConfigError, Mistake
from config.sentences import say
from config.site import Bus, SerialLine, TcpLine
from gateway.console.check_live import LiveTable
from gateway.console.check_plan import PlanTable, plan_of
from gateway.console.speech import Status, fault, hint, language, tell
from gateway.console.table import Column, print_table


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--live", is_flag=True, help="Also ask every device once. / 同时逐台询问设备")
@click.option("--plan", is_flag=True, help="Also show how often each poll will be made. / 同时预测每项轮询的实际周期")
@click.option("--profiles", multiple=True, type=click.Path(path_type=Path), metavar="FOLDER", help="More device profiles. / 附加型号目录")
@click.option("--json", "as_json", is_flag=True, help="One JSON object. / 输出一个 JSON 对象")
def command(file: Path, profiles: tuple[Path, ...], *, live: bool, plan: bool, as_json: bool) -> None:
    """Check a site file; every mistake at once. / 检查站点配置文件，一次列出全部错误。"""
    try:
        site = load_site(file, profiles)
    except ConfigError as error:
        _wrong(file, error.mistakes, as_json=as_json)
        raise SystemExit(int(Status.WRONG_CALL)) from None
    if not as_json:
        _right(site)
    planned = plan_of(site) if plan else None
    if planned is not None and not as_json:
        planned.show(language())
    answers = _asked(site, as_json=as_json) if live else None
    if as_json:
        _print_json(site, answers, planned)
    elif answers is not None:
        answers.show(language())
    if answers is not None and answers.failed:
        fault("check.live_fault", failed=answers.failed, devices=len(answers.answers))
    if answers is not None and not as_json:
        tell("check.live_well", devices=len(answers.answers))


def _wrong(file: Path, mistakes: Sequence[Mistake], *, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps({"file": str(file), "right": False, "mistakes": [_said(mistake) for mistake in mistakes]}, ensure_ascii=False)
        )
        return
    for mistake in mistakes:
        click.echo(mistake.text(language()), err=True)
    hint("check.wrong" if len(mistakes) > 1 else "check.wrong_one", count=len(mistakes), file=file)


def _right(loaded: LoadedSite) -> None:
    site = loaded.site
    for mistake in loaded.advice:
        click.echo(f"{mistake.place}: {say('check.note', language())}: {mistake.words(language())}", err=True)
    counts = {"buses": len(site.buses), "devices": len(site.devices), "bays": len(site.bays), "stations": len(site.stations)}
    tell("check.right", file=loaded.path, **counts)
    columns = ("check.bus", "check.line", "check.devices", "check.reads", "check.busy", "check.percent")
    rows = []
    for bus in site.buses:
        load = load_of_bus(bus, site.devices, loaded.profiles)
        members = str(sum(device.bus == bus.name for device in site.devices))
        costs = ("-", "-", "-") if load is None else (f"{load.reads_per_s:.2f}", f"{load.ms_per_s:.0f}", f"{load.percent:.0f} %")
        rows.append((bus.name, _wire(bus), members, *costs))
    print_table([Column(say(column, language()), right=index > 1) for index, column in enumerate(columns)], rows)


def _wire(bus: Bus) -> str:
    line = bus.line
    if isinstance(line, TcpLine):
        return f"tcp {line.host}:{line.port}"
    wire = f"{line.baud} 8{line.parity.value[0].upper()}{line.stop_bits}"
    return f"{line.port} {wire}" if isinstance(line, SerialLine) else f"rtu_over_tcp {line.host}:{line.port} {wire}"


def _asked(site: LoadedSite, *, as_json: bool) -> LiveTable:
    # Only here: the drivers cost more to import than a whole check without them.
    from gateway.live import ask_every_device  # noqa: PLC0415
    from gateway.logs import begin  # noqa: PLC0415

    if not as_json:
        hint("check.live_asking", devices=len(site.site.devices))
    return LiveTable(asyncio.run(ask_every_device(site, begin(logging.ERROR))))


def _print_json(loaded: LoadedSite, answers: LiveTable | None, planned: PlanTable | None) -> None:
    site = loaded.site
    buses = []
    for bus in site.buses:
        load = load_of_bus(bus, site.devices, loaded.profiles)
        members = sum(device.bus == bus.name for device in site.devices)
        costs = {} if load is None else {"reads_per_s": round(load.reads_per_s, 3), "ms_per_s": round(load.ms_per_s, 1)}
        buses.append({"name": bus.name, "kind": bus.line.kind, "devices": members, **costs})
    said: dict[str, object] = {
        "file": str(loaded.path),
        "right": True,
        "buses": buses,
        "devices": len(site.devices),
        "bays": len(site.bays),
        "stations": len(site.stations),
        "advice": [_said(mistake) for mistake in loaded.advice],
    }
    if planned is not None:
        said["plan"] = planned.as_json()
    if answers is not None:
        said["live"] = answers.as_json(language())
    click.echo(json.dumps(said, ensure_ascii=False))


def _said(mistake: Mistake) -> dict[str, object]:
    return {
        "file": mistake.file,
        "line": mistake.line,
        "column": mistake.column,
        "id": mistake.sentence,
        "message": mistake.message(language()),
        "hint": mistake.advice(language()),
    }
