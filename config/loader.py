"""YAML to models: the one door to the YAML library. Every mistake at once, as file:line:column with a hint.

A file is read in three passes, and the mistakes of all that could be done are told together: the parser's events grow a tree in
which everything knows its place (`growing.py`), the model validates the values (`reasons.py` puts its errors into words), and
rules look at what concerns two places at once (`rules.py`).
"""

import json
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence as AnySequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from config.catalogue import Profiles, gather
from config.growing import Growing
from config.mistakes import MOST_MISTAKES, ConfigError, Mistake, in_order
from config.parts import Gatherer
from config.profile import Profile
from config.profile_rules import wrong_in_profile
from config.reasons import mistakes_in
from config.rules import worth_saying, wrong_in
from config.site import Site
from config.source import text_of
from config.syntax import UNCLOSED_QUOTE, broken, unreadable_character
from config.tree import Mapping, Node, Place, Sequence, plain

Model = TypeVar("Model", bound=BaseModel)


def load_model(path: Path, model: type[Model], context: AnyMapping[str, object] | None = None) -> Model:
    """The file as one model. Raises ConfigError with every mistake that was found.

    The validation context always holds `folder`, the file's own, at which relative paths begin.
    """
    return _loaded(path, model, context)[1]


def _loaded(path: Path, model: type[Model], context: AnyMapping[str, object] | None = None) -> tuple[Node, Model]:
    root, mistakes = read_tree(path)
    try:
        loaded = validated(root, model, path, context)
    except ValidationError as error:
        raise ConfigError(together(mistakes, mistakes_in(error, model, root, str(path)))) from error
    if mistakes:
        raise ConfigError(mistakes)
    return root, loaded


def together(first: list[Mistake], then: list[Mistake]) -> list[Mistake]:
    """A value that could not be read, or is none of its kind, has been told about; what is said of its place later is an echo."""
    told = {(mistake.line, mistake.column) for mistake in first}
    return [*first, *(mistake for mistake in then if (mistake.line, mistake.column) not in told)]


def validated(node: Node, model: type[Model], path: Path, context: AnyMapping[str, object] | None = None) -> Model:
    """Strict, so that `unit: true` is no unit; as JSON, so that words become enums and paths, and lists become tuples."""
    values = json.dumps(plain(node), ensure_ascii=False)
    return model.model_validate_json(values, strict=True, context={"folder": path.parent, **(context or {})})


def read_tree(path: Path) -> tuple[Node, list[Mistake]]:
    """The tree of the file, and the mistakes that leave it readable. Raises ConfigError for those that do not."""
    text = text_of(path)
    growing = Growing(str(path))
    try:
        _grow(growing, text)
    except ConfigError:
        raise
    except ReaderError as error:
        raise ConfigError([unreadable_character(str(path), text, error.position, error.character)]) from error
    except MarkedYAMLError as error:
        # A quotation mark that is never closed is missed at the end of the file; what has to be found is where it was opened.
        opened = error.context_mark if str(error.context) == UNCLOSED_QUOTE else None
        mark = opened or error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark is not None else (0, 0)
        raise ConfigError([*growing.mistakes, *broken(str(path), text, str(error.context), str(error.problem), line, column)]) from error
    except Exception as error:
        # The library has no list of what it raises: escapes beyond Unicode give OverflowError, some directives AttributeError.
        raise ConfigError(
            [*growing.mistakes, *broken(str(path), text, "", "", growing.latest.line - 1, growing.latest.column - 1)]
        ) from error
    if growing.root is None:
        raise ConfigError([Mistake(str(path), 1, 1, "config.empty")])
    if not isinstance(growing.root, Mapping):
        place = growing.root.place
        raise ConfigError([*growing.mistakes, Mistake(str(path), place.line, place.column, "config.top_is_no_mapping")])
    return growing.root, growing.mistakes


def _grow(growing: Growing, text: str) -> None:
    documents = 0
    parser = YAML(typ="safe", pure=True)
    event: Any
    for event in parser.parse(text):
        place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        growing.latest = place
        tag = None if getattr(event, "tag", None) is None else str(event.tag)
        match event:
            case DocumentStartEvent():
                documents += 1
                if documents > 1:
                    growing.second_document(place)
            case ScalarEvent():
                growing.scalar(place, event.value, is_plain=event.style is None, tag=tag, anchor=event.anchor)
            case MappingStartEvent():
                growing.open(Mapping(place), tag=tag, anchor=event.anchor)
            case SequenceStartEvent():
                growing.open(Sequence(place), tag=tag, anchor=event.anchor)
            case MappingEndEvent() | SequenceEndEvent():
                growing.close()
            case AliasEvent():
                growing.alias(place, str(event.anchor))


@dataclass(frozen=True, slots=True)
class LoadedSite:
    """A site that is right, with the profiles its devices refer to. `advice` is what is allowed and hardly meant."""

    site: Site
    profiles: Profiles
    path: Path
    advice: tuple[Mistake, ...] = ()


def load_site(path: Path, profile_folders: AnySequence[Path] = ()) -> LoadedSite:
    """The site, checked as a whole. A folder `profiles` beside the file is read too. Raises ConfigError."""
    root, mistakes = read_tree(path)
    beside = path.parent / "profiles"
    gathered = gather([*([beside] if beside.is_dir() else []), *profile_folders], load_profile)

    def valid(node: Node, model: type[BaseModel]) -> BaseModel | None:
        try:
            return validated(node, model, path)
        except ValidationError:
            return None

    parts = Gatherer(root, valid).parts(gathered.profiles, gathered.broken)
    wrong = [found.mistake(root, str(path)) for found in islice(wrong_in(parts), 2 * MOST_MISTAKES)]
    try:
        site = validated(root, Site, path)
    except ValidationError as error:
        of_the_values = together(mistakes, mistakes_in(error, Site, root, str(path)))
        raise ConfigError([*together(of_the_values, wrong), *gathered.mistakes]) from error
    if mistakes or wrong or gathered.mistakes:
        raise ConfigError([*mistakes, *wrong, *gathered.mistakes])
    return LoadedSite(site, gathered.profiles, path, in_order(found.mistake(root, str(path)) for found in worth_saying(parts)))


def load_profile(path: Path) -> Profile:
    """One device profile. Raises ConfigError."""
    root, profile = _loaded(path, Profile)
    wrong = [found.mistake(root, str(path)) for found in wrong_in_profile(profile, path.stem)]
    if wrong:
        raise ConfigError(wrong)
    return profile
