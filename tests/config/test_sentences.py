"""Sentences: both languages, the same places to fill in, and a hint for every mistake."""

import re
from pathlib import Path
from string import Formatter

import config
from config.sentences import catalogue

CONFIG = Path(config.__file__).parent


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_fill_in_the_same_values() -> None:
    for sentence, texts in catalogue().items():
        assert texts.keys() == {"en", "zh"}, sentence
        assert _places(texts["en"]) == _places(texts["zh"]) or sentence == "config.pattern_gateway.next", sentence


def test_every_sentence_that_the_code_names_exists_and_none_is_left_over() -> None:
    named = {word for file in CONFIG.glob("*.py") for word in re.findall(r'"(config\.[a-z_0-9.]+)"', file.read_text("utf-8"))}
    written = {sentence for sentence in catalogue() if sentence.startswith("config.")}
    assert named - written == set()
    assert {sentence for sentence in written - named if not sentence.endswith(".next")} == set()


def test_every_mistake_has_a_hint() -> None:
    hints = {"did_you_mean", "remove_the_quotes", "write_one_value"}
    for sentence in catalogue():
        head, *rest = sentence.removeprefix("config.").split(".")
        if sentence.startswith("config.") and not rest and head not in hints:
            followers = [other for other in catalogue() if other.startswith(sentence + ".")]
            assert followers, f"{sentence} tells nobody what to do next"
