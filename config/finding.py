"""What a rule found wrong, by its path in the file; the place is looked up when it becomes a mistake."""

from dataclasses import dataclass

from config.mistakes import Mistake
from config.tree import Node, Path, key_place, nearest_place


@dataclass(frozen=True, slots=True)
class Finding:
    path: Path
    sentence: str
    values: tuple[tuple[str, object], ...] = ()
    hint: str | None = None
    other: Path | None = None
    """A second place that the sentence speaks of; its line becomes the value `line`."""
    at_key: bool = False
    """The key is meant, not its value."""

    def mistake(self, root: Node, file: str) -> Mistake:
        place = key_place(root, self.path) if self.at_key else nearest_place(root, self.path)
        values = self.values if self.other is None else (*self.values, ("line", nearest_place(root, self.other).line))
        return Mistake(file, place.line, place.column, self.sentence, values, self.hint)


def finding(
    path: Path, sentence: str, *, hint: str | None = None, other: Path | None = None, at_key: bool = False, **values: object
) -> Finding:
    return Finding(path, sentence, tuple(values.items()), hint, other, at_key)
