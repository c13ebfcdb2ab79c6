"""One device: fault when there was nothing to believe for too long, recovered after good readings; and what else ails it."""

from dataclasses import dataclass, field, replace

from drivers.reading import Quality, Reading
from gateway.detection.ailments import Ailments
from gateway.detection.bay import BayMachine
from gateway.detection.change import DeviceChange, Kind
from gateway.detection.silence import Silence

_GOOD_READINGS = 2


@dataclass(slots=True)
class HealthMachine:
    device: str
    silence: Silence
    cause: str | None = None
    """Why it is at fault; None while it is well."""
    bay: BayMachine | None = None
    """The machine of the bay that it watches, which knows what its readings are worth."""
    ailments: Ailments = field(default_factory=Ailments)
    _good: int = 0

    @property
    def causes(self) -> tuple[str, ...]:
        """All that ails it now."""
        return (() if self.cause is None else (self.cause,)) + self.ailments.active

    def restore(self, text: str) -> None:
        """It was at fault before the restart, with this cause: the recovery is still to be told."""
        self.cause = text or None

    def kept(self) -> str:
        return self.cause or ""

    def feed(self, reading: Reading, now: float) -> list[DeviceChange]:
        if self.bay is not None and self.bay.disbelieved is not None and reading.trusted:
            reading = replace(reading, quality=Quality.BAD, cause=self.bay.disbelieved)
        changes = self.tick(now)
        self.silence.feed(reading, now)
        for ailment, began in self.ailments.feed(reading, self.bay, now):
            kind = Kind.DEVICE_FAULT if began else Kind.DEVICE_RECOVERED
            changes.append(DeviceChange(device=self.device, kind=kind, cause=ailment.value, onset_s=now, confirmed_s=now))
        if self.cause is None:
            return changes
        self._good = self._good + 1 if reading.trusted else 0
        if self._good < _GOOD_READINGS:
            return changes
        cause, self.cause = self.cause, None
        return [*changes, DeviceChange(device=self.device, kind=Kind.DEVICE_RECOVERED, cause=cause, onset_s=now, confirmed_s=now)]

    def deadline(self) -> float | None:
        return None if self.cause is not None else self.silence.deadline()

    def tick(self, now: float) -> list[DeviceChange]:
        if self.cause is not None or not self.silence.overdue(now):
            return []
        last = self.silence.last_trusted_s
        onset = self.silence.started_s if last is None else last
        self.cause, self._good = self.silence.cause, 0
        return [DeviceChange(device=self.device, kind=Kind.DEVICE_FAULT, cause=self.cause, onset_s=onset, confirmed_s=now)]
