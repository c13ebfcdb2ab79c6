"""An event in plain words, one line, for the people who watch the demo."""

import json
from datetime import datetime

from pydantic import BaseModel

from config.sentences import catalogue, say
from config.site import Language

_COLOURS = {
    "bay.park_start": "yellow",
    "bay.park_end": "green",
    "bay.comms_lost": "red",
    "bay.comms_restored": "green",
    "device.fault": "red",
    "station.over_capacity": "red",
}


class _Data(BaseModel):
    tag: str | None = None
    operator: str | None = None
    total: int | None = None
    capacity: int | None = None
    cause: str | None = None
    reason: str | None = None


class _Event(BaseModel):
    id: str
    type: str
    subject: str
    time: datetime
    recordedtime: datetime
    data: _Data


class PlainWords:
    """Of one event's native JSON body."""

    def __init__(self, body: str, language: Language) -> None:
        event = _Event.model_validate(json.loads(body))
        self.id = event.id
        self.kind = event.type.removeprefix("kerbgate.")
        data = event.data
        place = event.subject.partition("/")[2]
        capacity = "" if data.capacity is None else f"/{data.capacity}"
        operator = f" ({data.operator})" if data.operator else ""
        found = f"event.{self.kind}.found"
        unseen = data.reason in ("restart", "recovered") and found in catalogue()
        self.sentence = say(
            found if unseen else f"event.{self.kind}",
            language,
            place=place,
            tag=data.tag or "?",
            operator=operator,
            total=data.total,
            capacity=capacity,
            cause=data.cause or "?",
        )
        self.at = event.time.astimezone()
        self.certain_after_s = (event.recordedtime - event.time).total_seconds()
        self.colour = _COLOURS.get(self.kind, "default")
