"""`kerbgate`: finds the verb and hands over. Each verb is a file of this folder, imported only when it is called."""

import importlib
import sys

import click

from config.site import Language
from gateway.console.speech import language

VERBS = ("run", "demo", "check", "profiles", "read", "watch", "trace", "record", "replay", "score", "backlog", "simulate")


class Verbs(click.Group):
    """Verbs by name; `kerbgate.console.<verb>.command` is imported when its verb is called, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f"gateway.console.{cmd_name}").command
        assert isinstance(command, click.Command)
        _speak(command)
        return command

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _speak(self)
        super().format_help(ctx, formatter)


def _speak(command: click.Command) -> None:
    """Help is written "English. / 中文。", side by side where the option stands; only the reader's half is shown."""
    options = (option for option in command.params if isinstance(option, click.Option))
    written: tuple[click.Command | click.Option, ...] = (command, *options)
    for shown in written:
        shown.help = _half(vars(shown).setdefault("whole_help", shown.help))


def _half(text: str | None) -> str | None:
    english, both, chinese = (text or "").partition(" / ")
    return text if not both else chinese if language() is Language.ZH else english


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), is_eager=True, help="Language; the locale's where absent. / 语言；默认随系统区域设置"
)
@click.version_option(package_name="kerbgate")
def kerbgate(lang: str | None) -> None:
    """The gateway in a box at the roadside: bays and fences in, proven events out. / 路侧网关：接入泊位与电子围栏，输出可证实的事件。"""


def main() -> None:
    # Python ignores SIGPIPE, and so must we: a broker that closes while we write would kill the daemon. click sees to `| head`.
    sys.exit(kerbgate(prog_name="kerbgate"))
