"""Short recordings as people cut and label them: one value in counts, under the mains' hum; drawn from a seed, by no part of the simulator.

    value = empty + waking + what a vehicle adds + hum at its alias + noise + spikes, in whole counts, on a scale that nobody tells

What is known of such recordings is in these figures: 11.1 to 11.64 readings a second, an alias at or near 3.44 Hz of 13 to 58 counts
(median 34), single readings that are wrong, a sensor that wakes up for one and a half to two seconds, mostly at least five seconds before
the first vehicle. Motion of 1.6, 4.5, 13.1 s (p5, p50, p95) in, 0.45, 2.25, 8.3 s out, 1.5, 2.4, 3.9 s over the bay. What a parked vehicle
adds is more than six sigmas of the mean over a second in 62 % of all stays, three to six in 12 %, less in 26 %: the axis of the sensor
lies across the vehicle's field there. What it adds while it moves is that of two to four dipoles and most of the time more.

A label begins where the raw trace shows the vehicle, or a little before.
"""

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.random import Generator

from simulators.quantity import Floats

CLASSES = ((0.62, 6.0, 300.0), (0.12, 3.0, 6.0), (0.26, 0.0, 3.0))
"""Share, and from how many to how many sigmas a parked vehicle adds."""
_USUAL_SIGMA = 3.0
_SEEN = 0.25
"""Of the amplitude of the hum: so much a vehicle adds where a label begins and ends."""
_ARRIVAL, _DEPARTURE, _PASSING = (4.5, 0.65, 0.63), (2.25, 0.79, 0.98), (2.4, 0.295, 0.295)
_WAY_M, _SLOWEST_M_S = 14.0, 1.0
"""Nobody drives over a bay more slowly than people walk; without that the weakest, that are seen for a short way only, would creep."""
_TYPICAL_PEAK, _PEAK_SPREAD = 110.0, 0.7
_SCALES = (0.1, 1.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """`label` is (first, last) of the stay; of a trace with vehicles that pass, None."""

    times: Floats
    values: Floats
    label: tuple[float, float] | None
    passes: int
    sigmas: float
    """What the parked vehicle adds, in standard deviations of means over a second of the empty bay."""
    hum: float


@dataclass(frozen=True, slots=True)
class _Vehicle:
    """Dipoles of a vehicle: where along it, how high, and their moments along it and upwards; `axis` is the sensor's."""

    where: Floats
    high: Floats
    along: Floats
    up: Floats
    axis: tuple[float, float]

    def felt(self, at: Floats) -> Floats:
        u = at[:, None] + self.where[None, :]
        square = u * u + self.high**2
        over = 3.0 * (self.along * u + self.up * self.high) / square
        x, z = (over * u - self.along) / square**1.5, (over * self.high - self.up) / square**1.5
        return np.asarray((self.axis[0] * x + self.axis[1] * z).sum(axis=1))


def _vehicle(random: Generator) -> _Vehicle:
    count = int(random.integers(2, 5))
    turned = random.uniform(0.0, 2.0 * pi)
    return _Vehicle(
        where=random.uniform(-1.9, 1.9, count),
        high=random.uniform(0.45, 0.9, count),
        along=random.normal(0.3, 0.7, count),
        up=random.normal(0.6, 0.7, count),
        axis=(float(np.cos(turned)), float(np.sin(turned))),
    )


def _inward(random: Generator, unit: Floats) -> Floats:
    """The way in, as metres from where it will stand, over a unit of time; one in four goes too far and comes back."""
    way = -7.0 * (1.0 - unit) ** random.uniform(1.2, 2.0)
    if random.random() < 0.25:
        way = way + random.uniform(0.5, 1.5) * np.sin(pi * np.clip((unit - 0.55) / 0.45, 0.0, 1.0)) ** 2
    return np.asarray(way)


_UNIT = np.linspace(0.0, 1.0, 401)


def spread_over(felt: Floats, visible: float, lasts_s: float, stands: float = 0.0) -> tuple[float, float, float] | None:
    """(how long the whole way takes, from when, to when it can be seen) so that what can be seen of it lasts so long. It begins where
    something is felt that was not, and ends where what is felt is what stays."""
    begins, ends = np.flatnonzero(np.abs(felt) > visible), np.flatnonzero(np.abs(felt - stands) > visible)
    if not begins.size or not ends.size or ends[-1] - begins[0] < 8:
        return None
    share = (ends[-1] - begins[0]) / 400.0
    takes_s = lasts_s / share
    return takes_s, takes_s * begins[0] / 400.0, takes_s * ends[-1] / 400.0


def _took(random: Generator, typical: tuple[float, float, float], least_s: float) -> float:
    """Its median, and how far the longer and the shorter ones spread."""
    off = random.normal()
    return max(typical[0] * float(np.exp(off * typical[1 if off > 0.0 else 2])), least_s)


def _scaled(random: Generator, vehicle: _Vehicle) -> float:
    """Counts for one unit of its field, by how much it is felt at the most."""
    peak = float(np.exp(random.normal(np.log(_TYPICAL_PEAK), _PEAK_SPREAD)))
    return peak / float(np.abs(vehicle.felt(np.linspace(-7.0, 7.0, 281))).max())


def parking(seed: int) -> Labelled:
    random = np.random.default_rng([seed, 1])
    _, low, high = CLASSES[int(random.choice(3, p=[each[0] for each in CLASSES]))]
    hum = float(np.clip(np.exp(random.normal(np.log(34.0), 0.42)), 13.0, 58.0))
    visible = _SEEN * hum
    while True:
        vehicle = _vehicle(random)
        scale, stands_at = _scaled(random, vehicle), float(random.uniform(-0.6, 0.6))
        stands = scale * float(vehicle.felt(np.array([stands_at]))[0])
        if not low <= abs(stands) / _USUAL_SIGMA < high:
            continue
        came = scale * vehicle.felt(_inward(random, _UNIT) + stands_at)
        left = scale * vehicle.felt(_inward(random, _UNIT) * random.choice((-1.0, 1.0)) + stands_at)
        coming = spread_over(came, visible, _took(random, _ARRIVAL, 0.6), stands)
        going = spread_over(left, visible, _took(random, _DEPARTURE, 0.3), stands)
        if coming is not None and going is not None:
            break
    first_s = float(random.uniform(2.5, 5.0) if random.random() < 0.06 else random.uniform(5.0, 14.0))
    begins_s = first_s - coming[1]
    stood_s = begins_s + coming[0]
    leaves_s = stood_s + float(np.exp(random.uniform(np.log(8.0), np.log(60.0))))
    last_s = leaves_s + going[0] - going[1]
    after_s = float(random.uniform(2.0, 5.0) if random.random() < 0.06 else random.uniform(5.0, 14.0))
    t = _times(random, last_s + after_s, (11.1, 11.64))
    felt = np.where(
        t < leaves_s,
        np.interp((t - begins_s) / coming[0], _UNIT, came, left=0.0),
        np.interp((t - leaves_s) / going[0], _UNIT, left[::-1], right=0.0),
    )
    values, sigma = _recorded(random, t, felt, hum)
    generous = (float(random.uniform(0.0, 1.5)), float(random.uniform(0.0, 1.5)))
    label = (first_s - generous[0], last_s + generous[1])
    return Labelled(times=t, values=values, label=label, passes=0, sigmas=abs(stands) / sigma, hum=hum)


def passing(seed: int) -> Labelled:
    """Two vehicles drive over."""
    random = np.random.default_rng([seed, 2])
    hum = float(np.clip(np.exp(random.normal(np.log(34.0), 0.42)), 13.0, 58.0))
    begins_s = float(random.uniform(5.0, 10.0))
    parts: list[tuple[float, float, Floats]] = []
    for _ in range(2):
        lasts_s, takes = _took(random, _PASSING, 0.8), None
        while takes is None or _WAY_M / takes[0] < _SLOWEST_M_S:
            vehicle = _vehicle(random)
            over = _scaled(random, vehicle) * vehicle.felt(_WAY_M * (_UNIT - 0.5))
            takes = spread_over(over, _SEEN * hum, lasts_s)
        parts.append((begins_s - takes[1], takes[0], over))
        begins_s += takes[2] - takes[1] + float(np.exp(random.uniform(np.log(2.5), np.log(15.0))))
    t = _times(random, begins_s + 5.0, (10.5, 10.7))
    felt = np.zeros(t.size)
    for from_s, takes_s, over in parts:
        felt += np.interp((t - from_s) / takes_s, _UNIT, over, left=0.0, right=0.0)
    values, _ = _recorded(random, t, felt, hum)
    return Labelled(times=t, values=values, label=None, passes=2, sigmas=0.0, hum=hum)


def _times(random: Generator, lasts_s: float, rates_hz: tuple[float, float]) -> Floats:
    taken = np.arange(0.0, lasts_s, 1.0 / random.uniform(*rates_hz))
    return np.asarray(taken + random.uniform(0.0, 0.002, taken.size))


def _recorded(random: Generator, t: Floats, felt: Floats, hum: float) -> tuple[Floats, float]:
    """The readings, and the standard deviation of means over one second of the empty bay."""
    alias_hz = 3.44 + random.normal(0.0, 0.05)
    wandering = np.interp(t, np.arange(0.0, t[-1] + 5.0, 5.0), np.cumsum(random.normal(0.0, 0.03, int(t[-1] / 5.0) + 2)))
    swelling = 1.0 + random.uniform(0.0, 0.2) * np.sin(2.0 * pi * t / random.uniform(5.0, 60.0) + random.uniform(0.0, 6.0))
    humming = hum * swelling * np.sin(2.0 * pi * (alias_hz * t + wandering) + random.uniform(0.0, 6.0))
    noise = random.normal(0.0, random.uniform(2.0, 6.0), t.size) + np.cumsum(random.normal(0.0, random.uniform(0.0, 0.06), t.size))
    empty = humming + noise
    settled = empty[t > 2.0]
    means = np.convolve(settled, np.full(11, 1.0 / 11.0), "valid")
    waking = random.choice((-1.0, 1.0)) * random.uniform(50.0, 500.0) * np.exp(-t / random.uniform(0.25, 0.45)) * (t < 2.0)
    spikes = (random.random(t.size) < random.choice((0.0, 0.0, 0.004))) * random.uniform(-400.0, 400.0, t.size)
    counts = np.round(random.uniform(-3000.0, 3000.0) + waking + felt + empty + spikes)
    return np.asarray(counts * random.choice(_SCALES)), float(np.std(means - np.mean(means)))
