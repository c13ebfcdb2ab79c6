"""What a bay's machine keeps through a restart, and its JSON form.

Times are on the monotonic clock of the process that wrote them; who restores says by how much that clock has moved.
"""

import json
from dataclasses import dataclass

from gateway.detection.baseline import AxisBaseline, Baseline
from gateway.detection.change import Occupancy
from gateway.detection.evidence import Sense


def _moved(time_s: float | None, by_s: float) -> float | None:
    return None if time_s is None else time_s + by_s


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBay:
    believed: Occupancy
    lost: bool
    since_s: float | None
    steady_s: float | None
    parked: tuple[float, ...] | None
    sense: Sense | None
    baseline: Baseline | None

    def as_text(self) -> str:
        """One line of JSON."""
        baseline = self.baseline
        kept = {
            "believed": self.believed.value,
            "lost": self.lost,
            "since_s": self.since_s,
            "steady_s": self.steady_s,
            "parked": self.parked,
            "sense": None if self.sense is None else self.sense.value,
            "baseline": None
            if baseline is None
            else {
                "reference_c": baseline.reference_c,
                "updated_s": baseline.updated_s,
                "axes": [
                    [axis.level_ut, axis.slope_ut_per_c, axis.level_variance, axis.slope_variance, axis.covariance]
                    for axis in baseline.axes
                ],
            },
        }
        return json.dumps(kept, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str, moved_s: float) -> "KeptBay":
        """`moved_s` is added to every time. Raises KeyError, TypeError or ValueError where the text is not what as_text wrote."""
        kept = json.loads(text)
        baseline = kept["baseline"]
        return cls(
            believed=Occupancy(kept["believed"]),
            lost=bool(kept["lost"]),
            since_s=_moved(kept["since_s"], moved_s),
            steady_s=_moved(kept["steady_s"], moved_s),
            parked=None if kept["parked"] is None else tuple(float(value) for value in kept["parked"]),
            sense=None if kept["sense"] is None else Sense(kept["sense"]),
            baseline=None
            if baseline is None
            else Baseline(
                [AxisBaseline(*map(float, axis)) for axis in baseline["axes"]],
                baseline["reference_c"],
                float(baseline["updated_s"]) + moved_s,
            ),
        )
