"""How long cars stay and bays stay empty: quantiles of Melbourne's bay log of 2019 (`simulators/data/`), interpolated.

Below 1 % the first quantile stands, above the last one the tail goes on for as long as between the last two.
"""

import csv
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from random import Random


class Dwell(StrEnum):
    """Columns of the file: a car is present, a bay is empty."""

    STAY = "present_censored_s"
    GAP = "not_present_censored_s"


@cache
def quantiles_s(dwell: Dwell) -> tuple[float, ...]:
    """From 1 % on, a per cent each."""
    text = files("simulators").joinpath("data", "melbourne_dwell_quantiles.csv").read_text("utf-8")
    return tuple(float(row[dwell]) for row in csv.DictReader(text.splitlines()) if row[dwell])


def drawn_s(random: Random, dwell: Dwell) -> float:
    return interpolated(quantiles_s(dwell), random.random() * 100.0)


def interpolated(quantiles: Sequence[float], pct: float) -> float:
    last = len(quantiles)
    if pct <= 1:
        return quantiles[0]
    below = min(int(pct), last - 1)
    one, other = quantiles[below - 1], quantiles[below]
    return one + (other - one) * min(pct - below, 2.0)
