"""How the command line speaks: one sentence of what is wrong, a second of what to do next, and the exit status.

0 all well; 1 the verb ran and found a fault; 2 the call or the configuration is wrong.
"""

from enum import IntEnum
from typing import NoReturn

import click

from config.sentences import catalogue, language_of_locale, say
from config.site import Language


class Status(IntEnum):
    WELL = 0
    FAULT = 1
    WRONG_CALL = 2


class Trouble(click.ClickException):
    """Ends a verb: the sentence (and the one under `sentence + ".next"`, where there is one) to stderr, and the status."""

    def __init__(self, sentence: str, status: Status = Status.FAULT, /, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.values = values
        # Asked for now: by the time that it is shown, click has left the context in which --lang was said.
        self.language = language()

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click has a class variable here; ours differs from call to call
        return int(self.status)

    def format_message(self) -> str:
        spoken = self.language
        lines = [say(self.sentence, spoken, **self.values)]
        if self.sentence + ".next" in catalogue():
            lines.append(say(self.sentence + ".next", spoken, **self.values))
        return "\n".join(lines)

    def show(self, file: object = None) -> None:  # noqa: ARG002
        click.echo(self.format_message(), err=True)


def language() -> Language:
    """What --lang said, else the locale's."""
    context = click.get_current_context(silent=True)
    chosen = context.find_root().params.get("lang") if context is not None else None
    return Language(chosen) if chosen else language_of_locale()


def tell(sentence: str, /, **values: object) -> None:
    """A sentence to stdout."""
    click.echo(say(sentence, language(), **values))


def hint(sentence: str, /, **values: object) -> None:
    """A sentence to stderr, so that stdout stays clean for programs."""
    click.echo(say(sentence, language(), **values), err=True)


def fault(sentence: str, /, **values: object) -> NoReturn:
    raise Trouble(sentence, Status.FAULT, **values)


def wrong_call(sentence: str, /, **values: object) -> NoReturn:
    raise Trouble(sentence, Status.WRONG_CALL, **values)
