"""`kerbgate simulate`: stands a scenario's lines up, says where they are, and then tells what happens in the street."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import click

from config.mistakes import ConfigError
from gateway.console.simulate_days import write_days
from gateway.console.simulate_show import Show, list_scenarios, people_or_json
from gateway.console.speech import Status, hint, language, wrong_call
from gateway.console.speech import fault as trouble
from gateway.console.until_stopped import until_stopped
from simulators.scenario import Scenario, UnknownScenario, load_scenario
from simulators.stand import Stand

_SITE = "site.yaml"
_MARK = "# Written by `kerbgate simulate`; it is written again at the next start."
_LOOK_S = 0.2


@click.command("simulate")
@click.argument("scenario", required=False)
@click.option("--seconds", type=click.FloatRange(min=0.1), help="End by itself after so long. / 运行多少秒后自动结束")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="For site.yaml and the links of ptys; temporary where absent. / 存放 site.yaml 和伪终端链接的目录",
)
@click.option("--seed", type=click.IntRange(min=0), help="Another street of the same kind. / 换一条同类街道")
@click.option("--broker", metavar="HOST:PORT", help="Where events go; the way there is cut as the scenario says. / 上行用的消息服务器")
@click.option(
    "--trace",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="No lines: write what the devices report in days. / 不建线路，直接写出读数记录",
)
@click.option(
    "--truth", type=click.Path(path_type=Path), metavar="FILE", help="With --trace: what really happened. / 与 --trace 同用：真实情况"
)
@click.option(
    "--days",
    type=click.FloatRange(min=0, min_open=True, max=366),
    default=1.0,
    show_default=True,
    help="With --trace: how many. / 与 --trace 同用：天数",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: what stands, then what happens. / 输出 JSON Lines")
@click.option("--list", "listing", is_flag=True, help="Name the scenarios. / 列出全部场景")
def command(
    scenario: str | None,
    seconds: float | None,
    folder: Path | None,
    seed: int | None,
    broker: str | None,
    trace: Path | None,
    truth: Path | None,
    days: float,
    *,
    as_json: bool,
    listing: bool,
) -> None:
    """Stand up simulated lines and tell where they are and what happens. SCENARIO is the name of a packaged scenario, or a YAML
    file. / 建立模拟线路，显示其位置和实际发生的情况。SCENARIO 是内置场景名，或一个 YAML 文件。"""
    if listing:
        list_scenarios(as_json=as_json)
        return
    if scenario is None:
        wrong_call("simulators.no_scenario")
    chosen = _loaded(scenario)
    if trace is not None:
        write_days(chosen, trace, truth, days=days, seed=seed)
        return
    if truth is not None:
        wrong_call("simulators.truth_alone")
    way = _broker(broker)
    with tempfile.TemporaryDirectory(prefix="kerbgate-simulate-", ignore_cleanup_errors=True) as temporary:
        where = _usable(folder) if folder is not None else Path(temporary)
        stand = Stand(chosen, where, seed=seed)
        asyncio.run(until_stopped(lambda stop: _stand(stop, stand, where, way, people_or_json(stand, as_json=as_json)), seconds))


def _loaded(name: str) -> Scenario:
    try:
        return load_scenario(name)
    except UnknownScenario as unknown:
        if unknown.nearest is not None:
            wrong_call("simulators.unknown_nearest", name=name, nearest=unknown.nearest)
        wrong_call("simulators.unknown", name=name)
    except ConfigError as error:
        for mistake in error.mistakes:
            click.echo(mistake.text(language()), err=True)
        raise SystemExit(int(Status.WRONG_CALL)) from None


def _broker(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        wrong_call("simulators.broker_form", value=text)
    return host.strip("[]"), int(port)


def _usable(folder: Path) -> Path:
    """Made where it is missing. A file of the user's own in it is never written over."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        site = folder / _SITE
        if site.exists() and not site.read_text("utf-8", errors="replace").startswith(_MARK):
            wrong_call("simulators.in_the_way", path=site)
        site.write_text(_MARK + "\n", "utf-8")
    except OSError as error:
        wrong_call("simulators.folder", folder=folder, reason=error.strerror)
    return folder.absolute()


async def _stand(stop: asyncio.Event, stand: Stand, folder: Path, broker: tuple[str, int] | None, show: Show) -> None:
    async with AsyncExitStack() as standing:
        try:
            await standing.enter_async_context(stand)
            way = None if broker is None else await standing.enter_async_context(stand.before_broker(*broker))
        except FileExistsError as error:
            wrong_call("simulators.in_the_way", path=error.filename)
        except OSError as error:
            trouble("simulators.stand", reason=error.strerror or str(error))
        site = folder / _SITE
        host, port = (None, None) if way is None else (way.host, way.port)
        site.write_text(f"{_MARK}\n{stand.site_yaml(host, port)}", "utf-8")
        show.begin(site)
        if way is not None and broker is not None:
            hint("simulators.broker", host=broker[0], port=broker[1], where=f"{way.host}:{way.port}")
        elif stand.scenario.broker:
            hint("simulators.no_broker")
        await _tell(stop, stand, show)


async def _tell(stop: asyncio.Event, stand: Stand, show: Show) -> None:
    told_s = 0.0
    show.at_zero(stand.truth(told_s))
    while not stop.is_set():
        now = stand.street_time()
        for event in stand.truth(now, told_s):
            show.happened(event)
        told_s = now
        try:
            async with asyncio.timeout(_LOOK_S):
                await stop.wait()
        except TimeoutError:
            continue
    show.end(told_s)
