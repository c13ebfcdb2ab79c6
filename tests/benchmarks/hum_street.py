"""Vehicles that park on a bay or drive over it, as one sensor feels them: drawn from a seed, by no part of the simulator."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.random import Generator

from simulators.quantity import Floats

_WEAKEST_UT, _STRONGEST_UT = 2.0, 60.0


class Kind(StrEnum):
    SHORT = "short"
    STREET = "street"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Move:
    """A vehicle's way over the sensor: where it is, in metres from where it parks; it adds `parts` in the end."""

    begins_s: float
    stands_s: float
    leaves_s: float
    gone_s: float
    parts: tuple[tuple[float, float], ...]
    """(where, how much) of each axle."""
    parks: bool
    parked_ut: float

    def felt(self, t: Floats) -> Floats:
        first, last = t.searchsorted((self.begins_s, self.gone_s))
        now = t[first:last]
        if self.parks:
            coming = np.clip((now - self.begins_s) / (self.stands_s - self.begins_s), 0.0, 1.0)
            going = np.clip((now - self.leaves_s) / (self.gone_s - self.leaves_s), 0.0, 1.0)
            along = -6.0 * (1.0 - coming) ** 2 + 6.0 * going**2
        else:
            along = 12.0 * (now - self.begins_s) / (self.gone_s - self.begins_s) - 6.0
        felt = np.zeros(t.size)
        for where, much in self.parts:
            felt[first:last] += much / (1.0 + ((along - where) / 0.7) ** 2) ** 1.5
        return felt


def _vehicle(random: Generator) -> tuple[tuple[tuple[float, float], ...], float]:
    """Its axles, and what they add together where it parks; one in some has axles that nearly cancel there."""
    wanted = float(np.exp(random.uniform(np.log(_WEAKEST_UT), np.log(_STRONGEST_UT)))) * float(random.choice((-1.0, 1.0)))
    while True:
        where = (float(random.uniform(-1.8, -0.9)), float(random.uniform(-0.4, 0.4)), float(random.uniform(0.9, 1.8)))
        much = random.normal(0.4, 1.0, 3)
        parked = sum(float(each) / (1.0 + (place / 0.7) ** 2) ** 1.5 for place, each in zip(where, much, strict=True))
        if abs(parked) > 0.15 * float(np.max(np.abs(much))):
            return tuple((place, float(each) * wanted / parked) for place, each in zip(where, much, strict=True)), wanted


def street(random: Generator, kind: Kind) -> tuple[float, list[Move]]:
    def took(typical_s: float, spread: float, shortest_s: float) -> float:
        return max(float(np.exp(random.normal(np.log(typical_s), spread))), shortest_s)

    def stay(begins_s: float, dwell_s: float) -> Move:
        parts, parked_ut = _vehicle(random)
        stands_s = begins_s + min(took(4.5, 0.65, 0.8), 15.0)
        leaves_s = stands_s + dwell_s
        return Move(begins_s, stands_s, leaves_s, leaves_s + min(took(2.25, 0.8, 0.4), 10.0), parts, True, parked_ut)

    if kind is Kind.SHORT:
        only = stay(float(random.uniform(5.0, 15.0)), float(random.uniform(15.0, 90.0)))
        return only.gone_s + float(random.uniform(8.0, 20.0)), [only]
    lasts_s = 1.5 * 86400.0 if kind is Kind.LONG else float(random.uniform(3600.0, 3 * 3600.0))
    typical_s = 4 * 3600.0 if kind is Kind.LONG else 500.0
    moves, t = [], float(random.uniform(60.0, 600.0))
    while t < lasts_s - 60.0:
        if random.random() < 0.5:
            parts, _ = _vehicle(random)
            over_s = took(2.4, 0.29, 0.8) * 2.0  # Twelve metres of way, of which it is felt over half.
            moves.append(Move(t, t + over_s, t + over_s, t + over_s, parts, False, 0.0))
        else:
            moves.append(stay(t, took(typical_s, 1.2, 60.0)))
        t = moves[-1].gone_s + took(typical_s / 3.0, 1.0, 10.0)
    return lasts_s, moves
