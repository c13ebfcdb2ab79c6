"""Bays at one reading a second over three axes, empty or under a car: what most bays are most of the time."""

from random import Random

from config.site import Bay, BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.detectors import Detectors, Polled
from gateway.replay import bays_of

_EARTH = (36.4, -2.9, 28.3)
_CAR = (12.0, -8.0, 15.0)
_NONE = (0.0, 0.0, 0.0)
WARM_UP_S = 60
SETTINGS = BayDetection()


def readings(count: int, start: int, seconds: int, random: Random, *, parked: bool) -> list[Reading]:
    """So many bays, in the order of time; a car over every one of them, or over none."""
    rows = []
    for second in range(start, start + seconds):
        for bay in range(count):
            moved = zip(_EARTH, _CAR if parked else _NONE, strict=True)
            x, y, z = (round(field + by + random.gauss(0.0, 0.3), 1) for field, by in moved)
            # As the sun goes: a temperature that never changed would make the empty bay cheaper to expect than it is.
            warm = round(20.0 + 5.0 * (second % 3600) / 3600, 1)
            rows.append(Reading(device=f"d{bay}", t=second + bay / count, x_ut=x, y_ut=y, z_ut=z, temperature_c=warm))
    return rows


def settled(*, parked: bool, seed: int = 1) -> BayMachine:
    """One bay's machine, two minutes after it was switched on over an empty bay."""
    random, machine = Random(seed), BayMachine("b0", SETTINGS, now=0.0, interval_s=1.0)
    rows = readings(1, 0, WARM_UP_S, random, parked=False) + readings(1, WARM_UP_S, WARM_UP_S, random, parked=parked)
    for reading in rows:
        machine.feed(reading, reading.t)
    return machine


def street(bays: int) -> Detectors:
    """So many of them side by side, just switched on."""
    devices = [f"d{bay}" for bay in range(bays)]
    site = bays_of(()).model_copy(update={"bays": tuple(Bay(id=device, device=device) for device in devices)})
    return Detectors(site, [Polled(device, 1.0) for device in devices], 0.0)
