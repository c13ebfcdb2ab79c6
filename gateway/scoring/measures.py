"""The figures of many judged bays: counts and quantiles, of all of them or of one stratum.

Onset errors and latencies are those of what was seen densely: readings at most `DENSE_S` apart around the onset. Elsewhere a detector
can't know better than the gap between two readings. Both count from the onset; but nothing can be certain of an arrival before the car
stands, which takes 4.5 s in the median and 13 s in one of twenty, nor of a departure before it is gone: `confirm_after_s` counts from then.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.scoring.judging import Found, Judged
from gateway.scoring.told import Says
from gateway.scoring.truth import What

DENSE_S = 2.5
_DAY_S = 86400.0
_BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)

Chosen = Callable[[Judged, Found], bool]


def everything(_bay: Judged, _found: Found) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Of what was told with a confidence from `low` to `high`: how many, how sure on average, and how many were right."""

    low: float
    high: float
    told: int
    mean: float
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Shares are None where there is nothing to divide by. Times in s: quantiles as (p50, p95)."""

    bay_days: float
    facts: int
    found: int
    unseen: int
    invented: int
    stays: int
    splits: int
    merged: int
    swaps: int
    swaps_seen: int
    drive_overs: int
    parks_of_drive_overs: int
    buses: int
    parks_of_buses: int
    onset_s: tuple[float, float] | None
    confirm_s: tuple[float, float] | None
    confirm_after_s: tuple[float, float] | None
    duration_s: tuple[float, float] | None
    agreement: float
    unknown: float
    calibration: tuple[Bin, ...]
    confusion: tuple[tuple[str, int, int, int], ...]
    """What happened, and how often it was told as a start, as an end, as nothing."""

    @property
    def recall(self) -> float | None:
        return _share(self.found, self.facts)

    @property
    def precision(self) -> float | None:
        return _share(self.found, self.found + self.invented)

    @property
    def invented_a_day(self) -> float | None:
        return _share(self.invented, self.bay_days)

    @property
    def splits_per_1000(self) -> float | None:
        share = _share(self.splits, self.stays)
        return None if share is None else 1000.0 * share

    @property
    def swaps_share(self) -> float | None:
        return _share(self.swaps_seen, self.swaps)

    @property
    def parks_per_drive_over(self) -> float | None:
        return _share(self.parks_of_drive_overs, self.drive_overs)

    @property
    def calibration_error(self) -> float | None:
        """Mean distance between how sure and how often right, weighted by how many."""
        total = sum(each.told for each in self.calibration)
        return _share(sum(abs(each.right - each.mean * each.told) for each in self.calibration), total)


def measures(bays: Sequence[Judged], chosen: Chosen = everything) -> Measures:
    """`chosen` picks arrivals and departures; what was invented is that of the bays where any is chosen, or of all."""
    picked = [(bay, [each for each in bay.found if chosen(bay, each)]) for bay in bays]
    seen = [each for _, some in picked for each in some if not each.unseen]
    matched = [each for each in seen if each.told is not None]
    dense = [each for each in matched if each.fact.blind_s <= DENSE_S]
    invented = [each for bay in bays for each in bay.invented]
    disturbed = Counter(what for bay in bays for what in bay.disturbed)
    parks = Counter(each.near for each in invented if each.told.says is Says.START)
    swaps = [pair for _, some in picked for pair in _swaps(some)]
    span_s = sum(bay.span_s for bay in bays)
    durations = [abs(told - true) for bay in bays for true, told in bay.durations]
    return Measures(
        bay_days=span_s / _DAY_S,
        facts=len(seen),
        found=len(matched),
        unseen=sum(each.unseen for _, some in picked for each in some),
        invented=len(invented),
        stays=sum(bay.stays for bay in bays),
        splits=sum(bay.splits for bay in bays),
        merged=sum(bay.merged for bay in bays),
        swaps=len(swaps),
        swaps_seen=sum(left.told is not None and arrived.told is not None for left, arrived in swaps),
        drive_overs=disturbed[What.DRIVE_OVER],
        parks_of_drive_overs=parks[What.DRIVE_OVER],
        buses=disturbed[What.BUS],
        parks_of_buses=parks[What.BUS],
        onset_s=_quantiles([abs(each.told.onset_s - each.fact.t) for each in dense if each.told is not None]),
        confirm_s=_quantiles([each.told.confirmed_s - each.fact.t for each in dense if each.told is not None]),
        confirm_after_s=_quantiles([each.told.confirmed_s - each.fact.settled_s for each in dense if each.told is not None]),
        duration_s=_quantiles(durations),
        agreement=sum(bay.agreed_s for bay in bays) / span_s if span_s else 0.0,
        unknown=sum(bay.unknown_s for bay in bays) / span_s if span_s else 0.0,
        calibration=_calibration(bays, [each for _, some in picked for each in some]),
        confusion=_confusion(bays, seen, disturbed),
    )


def _swaps(found: Sequence[Found]) -> list[tuple[Found, Found]]:
    """A departure and the arrival that follows it at once, both of which readings showed."""
    return [
        (left, arrived)
        for left, arrived in pairwise(found)
        if left.fact.what is What.LEFT and left.fact.swap and arrived.fact.what is What.ARRIVED and not left.unseen and not arrived.unseen
    ]


def _calibration(bays: Sequence[Judged], found: Sequence[Found]) -> tuple[Bin, ...]:
    told = [(each.told.confidence, True) for each in found if each.told is not None]
    told += [(each.told.confidence, False) for bay in bays for each in bay.invented]
    bins = []
    for low, high in pairwise(_BINS):
        within = [(sure, right) for sure, right in told if low <= sure < high or (sure >= high == _BINS[-1])]
        if within:
            mean = sum(sure for sure, _ in within) / len(within)
            bins.append(Bin(low=low, high=high, told=len(within), mean=mean, right=sum(right for _, right in within)))
    return tuple(bins)


def _confusion(bays: Sequence[Judged], seen: Sequence[Found], disturbed: Counter[What]) -> tuple[tuple[str, int, int, int], ...]:
    rows = []
    for what in (What.ARRIVED, What.LEFT):
        facts = [each for each in seen if each.fact.what is what]
        told = sum(each.told is not None for each in facts)
        starts, ends = (told, 0) if what is What.ARRIVED else (0, told)
        rows.append((what.value, starts, ends, len(facts) - told))
    near = Counter((each.near, each.told.says) for bay in bays for each in bay.invented)
    for disturbance in (What.DRIVE_OVER, What.BUS, What.SHUFFLED, What.NEIGHBOUR_MOVED):
        starts, ends = near[disturbance, Says.START], near[disturbance, Says.END]
        rows.append((disturbance.value, starts, ends, max(disturbed[disturbance] - starts - ends, 0)))
    rows.append(("nothing", near[None, Says.START], near[None, Says.END], 0))
    return tuple(rows)


def _quantiles(values: Sequence[float]) -> tuple[float, float] | None:
    if not values:
        return None
    ordered = sorted(values)
    return ordered[int(0.5 * (len(ordered) - 1))], ordered[int(0.95 * (len(ordered) - 1))]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
