"""What a station's machine keeps through a restart, and its JSON form: the bikes that stood there."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptBike:
    tag: str
    first_s: float
    last_s: float
    pile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStation:
    over: bool
    known_until_s: float | None
    bikes: tuple[KeptBike, ...]

    def as_text(self) -> str:
        """One line of JSON."""
        bikes = [[bike.tag, bike.first_s, bike.last_s, bike.pile] for bike in self.bikes]
        return json.dumps({"over": self.over, "known_until_s": self.known_until_s, "bikes": bikes}, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str, moved_s: float) -> "KeptStation":
        """`moved_s` is added to every time. Raises KeyError, TypeError or ValueError where the text is not what as_text wrote."""
        kept = json.loads(text)
        bikes = tuple(KeptBike(str(tag), first + moved_s, last + moved_s, str(pile)) for tag, first, last, pile in kept["bikes"])
        known = kept["known_until_s"]
        return cls(over=bool(kept["over"]), known_until_s=None if known is None else known + moved_s, bikes=bikes)
