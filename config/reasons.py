"""From a validator's errors to sentences of ours, in the words of somebody who edits the file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from config.mistakes import MOST_MISTAKES, Mistake, shown
from config.nearest import nearest
from config.places import Spot, spot
from config.sentences import catalogue
from config.tree import Mapping, Node, Path, Place, Scalar, Sequence, follow, key_place, nearest_place

_WANTED = {
    "config.want_integer": ("int_type", "int_parsing", "int_from_float"),
    "config.want_number": ("float_type", "float_parsing", "finite_number"),
    "config.want_text": ("string_type", "path_type"),
    "config.want_boolean": ("bool_type", "bool_parsing"),
    "config.want_list": ("tuple_type", "list_type", "set_type", "frozen_set_type"),
    "config.want_mapping": ("model_type", "model_attributes_type", "dict_type"),
}
_BOUNDS = {
    "greater_than": ("config.must_be_more", "gt"),
    "greater_than_equal": ("config.must_be_at_least", "ge"),
    "less_than": ("config.must_be_less", "lt"),
    "less_than_equal": ("config.must_be_at_most", "le"),
}
_LENGTHS = {
    "too_short": "config.list_too_short",
    "too_long": "config.list_too_long",
    "string_too_short": "config.text_empty",
    "string_too_long": "config.text_too_long",
}
_PATTERNS = {
    r"^[0-9A-Za-z_-]{1,23}$": "config.pattern_gateway",
    r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,63}$": "config.pattern_name",
    r"^[a-z0-9][a-z0-9-]{0,63}$": "config.pattern_profile",
    r"^[a-z][a-z0-9_]{0,31}$": "config.pattern_cause",
    r"^[0-9A-F]{1,32}$": "config.pattern_hexadecimal",
}


@dataclass(frozen=True, slots=True)
class _Complaint:
    """One of the validator's errors, found in the file."""

    kind: str
    context: dict[str, Any]
    where: Spot
    root: Node
    reason: str

    @property
    def key(self) -> str:
        """What people call the place: the last key, with the index of a list where it ends in one."""
        path = self.where.path
        if not path:
            return "file"
        return str(path[-1]) if isinstance(path[-1], str) or len(path) < 2 else f"{path[-2]}[{path[-1]}]"

    @property
    def node(self) -> Node | None:
        return follow(self.root, self.where.path)

    @property
    def place(self) -> Place:
        return nearest_place(self.root, self.where.path)


@dataclass(frozen=True, slots=True)
class _Said:
    place: Place
    sentence: str
    values: dict[str, object]
    hint: str | None = None


def mistakes_in(error: ValidationError, model: Any, root: Node, file: str, prefix: Path = ()) -> list[Mistake]:
    """All that the validator found, at their places. One place gets one sentence: the first of a union's complaints."""
    found: dict[tuple[Place, str], Mistake] = {}
    # Nobody reads more, and guessing what each was meant to be takes time.
    for detail in error.errors(include_url=False)[: 2 * MOST_MISTAKES]:
        where = spot(model, detail["loc"])
        complaint = _Complaint(detail["type"], detail.get("ctx", {}), Spot(prefix + where.path, where.around), root, detail["msg"])
        said = _EXPLAINERS.get(complaint.kind, _something_else)(complaint)
        if said is not None:
            # Several keys may be missing at one place; anything else that is said twice there is about one value.
            about = str(where.path) if complaint.kind == "missing" else ""
            line, column = said.place
            found.setdefault((said.place, about), Mistake(file, line, column, said.sentence, tuple(said.values.items()), said.hint))
    return list(found.values())


def _missing(complaint: _Complaint) -> _Said:
    return _Said(complaint.place, "config.missing_key", {"key": complaint.key})


def _unknown_key(complaint: _Complaint) -> _Said:
    path, known = complaint.where.path, complaint.where.known_keys
    parent = follow(complaint.root, path[:-1])
    absent = [key for key in known if not isinstance(parent, Mapping) or key not in parent.entries]
    meant = nearest(complaint.key, absent) or nearest(complaint.key, known)
    values: dict[str, object] = {"key": shown(complaint.key), "known": ", ".join(known), "nearest": meant}
    hint = "config.unknown_key.nearest" if meant else "config.unknown_key.known"
    return _Said(key_place(complaint.root, path), "config.unknown_key", values, hint)


def _wrong_kind(complaint: _Complaint) -> _Said:
    """The word that chooses between the members of a union."""
    discriminator = str(complaint.context["discriminator"]).strip("'")
    path = (*complaint.where.path, discriminator)
    place, node = nearest_place(complaint.root, path), follow(complaint.root, path)
    if node is None:
        return _Said(place, "config.missing_key", {"key": discriminator})
    return _choice(place, discriminator, node, str(complaint.context.get("expected_tags", "")))


def _not_one_of(complaint: _Complaint) -> _Said:
    return _choice(complaint.place, complaint.key, complaint.node, str(complaint.context["expected"]))


def _choice(place: Place, key: str, node: Node | None, expected: str) -> _Said:
    words = expected.replace("'", "").replace(" or ", ", ")
    meant = nearest(str(node.value), words.split(", ")) if isinstance(node, Scalar) else None
    hint = "config.not_one_of.nearest" if meant else "config.not_one_of.known"
    return _Said(place, "config.not_one_of", {"key": key, "value": _written(node), "expected": words, "nearest": meant}, hint)


def _wanted(complaint: _Complaint) -> _Said:
    """A number in quotes and text without them are the two usual slips, and each has its own hint."""
    sentence = next(sentence for sentence, kinds in _WANTED.items() if complaint.kind in kinds)
    node, hint = complaint.node, None
    values: dict[str, object] = {"key": complaint.key, "value": _written(node)}
    if isinstance(node, Scalar) and node.value is None:
        sentence = "config.no_value"
    elif sentence in ("config.want_list", "config.want_mapping"):
        pass
    elif isinstance(node, Mapping | Sequence):
        hint = "config.write_one_value"
    elif isinstance(node, Scalar) and isinstance(node.value, str) and not node.plain:
        hint = "config.remove_the_quotes"
    return _Said(complaint.place, sentence, values, hint)


def _out_of_bounds(complaint: _Complaint) -> _Said:
    sentence, name = _BOUNDS[complaint.kind]
    bound = complaint.context[name]
    whole = int(bound) if isinstance(bound, float) and bound.is_integer() else bound
    return _Said(complaint.place, sentence, {"key": complaint.key, "value": _written(complaint.node), "bound": whole})


def _wrong_length(complaint: _Complaint) -> _Said | None:
    node = complaint.node
    # The validator counts right items only; a list that is long enough is told about its wrong items, not about its length.
    if complaint.kind == "too_short" and isinstance(node, Sequence) and len(node.items) >= complaint.context["min_length"]:
        return None
    return _Said(complaint.place, _LENGTHS[complaint.kind], {"key": complaint.key, **complaint.context})


def _wrong_form(complaint: _Complaint) -> _Said:
    pattern = complaint.context["pattern"]
    values = {"key": complaint.key, "value": _written(complaint.node), "pattern": pattern}
    return _Said(complaint.place, _PATTERNS.get(pattern, "config.pattern"), values)


def _something_else(complaint: _Complaint) -> _Said:
    """A validator of ours raises PydanticCustomError with the id of a sentence as its type."""
    values = {"key": complaint.key, "value": _written(complaint.node), **complaint.context}
    if complaint.kind in catalogue():
        return _Said(complaint.place, complaint.kind, values)
    return _Said(complaint.place, "config.wrong_value", {"key": complaint.key, "reason": complaint.context.get("error", complaint.reason)})


def _written(node: Node | None) -> str:
    match node:
        case Scalar():
            return shown(node.value)
        case Sequence():
            return "[…]"
        case Mapping():
            return "{…}"
    return ""


_EXPLAINERS: dict[str, Callable[[_Complaint], _Said | None]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "union_tag_not_found": _wrong_kind,
    "union_tag_invalid": _wrong_kind,
    "enum": _not_one_of,
    "literal_error": _not_one_of,
    "string_pattern_mismatch": _wrong_form,
    **dict.fromkeys(_BOUNDS, _out_of_bounds),
    **dict.fromkeys(_LENGTHS, _wrong_length),
    **{kind: _wanted for kinds in _WANTED.values() for kind in kinds},
}
