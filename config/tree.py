"""A YAML file as a tree in which everything knows its place, built from the parser's events.

The tree is bounded: in depth, and in size once its aliases are expanded, which is what an alias bomb is made of. Neither is
ever expanded to find out: every node knows how heavy and how high it is.
"""

from collections.abc import Sequence as AnySequence
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_NODES = 200_000
DEEPEST = 32
MERGE = "<<"

Path = tuple[str | int, ...]
"""The way to a node: keys of mappings and indices of lists."""


class Place(NamedTuple):
    """Counted from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Scalar:
    place: Place
    value: str | int | float | bool | None
    plain: bool = True
    """Written without quotes."""
    weight: int = 1
    height: int = 1


@dataclass(slots=True)
class Entry:
    key: Place
    value: "Node"


@dataclass(slots=True)
class Mapping:
    place: Place
    entries: dict[str, Entry] = field(default_factory=dict)
    weight: int = 1
    height: int = 1


@dataclass(slots=True)
class Sequence:
    place: Place
    items: list["Node"] = field(default_factory=list)
    weight: int = 1
    height: int = 1


Node = Scalar | Mapping | Sequence


def plain(node: Node) -> object:
    """The bare values, for a validator."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(entry.value) for key, entry in node.entries.items()}


def follow(root: Node, path: AnySequence[str | int]) -> Node | None:
    """The node at the end of the path, or None where the file has none."""
    node: Node | None = root
    for step in path:
        match node:
            case Mapping() if step in node.entries:
                node = node.entries[str(step)].value
            case Sequence() if isinstance(step, int) and 0 <= step < len(node.items):
                node = node.items[step]
            case _:
                return None
    return node


def nearest_place(root: Node, path: AnySequence[str | int]) -> Place:
    """Where the path ends; for what is missing, the place of the mapping that lacks it."""
    for length in range(len(path), 0, -1):
        node = follow(root, path[:length])
        if node is not None:
            return node.place
    return root.place


def key_place(root: Node, path: AnySequence[str | int]) -> Place:
    """Where the last key of the path is written."""
    parent = follow(root, path[:-1]) if path else None
    if isinstance(parent, Mapping) and path[-1] in parent.entries:
        return parent.entries[str(path[-1])].key
    return nearest_place(root, path)
