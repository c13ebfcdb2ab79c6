"""Help in the reader's language: every text is written in both, side by side, and one half is shown."""

import click
import pytest
from click.testing import CliRunner

from gateway.console.main import VERBS, kerbgate


def _said(*arguments: str) -> str:
    return CliRunner().invoke(kerbgate, [*arguments]).output


@pytest.mark.parametrize("verb", VERBS)
def test_every_help_text_is_written_in_both_languages(verb: str) -> None:
    with click.Context(kerbgate) as context:
        command = kerbgate.get_command(context, verb)
    assert command is not None
    options = [option for option in command.params if isinstance(option, click.Option)]
    written: list[click.Command | click.Option] = [command, *options]
    for shown in written:
        english, slash, chinese = vars(shown)["whole_help"].partition(" / ")
        assert slash, f"{verb}: {shown.name} has one language only"
        assert english.isascii()
        assert not chinese.isascii() or "JSON" in chinese


@pytest.mark.parametrize("order", [["zh", "en"], ["en", "zh"]])
def test_only_the_readers_half_is_shown_whatever_was_shown_before(order: list[str]) -> None:
    for language in order:
        out = _said("--lang", language, "check", "--help")
        assert ("检查站点配置文件" in out) is (language == "zh")
        assert ("Check a site file" in out) is (language == "en")


def test_the_list_of_verbs_is_in_the_language_that_was_asked_for() -> None:
    assert "运行守护进程" in _said("--lang", "zh", "--help")
    assert "Run the daemon" in _said("--lang", "en", "--help")
