"""`kerbgate run`: the daemon."""

import logging
from pathlib import Path

import click

from gateway.clock import SystemClock
from gateway.console.collector import spare_what_lives_on
from gateway.console.event_loop import run_on_a_loop
from gateway.console.site_file import config_option, loaded
from gateway.console.speech import fault, language
from gateway.console.until_stopped import until_stopped
from gateway.journal.trouble import JournalTrouble
from gateway.logs import begin
from gateway.supervisor import Gateway


@click.command("run")
@config_option
@click.option("--verbose", is_flag=True, help="Log details too. / 记录详细日志")
@click.option(
    "--asyncio", "plain", is_flag=True, help="Not on uvloop's loop, where that is installed. / 即使装有 uvloop 也使用 asyncio 的事件循环"
)
def command(config: Path, *, verbose: bool, plain: bool) -> None:
    """Run the daemon. / 运行守护进程。"""
    site = loaded(config)
    log = begin(logging.DEBUG if verbose else logging.INFO, site.site.language or language())
    gateway = Gateway(site, clock=SystemClock(), log=log, begun=spare_what_lives_on)
    try:
        run_on_a_loop(until_stopped(gateway.run), plain=plain)
    except JournalTrouble as trouble:
        fault(trouble.sentence, **trouble.values)
