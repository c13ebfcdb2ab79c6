"""Something that moves while a vehicle stands in the bay: from where the field left the parked vehicle's level until it is judged."""

from dataclasses import dataclass

CROSSED_S = 2.0
"""One axis of a vehicle that manoeuvres crosses the empty bay's value in less, seen through means over a second."""


@dataclass(slots=True)
class Disturbance:
    first_s: float
    lag_s: float
    steady_s: float
    """The last sample at the parked vehicle's level."""
    peak: float = 0.0
    """By how many sigmas it was felt at the most, squared."""
    readings: int = 1
    empty_first_s: float | None = None
    empty_last_s: float = 0.0
    empty_readings: int = 0
    after_empty_s: float | None = None
    calm_s: float | None = None
    calm_readings: int = 0

    @property
    def empty_s(self) -> float:
        """For how long it looked empty."""
        return 0.0 if self.empty_first_s is None else self.empty_last_s - self.empty_first_s

    def looks(self, t: float, lag_s: float, *, empty: bool, quick: bool) -> None:
        """How the bay looks in this sample, beside the parked vehicle's own level."""
        if empty:
            crossed = self.after_empty_s is not None and self.empty_s < CROSSED_S
            if self.empty_first_s is None or (crossed and quick):
                self.empty_first_s, self.empty_readings = t, 0
            self.empty_last_s = t
            self.empty_readings += 1
            self.after_empty_s = None
        elif self.empty_first_s is not None and self.after_empty_s is None:
            self.after_empty_s = t - lag_s
