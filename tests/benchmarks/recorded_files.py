"""Recordings of real sensors that somebody holds, as CSV files with a header, one file each: short ones, and months of rows.

short    t,value,parked                      seconds, one value in whatever unit, 1 while the label says that the vehicle is there;
                                             where it never is, vehicles pass
months   t,x,y,z,temperature_c,occupied      seconds, a field in µT or counts, and 1 where a vehicle stood as the row was made
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from pathlib import Path

import numpy as np

from drivers.reading import Reading
from simulators.quantity import Floats
from tests.benchmarks.hum_labelled import Labelled
from tests.benchmarks.months_of.rows import Months, Row

SHORT = ("t", "value", "parked")
MONTHS = ("t", "x", "y", "z", "temperature_c", "occupied")
_WOKE_S, _LEAST_S = 2.0, 3.0


class RecordingFault(Exception):
    """A file that is no recording; the sentence says where and what is wrong."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Nobody has seen more of a stay than its rows: it came and went somewhere between two of them."""

    arrive_s: float
    parked_s: float
    depart_s: float
    gone_s: float


def files_of(folder: Path) -> list[Path]:
    """Raises RecordingFault where there is none."""
    found = sorted(folder.glob("*.csv"))
    if not found:
        raise RecordingFault(f"{folder}: no .csv file in it")
    return found


def short(path: Path) -> Labelled:
    """Raises RecordingFault."""
    t, values, parked = (np.array(column) for column in zip(*_numbers(path, SHORT), strict=True))
    inside = np.flatnonzero(parked > 0.5)
    label = (float(t[inside[0]]), float(t[inside[-1]])) if inside.size else None
    return Labelled(times=t, values=values, label=label, passes=0 if inside.size else 2, sigmas=_sigmas(t, values, label), hum=0.0)


def months(path: Path) -> Months:
    """Raises RecordingFault."""
    name = path.stem
    rows = [
        Row(Reading(device=name, t=t, x_ut=x, y_ut=y, z_ut=z, temperature_c=warm), occupied > 0.5)
        for t, x, y, z, warm, occupied in _numbers(path, MONTHS)
    ]
    return Months(name, rows, list(_stays(rows)), rows[-1].reading.t)


def _numbers(path: Path, names: Sequence[str]) -> list[list[float]]:
    found: list[list[float]] = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in names if name not in (reader.fieldnames or ())]
        if missing:
            raise RecordingFault(f"{path}:1: no column {', '.join(missing)}; its header must name {','.join(names)}")
        for row in reader:
            try:
                numbers = [float(row[name]) for name in names]
            except (TypeError, ValueError):
                raise RecordingFault(f"{path}:{reader.line_num}: not a number in each of {','.join(names)}") from None
            if not all(map(isfinite, numbers)) or (found and numbers[0] <= found[-1][0]):
                raise RecordingFault(f"{path}:{reader.line_num}: each row must be finite, and later than the one before")
            found.append(numbers)
    if len(found) < 2:
        raise RecordingFault(f"{path}: fewer than two rows")
    return found


def _stays(rows: Sequence[Row]) -> Iterator[Seen]:
    began: tuple[float, float] | None = None
    for before, after in pairwise(rows):
        between = before.reading.t, after.reading.t
        if after.occupied and not before.occupied:
            began = between
        elif before.occupied and not after.occupied and began is not None:
            yield Seen(*began, *between)
            began = None


def _sigmas(t: Floats, values: Floats, label: tuple[float, float] | None) -> float:
    """What the parked vehicle adds, in standard deviations of means over a second of the empty bay before; zero where that is not known."""
    if label is None:
        return 0.0
    first_s, last_s = label
    empty = values[(t > t[0] + _WOKE_S) & (t < first_s)]
    stands = values[(t > first_s + 0.6 * (last_s - first_s)) & (t < last_s - 0.1 * (last_s - first_s))]
    each = max(round(1.0 / float(np.median(np.diff(t)))), 1)
    if first_s < t[0] + _WOKE_S + _LEAST_S or empty.size < 2 * each or not stands.size:
        return 0.0
    sigma = float(np.std(np.convolve(empty, np.full(each, 1.0 / each), "valid")))
    return abs(float(np.median(stands)) - float(np.median(empty))) / max(sigma, 1e-9)
