"""Sentences for people, by id, in Chinese and English.

`text/` holds one JSON file an area: {"id": {"en": "…{value}…", "zh": "…{value}…"}}. Both texts stand side by side so that
nobody changes one and forgets the other. Ids are dotted and begin with the area: "check.ok".
"""

import json
import os
from functools import cache
from importlib.resources import files

from config.site import Language


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All sentences of all areas; an id that stands in two areas is a programmer's error."""
    sentences: dict[str, dict[str, str]] = {}
    for area in sorted(files("config").joinpath("text").iterdir(), key=lambda entry: entry.name):
        if area.name.endswith(".json"):
            for sentence, texts in json.loads(area.read_text("utf-8")).items():
                assert sentence not in sentences, f"the sentence {sentence} stands in two areas"
                sentences[sentence] = texts
    return sentences


def say(sentence: str, language: Language, /, **values: object) -> str:
    """The sentence with this id, in this language, with its places filled in."""
    return catalogue()[sentence][language.value].format(**values)


def language_of_locale() -> Language:
    """What the terminal's locale asks for: Chinese where it says so, else English."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return Language.ZH if locale.lower().startswith("zh") else Language.EN
