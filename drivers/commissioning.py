"""What a device is asked beyond its readings: which model it is, and whether it is set as the site says. Pure.

    a reading of it ──▶ its identity, where that is due ──▶ its settings, one thing at a time       was away: both again

A device that turns out to be another model is not believed and not written to.
"""

from collections.abc import Mapping, Sequence

from drivers.configuring import Configuring, SettingTask, Verdict
from drivers.device import BusDevice
from drivers.identity import OTHER_MODEL, Identities
from drivers.links.pacing import Pace
from drivers.question import Answer
from drivers.reading import Reading
from drivers.task import Task


class Commissioning:
    """`identifying` is what to ask a device, by its name, for a reading with its identity."""

    def __init__(self, devices: Sequence[BusDevice], pace: Pace, identifying: Mapping[str, Task], *, writes: bool) -> None:
        self._identities = Identities(devices)
        self._configuring = Configuring(devices if writes else (), pace)
        self._identifying = identifying

    def away(self, device: str) -> None:
        self._configuring.away(device)
        self._identities.away(device)

    def judged(self, reading: Reading) -> Reading:
        """As far as its device is what its profile says."""
        return self._identities.judged(reading)

    def identified(self, reading: Reading) -> bool:
        """A reading with which the identity was read. Whether the device has just turned out to be another model."""
        return self._identities.told(reading)

    def due(self, reading: Reading, now: float) -> Task | None:
        """What to ask after this reading, if anything."""
        device = reading.device
        if reading.silent:
            self.away(device)
            return None
        if self._identities.due(device, now):
            return self._identifying[device]
        return None if reading.cause == OTHER_MODEL else self._configuring.answered(device, now)

    def ended(self, task: SettingTask, answers: Sequence[Answer] | None, now: float) -> tuple[Verdict | None, SettingTask | None]:
        """What to log and what follows. `answers` are those of the task's reads; None where it failed."""
        return self._configuring.ended(task, answers, now)
