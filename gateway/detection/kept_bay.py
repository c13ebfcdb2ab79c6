"""What a bay's machine keeps through a restart, and its JSON form.

Times are on the monotonic clock of the process that wrote them; who restores says by how much that clock has moved.
"""

import json
from dataclasses import dataclass
from math import isfinite
from typing import Any

from gateway.detection.axis_baseline import AxisBaseline
from gateway.detection.baseline import Baseline
from gateway.detection.change import Occupancy
from gateway.detection.conditioning import Vector, minus
from gateway.detection.evidence import Sense
from gateway.detection.parked import ParkedWatch
from gateway.detection.passers import NONE_COUNTED
from gateway.detection.track import Track

_FORM = 2


def _moved(time_s: float | None, by_s: float) -> float | None:
    return None if time_s is None else time_s + by_s


def _vector(values: list[Any] | None) -> Vector | None:
    if values is None:
        return None
    x, y, z = map(_finite, values)
    return x, y, z


def _variances(values: list[Any] | None) -> Vector | None:
    vector = _vector(values)
    if vector is not None and min(vector) < 0.0:
        raise ValueError("a variance below zero")
    return vector


def _positive(value: Any) -> float | None:
    if value is None:
        return None
    number = _finite(value)
    if number <= 0.0:
        raise ValueError("not above zero")
    return number


def _counts(values: list[Any]) -> tuple[float, ...]:
    counts = tuple(map(_finite, values))
    if len(counts) != len(NONE_COUNTED) or min(counts) < 0.0:
        raise ValueError("counts that are none")
    return counts


def _finite(value: Any) -> float:
    number = float(value)
    if not isfinite(number):
        raise ValueError("not a finite number")
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBay:
    believed: Occupancy
    lost: bool
    since_s: float | None
    steady_s: float | None
    parked: Vector | None
    shifted: Vector
    sense: Sense | None
    unit: float
    temperature_c: float | None
    baseline: Baseline | None
    sigma: tuple[float, ...]
    missed: tuple[float, ...]
    interval_s: float | None
    doubt: Vector | None = None
    """Variances: how little is known of the empty bay while a vehicle stands in it, of a bay that is seen now and then."""
    beat_s: float | None = None
    """The heartbeat of a device that reports on change."""
    passers: tuple[float, ...] = NONE_COUNTED
    """How often such a device's reports turned out to be of something that passed (`passers.py`)."""

    @classmethod
    def of(
        cls,
        believed: Occupancy,
        lost: bool,
        since_s: float | None,
        steady_s: float | None,
        watch: ParkedWatch,
        track: Track,
        off: Vector = (0.0, 0.0, 0.0),
        doubt: Vector | None = None,
        passers: tuple[float, ...] = NONE_COUNTED,
    ) -> "KeptBay":
        """`off` is how far the empty bay is off the track's baseline: what is kept knows of one empty bay only."""
        empty = track.empty
        return cls(
            believed=believed,
            lost=lost,
            since_s=since_s,
            steady_s=steady_s,
            parked=None if watch.level is None else minus(watch.level, off),
            shifted=watch.shifted,
            sense=empty.sense,
            unit=empty.unit,
            temperature_c=empty.warmth.now_c,
            baseline=None if empty.baseline is None else empty.baseline.moved(off),
            sigma=tuple(empty.noise.sigma),
            missed=tuple(empty.whitening.missed),
            interval_s=track.conditioner.interval_s,
            doubt=doubt,
            beat_s=track.rhythm.beat_s,
            passers=passers,
        )

    def give(self, track: Track) -> None:
        """Put what was learned of the sensor into a new machine's track."""
        if self.baseline is not None and self.sense is not None:
            track.resume(self.sense, self.unit, self.temperature_c, self.baseline, self.sigma, self.missed, self.interval_s)
        if self.beat_s is not None:
            track.rhythm.resume(self.beat_s)

    def as_text(self) -> str:
        """One line of JSON."""
        baseline = self.baseline
        kept = {
            "form": _FORM,
            "believed": self.believed.value,
            "lost": self.lost,
            "since_s": self.since_s,
            "steady_s": self.steady_s,
            "parked": self.parked,
            "shifted": self.shifted,
            "sense": None if self.sense is None else self.sense.value,
            "unit": self.unit,
            "temperature_c": self.temperature_c,
            "sigma": self.sigma,
            "missed": self.missed,
            "interval_s": self.interval_s,
            "doubt": self.doubt,
            "beat_s": self.beat_s,
            "passers": [round(each, 3) for each in self.passers],
            "baseline": None
            if baseline is None
            else {
                "reference_c": baseline.reference_c,
                "updated_s": baseline.updated_s,
                "slope_prior": baseline.slope_prior,
                "axes": baseline.axes,
            },
        }
        return json.dumps(kept, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str, moved_s: float) -> "KeptBay":
        """`moved_s` is added to every time. Raises KeyError, TypeError or ValueError where the text is not what as_text wrote."""
        kept = json.loads(text)
        if kept["form"] != _FORM:
            raise ValueError(f"form {kept['form']}")
        baseline = kept["baseline"]
        if baseline is not None and not 1 <= len(baseline["axes"]) <= 3:
            raise ValueError("a baseline of one to three axes")
        sigma, missed = tuple(map(_finite, kept["sigma"])), tuple(map(_finite, kept["missed"]))
        if len(sigma) != 3 or len(missed) != 6 or min(sigma) <= 0.0:
            raise ValueError("the noise of three axes and the six of a covariance")
        return cls(
            believed=Occupancy(kept["believed"]),
            lost=bool(kept["lost"]),
            since_s=_moved(kept["since_s"], moved_s),
            steady_s=_moved(kept["steady_s"], moved_s),
            parked=_vector(kept["parked"]),
            shifted=_vector(kept["shifted"]) or (0.0, 0.0, 0.0),
            sense=None if kept["sense"] is None else Sense(kept["sense"]),
            unit=_finite(kept["unit"]),
            temperature_c=kept["temperature_c"],
            sigma=sigma,
            missed=missed,
            interval_s=kept["interval_s"],
            # Those before knew nothing of these three.
            doubt=_variances(kept.get("doubt")),
            beat_s=_positive(kept.get("beat_s")),
            passers=_counts(kept.get("passers", NONE_COUNTED)),
            baseline=None
            if baseline is None
            else Baseline(
                [AxisBaseline(*map(_finite, axis)) for axis in baseline["axes"]],
                baseline["reference_c"],
                float(baseline["updated_s"]) + moved_s,
                float(baseline["slope_prior"]),
            ),
        )
