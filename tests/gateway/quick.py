"""One quick value under the mains' hum for detector tests, seeded, and what a bay's machine tells of readings."""

import math
from collections.abc import Callable, Iterable, Iterator
from random import Random

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange

RATE_HZ = 11.6
Felt = Callable[[float], float]


def over(middle_s: float, lasts_s: float, peak: float) -> Felt:
    """A dipole that passes; `lasts_s` is the time over an eighth of its peak."""
    return lambda t: peak / (1.0 + 3.0 * (2.0 * (t - middle_s) / lasts_s) ** 2) ** 1.5


def recording(felt: Felt, *, seed: int, end_s: float, hum: float = 34.0) -> Iterator[Reading]:
    random = Random(seed)
    for count in range(int(end_s * RATE_HZ)):
        t = count / RATE_HZ
        humming = hum * math.sin(2.0 * math.pi * (3.44 * t + 0.1 * math.sin(0.2 * t)) + seed)
        yield Reading(device="d", t=t, b_ut=round(400.0 + humming + random.gauss(0.0, 3.0) + felt(t) + 300.0 * math.exp(-t / 0.35)))


def told(readings: Iterable[Reading]) -> list[BayChange]:
    machine = BayMachine("b", BayDetection(), now=0.0)
    return [change for reading in readings for change in machine.feed(reading, reading.t)]
