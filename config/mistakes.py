"""A mistake in a file that a person wrote: where it is, what it is, and what to do about it.

Mistakes carry the id of their sentence, not the sentence: whoever shows them chooses the language.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config.sentences import catalogue, say
from config.site import Language

MOST_MISTAKES = 100
"""More than this is not read by anybody; the last one then says how many were left out."""

_MOST_SHOWN = 60


def shown(value: object) -> str:
    """What somebody wrote, as one short line that is safe on any terminal."""
    if value is None:
        return "null"
    text = printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def printable(text: str | Path) -> str:
    """Without anything that a terminal would obey."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in str(text))


@dataclass(frozen=True, slots=True)
class Mistake:
    """Lines and columns count from 1, as editors do. `hint` is a sentence too; the one under `sentence + ".next"` where absent."""

    file: str
    line: int
    column: int
    sentence: str
    values: tuple[tuple[str, object], ...] = ()
    hint: str | None = None

    def message(self, language: Language) -> str:
        return say(self.sentence, language, **self._safe_values())

    def advice(self, language: Language) -> str | None:
        hint = self.hint or self.sentence + ".next"
        return say(hint, language, **self._safe_values()) if hint in catalogue() else None

    def _safe_values(self) -> dict[str, object]:
        return {name: printable(value) if isinstance(value, str | Path) else value for name, value in self.values}

    @property
    def place(self) -> str:
        return f"{printable(self.file)}:{self.line}:{self.column}"

    def words(self, language: Language) -> str:
        """The message, and the hint in brackets."""
        advice = self.advice(language)
        return self.message(language) + (f" ({advice})" if advice else "")

    def text(self, language: Language) -> str:
        return f"{self.place}: {self.words(language)}"


class ConfigError(Exception):
    """A file is wrong. It holds every mistake that could be found in one go, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = in_order(mistakes)
        super().__init__("\n".join(mistake.text(Language.EN) for mistake in self.mistakes))


def in_order(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """By file, line and column; one said twice is said once; at most MOST_MISTAKES."""
    ordered = sorted(dict.fromkeys(mistakes), key=lambda mistake: (mistake.file, mistake.line, mistake.column))
    if len(ordered) <= MOST_MISTAKES:
        return tuple(ordered)
    last = ordered[MOST_MISTAKES - 1]
    left_out = len(ordered) - MOST_MISTAKES + 1
    more = Mistake(last.file, last.line, last.column, "config.and_more", (("count", left_out),))
    return (*ordered[: MOST_MISTAKES - 1], more)
