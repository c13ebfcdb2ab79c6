"""Builds the tree of a YAML file, event by event, and collects the mistakes that show at once.

A mistake that leaves the rest readable (a key written twice, a key that is no word) is collected; one that does not (too deep,
an alias of nothing) ends the building with ConfigError.
"""

from config.mistakes import ConfigError, Mistake, shown
from config.scalars import NumberTooLargeError, meaning
from config.tree import DEEPEST, MERGE, MOST_NODES, Entry, Mapping, Node, Place, Scalar, Sequence

_PREFIX = "tag:yaml.org,2002:"
_KNOWN_TAGS = {None, "!", *(_PREFIX + name for name in ("str", "int", "float", "bool", "null", "map", "seq"))}


class Growing:
    """Feed it scalars, openings, closings and aliases in the order of the file; then take `root` and `mistakes`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.mistakes: list[Mistake] = []
        self.latest = Place(1, 1)
        self._open: list[tuple[Mapping | Sequence, str | None]] = []
        self._keys: list[Scalar | None] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def scalar(self, place: Place, text: str, *, is_plain: bool, tag: str | None, anchor: str | None) -> None:
        self._tag(place, tag)
        value: str | int | float | bool | None = text
        half = next((char for char in text if "\ud800" <= char <= "\udfff"), None)
        if half is not None:
            self._mistake(place, "config.bad_character", code=f"U+{ord(half):04X}")
            value = None
        elif (is_plain and tag is None) or tag in (_PREFIX + "int", _PREFIX + "float", _PREFIX + "bool", _PREFIX + "null"):
            try:
                value = meaning(text)
            except NumberTooLargeError:
                self._mistake(place, "config.not_a_finite_number", value=shown(text))
        self._add(Scalar(place, value, is_plain), anchor)

    def open(self, node: Mapping | Sequence, *, tag: str | None, anchor: str | None) -> None:
        self._tag(node.place, tag)
        if len(self._open) >= DEEPEST:
            self._fatal(node.place, "config.too_deep", depth=DEEPEST)
        self._open.append((node, anchor))
        self._keys.append(None)

    def close(self) -> None:
        node, anchor = self._open.pop()
        self._keys.pop()
        if isinstance(node, Mapping):
            self._merge(node)
        self._add(node, anchor)

    def alias(self, place: Place, name: str) -> None:
        if name not in self._anchors:
            self._fatal(place, "config.unknown_alias", name=shown(name))
        self._add(self._anchors[name], None)

    def second_document(self, place: Place) -> None:
        self._fatal(place, "config.second_document")

    def _add(self, node: Node, anchor: str | None) -> None:
        self._nodes += 1
        if max(self._nodes, node.weight, self._open[-1][0].weight if self._open else 0) > MOST_NODES:
            self._fatal(node.place, "config.too_many_nodes", most=MOST_NODES)
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        parent = self._open[-1][0]
        if node.height + len(self._open) > DEEPEST:
            self._fatal(node.place, "config.too_deep", depth=DEEPEST)
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = self._key(node)
            return
        else:
            self._entry(parent, self._keys[-1], node)
            self._keys[-1] = None
        parent.weight += node.weight
        parent.height = max(parent.height, node.height + 1)

    def _key(self, node: Node) -> Scalar:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node
        written = shown(node.value) if isinstance(node, Scalar) else "[…]" if isinstance(node, Sequence) else "{…}"
        self._mistake(node.place, "config.key_not_text", key=written)
        return Scalar(node.place, None)

    def _entry(self, parent: Mapping, key: Scalar, value: Node) -> None:
        if not isinstance(key.value, str):
            return
        first = parent.entries.get(key.value)
        if first is not None:
            self._mistake(key.place, "config.duplicate_key", key=shown(key.value), line=first.key.line)
            return
        parent.entries[key.value] = Entry(key.place, value)

    def _merge(self, node: Mapping) -> None:
        """`<<: *defaults` is not in YAML 1.2, yet everybody writes it: keys that are not said here come from there."""
        merged = node.entries.pop(MERGE, None)
        if merged is None:
            return
        sources = merged.value.items if isinstance(merged.value, Sequence) else [merged.value]
        for source in sources:
            if not isinstance(source, Mapping):
                self._mistake(source.place, "config.merge_of_no_mapping")
                continue
            for name, entry in source.entries.items():
                node.entries.setdefault(name, entry)

    def _tag(self, place: Place, tag: str | None) -> None:
        if tag not in _KNOWN_TAGS:
            self._mistake(place, "config.unknown_tag", tag=shown(tag))

    def _mistake(self, place: Place, sentence: str, **values: object) -> None:
        self.mistakes.append(Mistake(self.file, place.line, place.column, sentence, tuple(values.items())))

    def _fatal(self, place: Place, sentence: str, **values: object) -> None:
        self._mistake(place, sentence, **values)
        raise ConfigError(self.mistakes)
