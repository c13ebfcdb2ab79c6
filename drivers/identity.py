"""Whether each device is the model that its profile says: asked when it answers for the first time, and after it was away. Pure.

    unknown ──its registers say so──▶ known          they say another: ▶ other, asked again after a minute
       ▲                                │
       └────────── was away ────────────┘            no answer to it, or a refusal: asked again after a minute, and believed

Readings of another model are of no use: a mistaken address would bill one bay for another, or for noise.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from drivers.device import BusDevice
from drivers.reading import Quality, Reading

AGAIN_S = 60.0
OTHER_MODEL = "other_model"
"""The cause of a reading whose device is not what its profile says."""


@dataclass(slots=True)
class _Known:
    wanted: bool = True
    not_before: float = 0.0
    other: bool = False


class Identities:
    def __init__(self, devices: Iterable[BusDevice]) -> None:
        self._known = {device.name: _Known() for device in devices if device.profile.identity}

    def away(self, device: str) -> None:
        """Somebody may have put another one in its place."""
        known = self._known.get(device)
        if known is not None:
            known.wanted = True

    def due(self, device: str, now: float) -> bool:
        """Whether it should be asked now; after that, not for a minute."""
        known = self._known.get(device)
        if known is None or not known.wanted or now < known.not_before:
            return False
        known.not_before = now + AGAIN_S
        return True

    def told(self, reading: Reading) -> bool:
        """A reading with which its identity was read. Whether it has just turned out to be another model."""
        known = self._known.get(reading.device)
        if known is None or reading.silent:
            return False
        before, known.other = known.other, reading.cause == OTHER_MODEL
        known.wanted = known.other
        return known.other and not before

    def judged(self, reading: Reading) -> Reading:
        known = self._known.get(reading.device)
        if known is None or not known.other or reading.silent:
            return reading
        return replace(reading, quality=Quality.BAD, cause=OTHER_MODEL)
