"""One account of what has happened in a bay that is seen only now and then, and what it expects of the next sample.

    vacant      the field is that of the empty bay, `empty`
    occupied    it is that of a vehicle that stands there, `stands`; the empty bay is remembered, and grows uncertain

Everything is a residual against the shared baseline, per axis with its variance. What a sample can mean for it: `happenings.py`.
"""

from dataclasses import dataclass, replace
from math import exp

from gateway.detection.conditioning import Vector

_UNTIED: Vector = (0.0, 0.0, 0.0)
JUMP_UT = 1.5
"""By so much on an axis something beside a bay moves its field: a deviation."""

Between = tuple[float | None, float]
"""Two samples that something lies between; None: nobody knows since when."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of occupancy within an account. It lies between the two samples `earliest_s` (None: unknown) and `latest_s`."""

    occupied: bool
    earliest_s: float | None
    latest_s: float
    wrong: bool = False
    """What was told before is not what happened: there was no such change; only now it is known."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What all accounts of a sensor share at a sample."""

    axes: int
    unit: float
    noise: tuple[float, float, float]
    """Variances of one sample."""
    drift: tuple[float, float, float]
    """By how much the expectation may have gone wrong since the last sample: variances."""
    least: float
    """Squared: a smaller departure is no vehicle."""
    apart_s: float
    on_change: bool
    seen_until_s: float | None
    """The last moment before this sample at which nothing had changed yet."""
    changed_by_s: float
    """When what this sample tells of had happened at the latest."""
    t: float
    rare: bool = False
    """Whether its samples are minutes apart: none shows a manoeuvre, or a bus that passes, twice."""
    often: bool = False
    """Whether it is moved so, and nothing more is known: what comes back again and again is not the empty bay then."""
    reported: bool = False
    """Whether the device has sent this sample because something has changed: it is no heartbeat."""
    passes: float = 0.03
    """The probability that a vehicle which such a sample shows in an empty bay only passes, of a device that reports on change."""
    lost: float = 0.15
    """The share of its reports of a change that do not arrive, or are not made."""
    disturbed: bool = False
    """Whether something that is no vehicle moves the field again and again (`jumps.py`): a report of a change says little then."""

    @property
    def caused(self) -> bool:
        """Whether the device sends a report where something has changed, and hardly any other beside its heartbeats."""
        return self.on_change and not self.disturbed and not self.often


@dataclass(frozen=True, slots=True)
class Account:
    weight: float
    """Log-probability, up to what is common to all."""
    occupied: bool
    empty: Vector
    empty_variance: Vector
    stands: Vector
    stands_variance: Vector
    tied: Vector
    """Covariance of the two: what has drifted since the vehicle came is in both, what was not known of it then in one."""
    beside: Vector | None
    """What stood here looked like before something beside it moved."""
    arrived_s: float
    looks: int
    """Samples that have agreed since its last step."""
    steps: tuple[Step, ...]
    """What has not been told yet."""
    moving: Between | None = None
    """Where the last sample showed something that moves: after when, and when it was first felt."""
    jumped: Vector | None = None
    """By how much the last sample showed that something beside the bay has moved the field; None where it showed no such thing."""

    @property
    def share(self) -> float:
        """Its probability, once the weights of all are in proportion."""
        return exp(self.weight)

    def distance(self, z: Vector, at: Scale) -> float:
        """Squared, in sigmas, from what it expects."""
        mean, variance = (self.stands, self.stands_variance) if self.occupied else (self.empty, self.empty_variance)
        drift, noise, square = at.drift, at.noise, 0.0
        for axis in range(at.axes):
            off = z[axis] - mean[axis]
            square += off * off / (variance[axis] + drift[axis] + noise[axis])
        return square

    def weighed(self, weight: float, looks: int | None = None) -> "Account":
        return self._but(weight, self.empty, self.stands, self.beside, self.looks if looks is None else looks, self.steps)

    def seen(self, empty: Vector, stands: Vector, beside: Vector | None) -> "Account":
        """The same fields, said otherwise."""
        return self._but(self.weight, empty, stands, beside, self.looks, self.steps)

    def told(self, steps: tuple[Step, ...]) -> "Account":
        """The same, with these still to be told."""
        return self._but(self.weight, self.empty, self.stands, self.beside, self.looks, steps)

    def reported(self, latest_s: float, earliest_s: float) -> "Account":
        """The same, where what happened before the sample at `latest_s` is known not to have happened before `earliest_s`."""

        def since(before_s: float | None, after_s: float) -> float | None:
            if after_s != latest_s:
                return before_s
            return earliest_s if before_s is None else max(before_s, earliest_s)

        steps = tuple(replace(step, earliest_s=since(step.earliest_s, step.latest_s)) for step in self.steps)
        moving = None if self.moving is None else (since(*self.moving), self.moving[1])
        return replace(self, steps=steps, moving=moving)

    def _but(self, weight: float, empty: Vector, stands: Vector, beside: Vector | None, looks: int, steps: tuple[Step, ...]) -> "Account":
        # Ten times as quick as dataclasses.replace, and there is one at each sample.
        return Account(
            weight,
            self.occupied,
            empty,
            self.empty_variance,
            stands,
            self.stands_variance,
            self.tied,
            beside,
            self.arrived_s,
            looks,
            steps,
            self.moving,
            self.jumped,
        )

    def then(
        self,
        gained: float,
        *,
        occupied: bool | None = None,
        empty: Vector | None = None,
        empty_variance: Vector | None = None,
        stands: Vector | None = None,
        stands_variance: Vector | None = None,
        tied: Vector = _UNTIED,
        beside: Vector | None = None,
        arrived_s: float | None = None,
        looks: int,
        steps: tuple[Step, ...] | None = None,
        moving: Between | None = None,
        jumped: Vector | None = None,
    ) -> "Account":
        """The same, with what has changed; a change of occupancy forgets what was beside."""
        return Account(
            self.weight + gained,
            self.occupied if occupied is None else occupied,
            self.empty if empty is None else empty,
            self.empty_variance if empty_variance is None else empty_variance,
            self.stands if stands is None else stands,
            self.stands_variance if stands_variance is None else stands_variance,
            tied,
            beside if beside is not None else self.beside if occupied is None else None,
            self.arrived_s if arrived_s is None else arrived_s,
            looks,
            self.steps if steps is None else steps,
            moving,
            jumped,
        )
