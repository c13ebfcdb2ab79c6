"""Sites for tests: a right one in pieces, and what is said about wrong ones."""

import re
from pathlib import Path

from config.loader import load_site
from config.mistakes import ConfigError, Mistake
from config.site import Language

GATEWAY = "gateway: g-1\n"
BUS = "buses:\n  - {name: kerb, line: {kind: serial, port: /dev/ttyTEST0, baud: 9600}}\n"
DEVICES = """devices:
  - {name: d1, bus: kerb, profile: witmotion-wt901c485, unit: 1, poll_s: 2}
  - {name: d2, bus: kerb, profile: witmotion-wt901c485, unit: 2, poll_s: 2}
  - {name: p1, bus: kerb, profile: kerb-pile, unit: 3}
"""
BAYS = "bays:\n  - {id: b1, device: d1}\n  - {id: b2, device: d2}\n"
STATIONS = "stations:\n  - {id: s1, piles: [p1]}\n"
RIGHT = GATEWAY + BUS + DEVICES + BAYS + STATIONS


def written(folder: Path, text: str | bytes, name: str = "site.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def mistakes(path: Path, *profile_folders: Path) -> tuple[Mistake, ...]:
    """Every mistake of the file; none where it is right. Each must be sayable in both languages, on one line."""
    try:
        load_site(path, profile_folders)
    except ConfigError as error:
        for mistake in error.mistakes:
            for language in Language:
                text = mistake.text(language)
                assert "\n" not in text
                assert "pydantic" not in text.lower()
                assert "{" not in text.replace("{…}", "").replace("{ }", "").replace("{}", "").split(": ", 1)[0]
            assert mistake.advice(Language.EN), f"{mistake.sentence} has no hint"
            assert mistake.line >= 1
            assert mistake.column >= 1
        return error.mistakes
    return ()


def told(folder: Path, text: str | bytes) -> list[tuple[int, int, str]]:
    """Line, column and sentence of every mistake."""
    return [(each.line, each.column, each.sentence.removeprefix("config.")) for each in mistakes(written(folder, text))]


def sentences(folder: Path, text: str | bytes) -> list[str]:
    return [sentence for _, _, sentence in told(folder, text)]


def pointed(folder: Path, text: str) -> list[tuple[int, str, str]]:
    """Line, the word that the column points at, and the sentence of every mistake."""
    lines = text.splitlines()
    found = told(folder, text)
    words = [re.match(r"[\w.-]+|.", lines[line - 1][column - 1 :]) for line, column, _ in found]
    return [(line, word.group() if word else "", sentence) for (line, _, sentence), word in zip(found, words, strict=True)]
