"""`kerbgate backlog`: what waits in the journal, whether every row of it is sound, and its events as JSON lines."""

import json
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click

from gateway.clock import system_wall
from gateway.console.backlog_source import Source, source
from gateway.console.site_file import config_option, loaded
from gateway.console.speech import fault, hint, tell
from gateway.journal.checks import Fault
from gateway.journal.row import Backlog, Row
from gateway.journal.trouble import JournalTrouble
from gateway.local_socket import NoDaemon


@click.command("backlog")
@config_option
@click.option("--verify", is_flag=True, help="Check every row. / 校验每一行")
@click.option("--export", metavar="FILE|-", help="Write the events that are kept as JSON lines. / 将保存的事件导出为 JSON 行")
@click.option("--json", "as_json", is_flag=True, help="For programs. / 供程序读取")
def command(config: Path, *, verify: bool, export: str | None, as_json: bool) -> None:
    """What waits in the journal. / 查看日志中等待上传的事件。"""
    site = loaded(config).site
    try:
        with source(site.journal.path, site.gateway) as journal:
            if export is not None:
                _export(journal, export)
            faults = journal.faults() if verify else None
            # The events have the stdout when they go there.
            if export != "-":
                _show(journal.backlog(), faults, as_json=as_json)
    except JournalTrouble as trouble:
        fault(trouble.sentence, **trouble.values)
    except NoDaemon:
        fault("backlog.daemon_gone")
    if faults:
        fault("backlog.faults", count=len(faults))


def _export(journal: Source, target: str) -> None:
    written = after = 0
    # What is committed while this runs is left for the next time.
    last = journal.backlog().last_sequence
    try:
        with ExitStack() as stack:
            out = sys.stdout if target == "-" else stack.enter_context(Path(target).open("w", encoding="utf-8"))
            while after < last and (bodies := journal.bodies(after)):
                out.writelines(body + "\n" for _, body in bodies)
                after = bodies[-1][0]
                written += len(bodies)
    except OSError as error:
        fault("backlog.unwritten", path=target, why=error.strerror or str(error))
    hint("backlog.exported", count=written, path=target)


def _show(backlog: Backlog, faults: tuple[Fault, ...] | None, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_for_programs(backlog, faults), ensure_ascii=False))
        return
    oldest = backlog.oldest_waiting
    if oldest is None:
        tell("backlog.none_waiting")
    else:
        tell("backlog.waiting", count=backlog.waiting, age=_hours(_age_s(oldest)), subject=oldest.subject, sequence=oldest.sequence)
    tell("backlog.kept", count=backlog.acknowledged, last=backlog.last_sequence, kib=round(backlog.bytes_on_disk / 1024))
    if faults is not None and not faults:
        tell("backlog.sound", count=backlog.waiting + backlog.acknowledged)
    for each in faults or ():
        tell(each.sentence, sequence=each.sequence, last=each.last)


def _for_programs(backlog: Backlog, faults: tuple[Fault, ...] | None) -> dict[str, object]:
    oldest = backlog.oldest_waiting
    return {
        "waiting": backlog.waiting,
        "acknowledged": backlog.acknowledged,
        "oldest_waiting": None
        if oldest is None
        else {"sequence": oldest.sequence, "subject": oldest.subject, "age_s": round(_age_s(oldest), 1)},
        "last_sequence": backlog.last_sequence,
        "bytes_on_disk": backlog.bytes_on_disk,
    } | ({} if faults is None else {"faults": [{"what": each.sentence, "first": each.sequence, "last": each.last} for each in faults]})


def _age_s(row: Row) -> float:
    """Since it was certain, by this computer's clock."""
    return max(0.0, (system_wall() - datetime.fromisoformat(json.loads(row.body)["recordedtime"])).total_seconds())


def _hours(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
