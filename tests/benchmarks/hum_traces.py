"""Traces of a bay beside a cable, from no part of the simulator: one value, quick readings, the mains' hum under the sampling.

    value = empty (wanders) + what a vehicle adds + hum (50 Hz, harmonics, swelling) + noise + spikes + waking, in steps of the sensor

Drawn from a seed: 8 to 20 readings a second, by a clock that is not quite right and whose every moment jitters; mains between 49.9 and
50.1 Hz, wandering; hum of 0.2 to 10 µT; vehicles that add 2 to 60 µT of either sign, over three axles that cancel in part; stays from a
minute to days; lost readings and missing stretches; three scales. So the alias lies anywhere from zero to half the sampling rate.

    short     one stay, five to fifteen seconds before it: what is cut out of a recording for people who label it
    street    one to three hours with several stays, drive-overs between them
    long      a day and a half with stays of hours

`sigma` is the standard deviation of means over one second of the empty bay, hum and noise in them: a vehicle is measured by it.
"""

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gateway.scoring.truth import Fact, What
from simulators.quantity import Floats
from tests.benchmarks.hum_street import Kind, Move, street

DEVICE = "bay"
_TRANSIENT_S = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class HumTrace:
    kind: Kind
    rate_hz: float
    hum_ut: float
    alias_hz: float
    """Of the first harmonic, in the middle of the trace."""
    sigma_ut: float
    times: Floats
    values: Floats
    """On the sensor's scale."""
    facts: tuple[Fact, ...]
    lasts_s: float


def hum_trace(seed: int, kind: Kind) -> HumTrace:
    random = np.random.default_rng([seed, list(Kind).index(kind)])
    lasts_s, moves = street(random, kind)
    rate_hz = _rate(random)
    taken = np.arange(0.0, lasts_s, 1.0 / rate_hz)
    taken = taken + np.clip(random.normal(0.0, random.choice((0.0, 0.0003, 0.001)), taken.size), -0.01, 0.01)
    hum_ut = float(np.exp(random.uniform(np.log(0.2), np.log(10.0))))
    hum, mains_hz = _hum(random, taken, hum_ut)
    noise_ut = float(random.uniform(0.05, 0.5))
    unit = float(random.choice((1.0, 10.0, 100.0)))
    step = float(random.choice((0.01, 0.1, 0.3)))
    disturbed = hum + random.normal(0.0, noise_ut, taken.size)
    sigma_ut = _of_means(np.round(disturbed / step) * step, taken)
    vehicles = sum((move.felt(taken) for move in moves), start=np.zeros(taken.size))
    wandering = _wander(random, taken, lasts_s) + random.uniform(20.0, 70.0)
    wandering += random.choice((0.0, 20.0)) * np.exp(-taken / _TRANSIENT_S)
    spikes = (random.random(taken.size) < random.choice((0.0, 0.0005, 0.002))) * random.uniform(-40.0, 40.0, taken.size)
    values = np.round((wandering + vehicles + disturbed + spikes) / step) * step * unit
    came = _came(random, taken, kind)
    # The stamp is when the answer came: some milliseconds late, and not always as many.
    stamps = np.maximum.accumulate(np.round(taken[came] + random.exponential(0.002, int(came.sum())), 3))
    facts = _facts(moves, stamps, sigma_ut)
    alias_hz = abs(mains_hz - rate_hz * round(mains_hz / rate_hz))
    return HumTrace(
        kind=kind,
        rate_hz=rate_hz,
        hum_ut=hum_ut,
        alias_hz=alias_hz,
        sigma_ut=sigma_ut,
        times=stamps,
        values=values[came],
        facts=facts,
        lasts_s=lasts_s,
    )


def _rate(random: Generator) -> float:
    """A third as deployed, a third anywhere, a third where the mains come out between zero and two hertz."""
    which = random.integers(3)
    if which == 0:
        return float(random.uniform(10.8, 12.0))
    if which == 1:
        return float(random.uniform(8.0, 20.0))
    return float((50.0 + random.choice((-1.0, 1.0)) * np.exp(random.uniform(np.log(0.02), np.log(2.0)))) / random.integers(3, 7))


def _hum(random: Generator, t: Floats, hum_ut: float) -> tuple[Floats, float]:
    """And the mains' frequency in the middle."""
    knots = np.arange(t[0], t[-1] + 60.0, 30.0)
    walk = np.clip(50.0 + random.uniform(-0.07, 0.07) + np.cumsum(random.normal(0.0, 0.004, knots.size)), 49.9, 50.1)
    hz = np.interp(t, knots, walk)
    phase = 2.0 * pi * (random.random() + np.cumsum(hz * np.diff(t, prepend=t[0])))
    # What the cable carries: it changes slowly, and in steps when something is switched.
    load = 1.0 + random.uniform(0.0, 0.3) * np.sin(2.0 * pi * t / random.uniform(20.0, 300.0))
    for switched_s in random.uniform(0.0, t[-1], random.poisson(t[-1] / 1800.0)):
        load[t.searchsorted(switched_s) :] *= random.uniform(0.7, 1.4)
    load = np.clip(load, 0.2, 3.0)
    third, fifth = random.uniform(0.0, 0.3), random.uniform(0.0, 0.15)
    shape = np.sin(phase) + third * np.sin(3.0 * phase + random.uniform(0, 6)) + fifth * np.sin(5.0 * phase + random.uniform(0, 6))
    return hum_ut * load * shape, float(np.median(hz))


def _of_means(values: Floats, t: Floats) -> float:
    seconds = t.astype(int)
    count = np.bincount(seconds)
    means = np.bincount(seconds, values)[count > 0] / count[count > 0]
    return float(np.std(means[:3600]))


def _wander(random: Generator, t: Floats, lasts_s: float) -> Floats:
    """The empty field without a thermometer: by a degree or two in a day, and a little at random."""
    knots = np.arange(0.0, lasts_s + 120.0, 60.0)
    walk = np.cumsum(random.normal(0.0, random.uniform(0.0, 0.02), knots.size))
    return np.asarray(np.interp(t, knots, walk) + random.uniform(0.0, 2.0) * np.sin(2.0 * pi * t / 86400.0 + random.uniform(0, 6)))


def _came(random: Generator, t: Floats, kind: Kind) -> NDArray[np.bool_]:
    came: NDArray[np.bool_] = random.random(t.size) >= float(random.choice((0.0, 0.02, 0.1)))
    if kind is not Kind.SHORT:
        for missing_s in random.uniform(0.0, t[-1], random.poisson(t[-1] / 3600.0)):
            came[t.searchsorted(missing_s) : t.searchsorted(missing_s + float(np.exp(random.uniform(0.7, 5.7))))] = False
    return came


def _facts(moves: list[Move], stamps: Floats, sigma_ut: float) -> tuple[Fact, ...]:
    facts = []
    lasts_s, last = float(stamps[-1]), int(stamps.size) - 1
    for index, move in enumerate(moves):
        next_s = moves[index + 1].begins_s if index + 1 < len(moves) else lasts_s
        spans = ((What.ARRIVED, move.begins_s, move.stands_s, move.leaves_s), (What.LEFT, move.leaves_s, move.gone_s, next_s))
        over = ((What.DRIVE_OVER, move.begins_s, move.gone_s, next_s),)
        for what, from_s, to_s, until_s in spans if move.parks else over:
            if from_s > lasts_s:
                continue
            after = min(int(stamps.searchsorted(from_s, "right")), last)
            before = max(int(stamps.searchsorted(from_s, "right")) - 1, 0)
            facts.append(
                Fact(
                    t=from_s,
                    device=DEVICE,
                    what=what,
                    settled_s=to_s,
                    signature_sigmas=abs(move.parked_ut) / sigma_ut,
                    blind_s=float(stamps[after] - stamps[before]),
                    readings=int(stamps.searchsorted(until_s) - stamps.searchsorted(to_s)),
                )
            )
    return tuple(facts)
