"""When a device measures, which of it is reported, and which reports arrive. Arrays of moments, in order; everything from the seed.

What `sampling.py` says is here done. Needs numpy (the extra `traces`).
"""

from math import exp, pi, sin
from random import Random

import numpy as np
from numpy.typing import NDArray

from simulators.chance import gauss, key_of, unit
from simulators.quantity import Floats, whole
from simulators.sampling import Sampling
from simulators.sensing import MAINS_HZ, Node

_SPELL_S = 20.0
_BAD_SPELLS, _BAD, _GOOD = 0.1, 5.5, 0.5
"""A tenth of the time the loss is 5.5 times what it is on average, else half of it."""
_HALF_HOUR_S = 1800.0
_SILENCE_S = (1800.0, 12960.0)
_WAKES_S = 2.0

Indices = NDArray[np.intp]
Chosen = NDArray[np.bool_]
Window = tuple[float, float]


def moments(sampling: Sampling, seed: int, device: str, window: Window) -> Floats:
    """When it measures."""
    from_s, to_s = window
    random = np.random.default_rng(key_of(seed, "moments", device, from_s))
    if sampling.irregular:
        gaps = random.exponential(sampling.every_s, int((to_s - from_s) / sampling.every_s * 1.2) + 50)
        times = from_s + np.cumsum(np.maximum(gaps, 0.05))
        return times[times < to_s]
    times = np.arange(from_s + random.uniform(0.0, sampling.looks_s), to_s, sampling.looks_s)
    if sampling.then_every_s is not None:
        other = np.arange(from_s + random.uniform(0.0, sampling.then_every_s), to_s, sampling.then_every_s)
        times = np.concatenate((times[times // _HALF_HOUR_S % 2 == 0], other[other // _HALF_HOUR_S % 2 == 1]))
    most = min(sampling.jitter_s, 0.2 * sampling.looks_s)
    jittered = times + np.clip(random.normal(0.0, most / 3.0, times.size), -most, most)
    return np.sort(np.round(jittered, 4))


def changed(axes: tuple[Floats, ...], times: Floats, sampling: Sampling) -> Indices:
    """Which measurements are reported: indices. A change counts once it has stayed for `on_change_s`."""
    assert sampling.on_change_ut is not None
    reported = [0]
    beat = max(round(sampling.every_s / sampling.looks_s), 1)
    stays = np.ones(min(max(round(sampling.on_change_s / sampling.looks_s), 1), beat))
    limit = sampling.on_change_ut**2
    while (last := reported[-1]) + 1 < times.size:
        ahead = slice(last + 1, last + 1 + beat)
        far = sum((axis[ahead] - axis[last]) ** 2 for axis in axes) > limit
        held = np.convolve(far, stays)[: far.size] > stays.size - 0.5
        reported.append(last + 1 + (int(held.argmax()) if held.any() else far.size - 1))
    return np.array(reported, dtype=np.intp)


def silences(sampling: Sampling, seed: int, device: str, window: Window) -> list[Window]:
    random, found, t = Random(f"{seed}/silences/{device}"), [], 0.0
    while sampling.silences_per_day > 0:
        t += random.expovariate(sampling.silences_per_day / 86400.0)
        lasts = min(max(3600.0 * exp(random.gauss(0.0, 0.6)), _SILENCE_S[0]), _SILENCE_S[1])
        if t >= window[1]:
            break
        if t + lasts > window[0]:
            found.append((max(t, window[0]), min(t + lasts, window[1])))
        t += lasts
    return found


def arrive(sampling: Sampling, seed: int, device: str, times: Floats, covered: Floats, silent: list[Window]) -> Chosen:
    """Whether each report arrives. `covered` is 1 where a car stands over the node."""
    lost = np.zeros(times.size, dtype=bool)
    if sampling.loss:
        spell = unit(key_of(seed, "spells", device), whole(times / _SPELL_S))
        share = float(covered.mean()) if times.size else 0.0
        chance = sampling.loss * np.where(spell < _BAD_SPELLS, _BAD, _GOOD) * (1.0 + covered) / (1.0 + share)
        lost |= unit(key_of(seed, "lost", device), whole(times * 1000.0)) < chance
    for from_s, to_s in silent:
        first, last = times.searchsorted((from_s, to_s))
        lost[first:last] = True
    return ~lost


def waking(sampling: Sampling, seed: int, device: str, times: Floats, silent: list[Window]) -> Floats:
    """By what a sensor is wrong when it has just woken, µT; it dies away in two seconds."""
    wrong = np.zeros(times.size)
    for _, to_s in silent:
        first, last = times.searchsorted((to_s, to_s + _WAKES_S))
        size = sampling.wake_ut * gauss(key_of(seed, "wake", device), int(to_s))
        wrong[first:last] = size * np.exp(-(times[first:last] - to_s) / 0.5)
    return wrong


def one_second_sigma_ut(sampling: Sampling, node: Node) -> float:
    """Deviation of the mean of one second's readings on an axis; of one reading, where there is less than one a second."""
    each_s = sampling.looks_s
    count = max(round(1.0 / each_s), 1)
    angle = pi * MAINS_HZ * each_s
    kept = 1.0 if count == 1 or abs(sin(angle)) < 1e-6 else abs(sin(count * angle) / (count * sin(angle)))
    hum = max(abs(axis) for axis in node.hum_ut) * kept
    step = node.step_ut**2 / 12.0
    return float(((node.noise_ut**2 + step) / count + hum * hum / 2.0) ** 0.5)
