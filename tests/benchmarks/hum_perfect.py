"""How many labelled recordings a detector tells perfectly, and how many drive-overs it takes for parked vehicles.

    python -m tests.benchmarks.hum_perfect [--parking 600] [--passing 1000] [--seed 1] [--jobs 2] [--detectors ours,first,fixed]

`hum_labelled.py` says what the recordings are. Perfect is one arrival, from six seconds before the label's begin to eight after it, one
departure, from eight seconds before the label's end to six after it, and nothing else. `fixed` is the fixed threshold that
people begin with: the mean over a second against that of the first seconds, in standard deviations of these, held for some seconds.
"""

import argparse
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean, stdev

from drivers.reading import Reading
from gateway.detection.change import BayChange
from gateway.scoring.told import Says, Told
from tests.benchmarks.bay_days import table
from tests.benchmarks.contestants import BayDetector, contestant, told_by
from tests.benchmarks.hum_labelled import Labelled, parking, passing
from tests.benchmarks.thresholds import Debounced

DEVICE = "bay"
_THRESHOLD_SHARE, _DEBOUNCE_S = 0.4, 2.5
_WOKE_S, _LEARNS_S = 2.0, 2.5


@dataclass(slots=True)
class FixedMeans:
    """Its threshold is a share of the standard deviation of single readings of the empty bay: most of that is hum."""

    bay: str
    share: float = _THRESHOLD_SHARE
    debounce_s: float = _DEBOUNCE_S
    _debounced: Debounced = field(init=False)
    _window: deque[tuple[float, float]] = field(default_factory=deque)
    _first: list[float] = field(default_factory=list)
    _empty: float | None = None
    _least: float = 0.0

    def __post_init__(self) -> None:
        self._debounced = Debounced(self.bay, self.debounce_s)

    def feed(self, reading: Reading, now: float) -> list[BayChange]:
        assert reading.b_ut is not None
        if now < _WOKE_S:
            return []
        self._window.append((now, reading.b_ut))
        while now - self._window[0][0] >= 1.0:
            self._window.popleft()
        if self._empty is None:
            self._first.append(reading.b_ut)
            if now > _WOKE_S + _LEARNS_S:
                self._empty, self._least = fmean(self._first), self.share * stdev(self._first)
            return []
        far = abs(fmean(value for _, value in self._window) - self._empty)
        return self._debounced.feed(far >= self._least, now)

    def deadline(self) -> float | None:
        return None

    def tick(self, now: float) -> list[BayChange]:  # noqa: ARG002
        return []


def make_fixed(bay: str, now: float) -> BayDetector:  # noqa: ARG001
    return FixedMeans(bay)


@dataclass(frozen=True, slots=True)
class Outcome:
    sigmas: float
    arrived: bool
    left: bool
    others: int
    """What was told beside these."""

    @property
    def perfect(self) -> bool:
        return self.arrived and self.left and self.others == 0


def told_of_trace(name: str, trace: Labelled) -> list[Told]:
    make = make_fixed if name == "fixed" else contestant(name)
    readings = [Reading(device=DEVICE, t=t, b_ut=value) for t, value in zip(trace.times.tolist(), trace.values.tolist(), strict=True)]
    return [each for each in told_by(make(DEVICE, 0.0), readings) if each.says in (Says.START, Says.END)]


def judge_parking(names: Sequence[str], seed: int) -> list[Outcome]:
    return judge_labelled(names, parking(seed))


def judge_labelled(names: Sequence[str], trace: Labelled) -> list[Outcome]:
    assert trace.label is not None
    first_s, last_s = trace.label
    outcomes = []
    for name in names:
        told = told_of_trace(name, trace)
        starts = [each for each in told if each.says is Says.START and -6.0 <= each.onset_s - first_s <= 8.0]
        ends = [each for each in told if each.says is Says.END and -8.0 <= each.onset_s - last_s <= 6.0]
        outcomes.append(Outcome(trace.sigmas, bool(starts), bool(ends), len(told) - len(starts[:1]) - len(ends[:1])))
    return outcomes


def judge_passing(names: Sequence[str], seed: int) -> list[int]:
    return parks_told(names, passing(seed))


def parks_told(names: Sequence[str], trace: Labelled) -> list[int]:
    """How many parked vehicles each tells."""
    return [sum(each.says is Says.START for each in told_of_trace(name, trace)) for name in names]


STRENGTHS = (("< 3 sigma", 0.0, 3.0), ("3-6 sigma", 3.0, 6.0), (">= 6 sigma", 6.0, 1e9), ("all", 0.0, 1e9))
HEAD: tuple[str, ...] = ("detector", "traces", "perfect", "arrivals", "departures", "others a trace")


def report(name: str, outcomes: Sequence[Outcome]) -> Iterator[tuple[str, ...]]:
    for title, low, high in STRENGTHS:
        chosen = [each for each in outcomes if low <= each.sigmas < high]
        count = max(len(chosen), 1)
        shares = (sum(each.perfect for each in chosen), sum(each.arrived for each in chosen), sum(each.left for each in chosen))
        percents = (f"{100 * share / count:.1f} %" for share in shares)
        yield f"{name}, {title}", str(len(chosen)), *percents, f"{sum(each.others for each in chosen) / count:.2f}"


def shown(names: Sequence[str], parked: Sequence[Sequence[Outcome]], passed: Sequence[Sequence[int]]) -> str:
    """Of each recording what each detector did; two vehicles pass in each of the others."""
    rows: list[tuple[str, ...]] = [HEAD]
    for number, name in enumerate(names):
        rows += report(name, [each[number] for each in parked])
    told = []
    for number, name in enumerate(names):
        parks = sum(each[number] for each in passed)
        told.append(f"{name}: {parks} parks of {2 * len(passed)} drive-overs, {100 * parks / max(2 * len(passed), 1):.2f} %")
    return "\n\n".join((table(rows), *told))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--parking", type=int, default=600)
    parser.add_argument("--passing", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--detectors", default="ours,first,fixed")
    asked = parser.parse_args()
    names, begin = asked.detectors.split(","), asked.seed * 1_000_000
    with ProcessPoolExecutor(asked.jobs) as pool:
        parked = list(pool.map(partial(judge_parking, names), range(begin, begin + asked.parking), chunksize=20))
        passed = list(pool.map(partial(judge_passing, names), range(begin, begin + asked.passing), chunksize=20))
    print(shown(names, parked, passed))


if __name__ == "__main__":
    main()
