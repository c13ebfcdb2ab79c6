"""A bay that several devices watch: each has a machine of its own, and what they say is weighed against one another.

    log-odds of occupied = sum over the devices that know of  ± log(confidence / (1 - confidence))

A device that is silent says nothing; the bay is unknown once all of them are. Where one says that something changed and the others
outweigh it, it waits for one of them to come round. Of those that agree, the onset that is better for the driver is told.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log

from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind, Occupancy, Reason
from gateway.detection.kept_bay import KeptBay
from gateway.detection.phase import Phase

_PARKING = (Kind.PARK_START, Kind.PARK_END)
_LEAST_LOG_ODDS = 0.5
_SAME_S = 60.0
_SUREST = 0.999


@dataclass(frozen=True, slots=True)
class KeptFused:
    believed: Occupancy
    lost: bool
    since_s: float | None
    confidences: tuple[float, ...]
    channels: tuple[KeptBay, ...]

    def as_text(self) -> str:
        channels = [json.loads(channel.as_text()) for channel in self.channels]
        head = {"believed": self.believed.value, "lost": self.lost, "since_s": self.since_s, "confidences": self.confidences}
        return json.dumps({**head, "channels": channels}, separators=(",", ":"))


class FusedBay:
    """The same contract as a BayMachine. `channels` by device, in the order of the site."""

    __slots__ = ("_confidence", "_said", "_swapped_s", "bay", "believed", "channels", "lost", "since_s")

    def __init__(self, bay: str, channels: dict[str, BayMachine]) -> None:
        self.bay = bay
        self.channels = channels
        self.believed = Occupancy.UNKNOWN
        self.lost = False
        self.since_s: float | None = None
        self._confidence = dict.fromkeys(channels, 0.9)
        self._said: dict[str, BayChange] = {}
        self._swapped_s: float | None = None

    @property
    def machines(self) -> tuple[BayMachine, ...]:
        return tuple(self.channels.values())

    @property
    def state(self) -> Occupancy:
        return Occupancy.UNKNOWN if self.lost else self.believed

    @property
    def likely(self) -> Occupancy:
        """What most likely stands there now: of several devices, what they were told of together."""
        return self.state

    @property
    def settled(self) -> bool:
        return any(channel.settled for channel in self.channels.values())

    @property
    def phase(self) -> Phase:
        return next((channel.phase for channel in self.channels.values() if channel.settled), Phase.UNKNOWN)

    def kept(self) -> KeptFused:
        return KeptFused(
            self.believed, self.lost, self.since_s, tuple(self._confidence.values()), tuple(each.kept() for each in self.machines)
        )

    def restore_text(self, text: str, moved_s: float) -> None:
        """Raises KeyError, TypeError or ValueError where the text is not what was kept."""
        kept = json.loads(text)
        channels = [KeptBay.from_text(json.dumps(each), moved_s) for each in kept["channels"]]
        if len(channels) != len(self.channels):
            raise ValueError("other devices watch this bay now")
        self.believed, self.lost = Occupancy(kept["believed"]), bool(kept["lost"])
        self.since_s = None if kept["since_s"] is None else kept["since_s"] + moved_s
        self._confidence = dict(zip(self.channels, map(float, kept["confidences"]), strict=True))
        for channel, each in zip(self.channels.values(), channels, strict=True):
            channel.restore(each)

    def feed(self, reading: Reading, now: float) -> list[BayChange]:
        channel = self.channels[reading.device]
        return self._fuse(reading.device, channel.feed(reading, now), now)

    def deadline(self) -> float | None:
        due = [deadline for channel in self.channels.values() if (deadline := channel.deadline()) is not None]
        return min(due, default=None)

    def tick(self, now: float) -> list[BayChange]:
        return [change for device, channel in self.channels.items() for change in self._fuse(device, channel.tick(now), now)]

    def _fuse(self, device: str, changes: Sequence[BayChange], now: float) -> list[BayChange]:
        told: list[BayChange] = []
        parking = [change for change in changes if change.kind in _PARKING or change.kind is Kind.CORRECTION]
        for change in parking:
            self._said[device], self._confidence[device] = change, change.confidence
        for change in changes:
            if change.kind is Kind.COMMS_LOST and not self.lost and all(channel.lost for channel in self.channels.values()):
                self.lost = True
                told.append(replace(change, previous=self.believed))
            elif change.kind is Kind.COMMS_RESTORED and self.lost:
                self.lost = False
                told.append(change)
        if len(parking) == 2 and self.believed is Occupancy.OCCUPIED and self._first_to_swap(now):
            self.since_s = parking[1].onset_s
            return told + parking
        return told + self._weigh(now) if parking or self.believed is Occupancy.UNKNOWN else told

    def _first_to_swap(self, now: float) -> bool:
        if self._swapped_s is not None and now - self._swapped_s < _SAME_S:
            return False
        self._swapped_s = now
        return True

    def log_odds(self) -> float:
        """That it is occupied, from all who know."""
        total = 0.0
        for device, channel in self.channels.items():
            if not channel.lost and channel.settled and channel.believed is not Occupancy.UNKNOWN:
                sure = min(max(self._confidence[device], 0.5), _SUREST)
                total += log(sure / (1.0 - sure)) * (1.0 if channel.believed is Occupancy.OCCUPIED else -1.0)
        return total

    def _weigh(self, now: float) -> list[BayChange]:
        log_odds = self.log_odds()
        if abs(log_odds) < _LEAST_LOG_ODDS:
            return []
        target = Occupancy.OCCUPIED if log_odds > 0 else Occupancy.VACANT
        if target is self.believed:
            return []
        previous, self.believed = self.believed, target
        if target is Occupancy.VACANT and previous is Occupancy.UNKNOWN:
            return []
        agreeing = [change for change in self._said.values() if change.state is target]
        if not agreeing:
            return []
        arrived = target is Occupancy.OCCUPIED
        fresh = [change for change in agreeing if now - change.confirmed_s <= _SAME_S] or agreeing
        best = max(fresh, key=lambda change: change.onset_s if arrived else -change.onset_s)
        self.since_s = best.onset_s
        reason = Reason.BOTH if len(fresh) > 1 else best.reason
        return [replace(best, previous=previous, confirmed_s=now, confidence=1.0 / (1.0 + exp(-abs(log_odds))), reason=reason)]
