"""What the devices answered to `check --live`, as a table and as JSON."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from config.sentences import catalogue, say
from config.site import Language
from gateway.console.table import Column, print_table

if TYPE_CHECKING:
    from drivers.reading import Reading
    from gateway.live import LiveAnswer

_NOT_VALUES = ("device", "t", "quality", "silent", "cause")


@dataclass(frozen=True, slots=True)
class LiveTable:
    answers: "tuple[LiveAnswer, ...]"

    @property
    def failed(self) -> int:
        return sum(not _well(answer) for answer in self.answers)

    def show(self, language: Language) -> None:
        columns = [Column(say(title, language)) for title in ("check.device", "check.took", "check.answer")]
        rows = [(answer.device, f"{answer.elapsed_ms:.0f}", _words(answer, language)) for answer in self.answers]
        print_table([columns[0], Column(columns[1].title, right=True), columns[2]], rows)

    def as_json(self, language: Language) -> list[dict[str, object]]:
        return [
            {
                "device": answer.device,
                "well": _well(answer),
                "elapsed_ms": round(answer.elapsed_ms, 1),
                "values": _values(answer.reading) if answer.reading is not None else {},
                "id": answer.error.sentence if answer.error is not None else None,
                "message": None if _well(answer) else _words(answer, language),
            }
            for answer in self.answers
        ]


def _well(answer: "LiveAnswer") -> bool:
    return answer.reading is not None and answer.reading.trusted


def _words(answer: "LiveAnswer", language: Language) -> str:
    error = answer.error
    if error is not None:
        return _advised(error.sentence, language, **error.values)
    assert answer.reading is not None
    if answer.reading.cause == "other_model":
        return _advised("drivers.other_model", language, device=answer.device)
    values = " ".join(f"{name}={value}" for name, value in _values(answer.reading).items())
    if _well(answer):
        return values
    return say("check.no_answer_understood", language, cause=answer.reading.cause or "?") + (f" {values}" if values else "")


def _advised(sentence: str, language: Language, **values: object) -> str:
    following = sentence + ".next"
    return say(sentence, language, **values) + (f" ({say(following, language, **values)})" if following in catalogue() else "")


def _values(reading: "Reading") -> dict[str, object]:
    values: dict[str, object] = {}
    for field in fields(reading):
        value = getattr(reading, field.name)
        if field.name in _NOT_VALUES or value is None:
            continue
        if field.name == "sightings":
            values[field.name] = {sighting.tag: sighting.rssi_dbm for sighting in value}
        else:
            values[field.name] = round(value, 3) if isinstance(value, float) else value
    return values
