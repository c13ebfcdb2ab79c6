"""The states of a bay's model, finer than what is told of it, and what a watch decides."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.detection.change import Occupancy, Reason
from gateway.detection.conditioning import Vector


class Phase(StrEnum):
    VACANT = "vacant"
    ENTERING = "entering"
    OCCUPIED = "occupied"
    LEAVING = "leaving"
    PASSING = "passing"
    NEIGHBOUR = "neighbour"
    SWAP = "swap"
    DISTURBED = "disturbed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Decision:
    """A change that has become certain. `earliest_s` and `latest_s` enclose it: the last sample before and the first after."""

    target: Occupancy
    onset_s: float
    earliest_s: float | None
    latest_s: float
    confidence: float
    reason: Reason
    readings: int
    wrong: Vector | None = None
    """The vehicle that was told never stood there: this residual is the empty bay's. The event that told it is to be corrected."""
    again_s: float | None = None
    """Of a departure: another vehicle has taken the place since, at this moment."""
