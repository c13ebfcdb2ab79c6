"""`kerbgate watch`: what the running daemon knows, again and again: bays, stations, devices, and what their lines have counted."""

import asyncio
import json
import sys
from pathlib import Path

import click
from pydantic import TypeAdapter

from gateway.console.site_file import config_option, loaded
from gateway.console.speech import fault
from gateway.console.until_stopped import until_stopped
from gateway.console.watch_show import Shown, show
from gateway.local_socket import NoDaemon, Request, Verb, ask, socket_path

SHOWN = TypeAdapter(Shown)
_CLEAR = "\x1b[2J\x1b[H"


@click.command("watch")
@config_option
@click.option("--once", is_flag=True, help="Show it once and end. / 只显示一次")
@click.option("--every", "every_s", type=click.FloatRange(min=0.2), default=2.0, help="Seconds between two looks. / 刷新间隔（秒）")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a look. / 每次输出一个 JSON 对象")
def command(config: Path, every_s: float, *, once: bool, as_json: bool) -> None:
    """Bays, stations, devices and lines of the running daemon, live. / 实时查看泊位、站点、设备和总线。"""
    socket = socket_path(loaded(config).site.journal.path)

    async def watch(stop: asyncio.Event) -> None:
        while not stop.is_set():
            parts = await _state(socket)
            if as_json:
                click.echo(json.dumps(parts, ensure_ascii=False))
            else:
                click.echo(_CLEAR if sys.stdout.isatty() and not once else "", nl=False)
                show(SHOWN.validate_python(parts))
            if once:
                return
            try:
                async with asyncio.timeout(every_s):
                    await stop.wait()
            except TimeoutError:
                continue

    asyncio.run(until_stopped(watch))


async def _state(socket: Path) -> dict[str, object]:
    """All parts of the daemon's snapshot in one."""
    try:
        answer = await ask(socket, Request(verb=Verb.STATUS))
    except (NoDaemon, TimeoutError, ConnectionError):
        fault("watch.no_daemon")
    if not answer.ok:
        fault(answer.sentence or "watch.no_daemon", **answer.values)
    parts: dict[str, object] = {}
    for line in answer.lines:
        parts |= json.loads(line)
    return parts
