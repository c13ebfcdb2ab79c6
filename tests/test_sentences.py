"""Sentences for people: both languages say the same, the code names none that is missing, and none is left over."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from string import Formatter

import pytest

from config.sentences import catalogue
from tests.checkout import ROOT, sources

AREAS = {path.stem: json.loads(path.read_text("utf-8")) for path in (ROOT / "config" / "text").glob("*.json")}
ID = re.compile(rf"(?:{'|'.join(AREAS)})(?:\.[a-z0-9_]+)+")
# Words that look like ids and are the names of files.
ENDINGS = ("db", "json", "jsonl", "yaml", "sock", "lock", "py")
# Their first argument is an id, the named ones fill it in; so are those of every exception named ...Trouble.
SPEAKERS = {"say", "tell", "hint", "fault", "wrong_call"}


def _places(text: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name is not None}


def _documentation(tree: ast.Module) -> set[int]:
    """Texts that nobody reads at run time: those that stand alone as a statement."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


@cache
def _named() -> dict[str, str]:
    """Every text in the code that reads as an id, with one place where it stands."""
    found = {}
    for name, tree in sources().items():
        documentation = _documentation(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
                text = node.value
                if ID.fullmatch(text) and text not in _beginnings() and (text in catalogue() or text.rpartition(".")[2] not in ENDINGS):
                    found[text] = f"{name}:{node.lineno}"
    return found


@cache
def _beginnings() -> dict[str, str]:
    """The fixed beginnings of ids that the code puts together: f"event.{type}", "event." + type."""
    found = {}
    for name, tree in sources().items():
        for node in ast.walk(tree):
            first = node.values[0] if isinstance(node, ast.JoinedStr) else node.left if isinstance(node, ast.BinOp) else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and isinstance(node, ast.JoinedStr | ast.BinOp):
                area, dot, _ = first.value.partition(".")
                if dot and area in AREAS:
                    found[first.value] = f"{name}:{node.lineno}"
    return found


def _spoken() -> Iterator[tuple[str, str, set[str]]]:
    """Place, id and given values of every call that speaks a sentence by its id and gives its values by name."""
    for name, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                speaker = ast.unparse(node.func).rpartition(".")[2]
                if speaker in SPEAKERS or speaker.endswith("Trouble"):
                    given = {keyword.arg for keyword in node.keywords}
                    if None not in given:  # **values can't be looked into from here
                        yield f"{name}:{node.lineno}", node.args[0].value, {name for name in given if name}


@pytest.mark.parametrize("area", sorted(AREAS))
def test_each_sentence_is_there_in_both_languages_with_the_same_places(area: str) -> None:
    for sentence, languages in AREAS[area].items():
        assert sentence.startswith(area + "."), f"{sentence}: an id in {area}.json begins with {area}."
        assert languages.keys() == {"en", "zh"}, f"{sentence} is there in {', '.join(languages)}: write it in en and zh"
        assert all(text.strip() for text in languages.values()), f"{sentence} is empty"
        english, chinese = (_places(languages[language]) for language in ("en", "zh"))
        assert english == chinese, f"{sentence}: en fills in {sorted(english)}, zh {sorted(chinese)}"


@pytest.mark.parametrize("area", sorted(AREAS))
def test_no_id_stands_twice_in_a_file(area: str) -> None:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"twice in {area}.json: {sorted({key for key in keys if keys.count(key) > 1})}"
        return dict(pairs)

    json.loads((ROOT / "config" / "text" / f"{area}.json").read_text("utf-8"), object_pairs_hook=once)


@pytest.mark.parametrize("area", sorted(AREAS))
def test_each_hint_belongs_to_a_sentence(area: str) -> None:
    # A sentence that has several hints, each for a cause, stands under them as a beginning only: "config.x.next.cause".
    for sentence in AREAS[area]:
        if sentence.endswith(".next") and sentence.count(".") > 1:
            assert sentence.removesuffix(".next") in AREAS[area], f"{sentence} is the hint of nothing"


def test_every_id_that_the_code_names_exists() -> None:
    known = catalogue()
    missing = [f"{place}: {sentence} is not in config/text/" for sentence, place in _named().items() if sentence not in known]
    missing += [
        f"{place}: nothing in config/text/ begins with {beginning}"
        for beginning, place in _beginnings().items()
        if not any(sentence.startswith(beginning) for sentence in known)
    ]
    assert not missing, "\n" + "\n".join(missing)


def test_every_spoken_sentence_is_given_all_its_values() -> None:
    faults = []
    known = catalogue()
    for place, sentence, given in _spoken():
        if sentence not in known:
            faults.append(f"{place}: {sentence} is not in config/text/")
            continue
        wanted = _places(known[sentence]["en"]) | _places(known.get(sentence + ".next", {"en": ""})["en"])
        if not place.startswith("config/sentences") and wanted - given:
            faults.append(f"{place}: {sentence} is not given {', '.join(sorted(wanted - given))}")
    assert not faults, "\n" + "\n".join(faults)


def test_no_sentence_is_left_over() -> None:
    named, beginnings = _named(), tuple(_beginnings())
    left = [
        sentence
        for sentence in catalogue()
        if sentence not in named and sentence.removesuffix(".next") not in named and not sentence.startswith(beginnings)
    ]
    assert not left, f"nobody says: {', '.join(left)}"
