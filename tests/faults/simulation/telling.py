"""What an event tells of the street, and how far its dates can be held to the truth under the clock that it was dated by."""

from datetime import datetime

from gateway.clock import TimeQuality
from tests.faults.simulation.clock import WALL_AT_ZERO_S, SimulatedClock
from tests.faults.simulation.delivery import Body
from tests.faults.simulation.truth import Told

_KINDS = {"bay.park_start": "arrived", "bay.park_end": "left", "station.bike_arrived": "arrived", "station.bike_left": "left"}
_UNSEEN = ("restart", "recovered")


def told(event: Body, clock: SimulatedClock) -> Told | None:
    """None for an event that tells no arrival or departure."""
    what = _KINDS.get(event["type"].removeprefix("kerbgate."))
    if what is None:
        return None
    data = event["data"]
    tag = data.get("tag")
    unseen_itself = data["reason"] in _UNSEEN
    confirmed = data["confirmed_s"]
    # A clock that says that it is right and is not is no fault of who believes it.
    lied = clock.misled(confirmed)
    believed = data["time_quality"] != TimeQuality.UNSYNCED and not lied
    dates = [_street_time(text) if believed and text is not None else None for text in (event["time"], data["time_min"], data["time_max"])]
    if data["reason"] == "restart" and clock.ever_lies:
        # How long the machine was off is told by its clock, before and behind.
        dates[1] = None
    return Told(
        who=event["subject"] if tag is None else f"{event['subject']}/{tag}",
        what=what,
        dated=dates[0],
        onset=None if unseen_itself else data["onset_s"],
        earliest=dates[1],
        latest=dates[2],
        bounded=unseen_itself or data["time_quality"] == TimeQuality.ESTIMATED,
        recorded=confirmed,
        id=event["id"],
        reason=data["reason"],
    )


def _street_time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() - WALL_AT_ZERO_S
