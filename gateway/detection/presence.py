"""Something that is felt in a bay believed vacant, from where it left what is expected of the empty bay until it is judged."""

from dataclasses import dataclass, field

from gateway.detection.conditioning import Vector
from gateway.detection.signature import Signature

LONG_S = 15.0
"""Hardly any manoeuvre lasts longer."""
CROSSING_S = 2.5
"""For so long one axis of a vehicle that manoeuvres may show the empty bay's value on its way from one side of it to the other."""
_WAS_EVERY_S, _WAS_MOST = 0.7, 64


@dataclass(slots=True)
class Presence:
    onset_s: float
    earliest_s: float | None
    """The last sample before it that was the empty bay's."""
    latest_s: float
    """The first sample that was not."""
    first_s: float
    """Since when it counts as one manoeuvre."""
    since_s: float
    signature: Signature
    readings: int = 1
    peak: float = 0.0
    high_s: float | None = None
    """Since when every sample was a vehicle's by its level."""
    low_s: float | None = None
    """The last sample that was not."""
    rose_s: float | None = None
    """Since when it was so but for crossings."""
    below_s: float | None = None
    """The last sample before that."""
    last_high_s: float | None = None
    """The last sample that was a vehicle's."""
    calm_s: float | None = None
    calm_readings: int = 0
    at_first: tuple[float, float | None] = (0.0, None)
    """Onset and last empty sample as they were found at first: what has stood still for some seconds moves them."""
    was: list[tuple[float, Vector]] = field(default_factory=list)
    """What was felt within the last three quarters of a minute, each second or so."""

    def __post_init__(self) -> None:
        self.at_first = self.onset_s, self.earliest_s

    @property
    def last_empty_s(self) -> float:
        """The last sample that was the empty bay's; it may be the first of what stands since, and so little that it was not felt yet."""
        earliest_s = self.at_first[1]
        return self.since_s if earliest_s is None else earliest_s

    def remember(self, t: float, z: Vector) -> None:
        was = self.was
        if not was or t - was[-1][0] >= _WAS_EVERY_S:
            was.append((t, z))
            if len(was) > _WAS_MOST:
                del was[0]

    def before(self, t: float) -> Vector | None:
        """What was felt then, or a little earlier; None where that was not felt yet."""
        return next((z for at, z in reversed(self.was) if at <= t), None)

    def high(self, now: float, *, vehicle: bool) -> None:
        if not vehicle:
            self.high_s, self.low_s = None, now
            return
        if self.high_s is None:
            self.high_s = now
            if self.last_high_s is None or now - self.last_high_s > CROSSING_S:
                self.rose_s, self.below_s = now, self.low_s
        self.last_high_s = now

    def forget_hovering(self) -> None:
        """What was seen to hover below a vehicle's level for longer than a manoeuvre lasts is not how this vehicle came."""
        if self.rose_s is not None and self.below_s is not None and self.below_s - self.first_s > LONG_S:
            self.onset_s, self.earliest_s, self.latest_s, self.first_s = self.rose_s, self.below_s, self.rose_s, self.rose_s
