"""`kerbgate run`: the daemon."""

import asyncio
import logging
from pathlib import Path

import click

from gateway.clock import SystemClock
from gateway.console.site_file import config_option, loaded
from gateway.console.speech import fault, language
from gateway.console.until_stopped import until_stopped
from gateway.journal.trouble import JournalTrouble
from gateway.logs import begin
from gateway.supervisor import Gateway


@click.command("run")
@config_option
@click.option("--verbose", is_flag=True, help="Log details too. / 记录详细日志")
def command(config: Path, *, verbose: bool) -> None:
    """Run the daemon. / 运行守护进程。"""
    site = loaded(config)
    log = begin(logging.DEBUG if verbose else logging.INFO, site.site.language or language())
    gateway = Gateway(site, clock=SystemClock(), log=log)
    try:
        asyncio.run(until_stopped(gateway.run))
    except JournalTrouble as trouble:
        fault(trouble.sentence, **trouble.values)
