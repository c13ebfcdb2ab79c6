"""What a reading costs the detectors, and what a bay weighs: microseconds of CPU, bytes, and the share of a core for a street of bays.

    python -m tests.benchmarks.detection_cost [--bays 10000] [--seconds 20]

The whole way is measured: health, silence, conditioning, baseline, watch, through `Detectors`, as the daemon drives it. `machine alone`
is the bay's machine without health and dispatch. Bytes are those of everything that belongs to one bay's machine: not what all share.
"""

import argparse
import gc
import sys
import time
from enum import Enum
from random import Random
from typing import Any

from config.site import Bay, BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.detectors import Detectors, Polled
from gateway.replay import bays_of

_EARTH = (36.4, -2.9, 28.3)
_WARM_UP_S = 60


def readings(count: int, start: int, seconds: int, random: Random, *, parked: bool) -> list[Reading]:
    """So many bays at 1 Hz, in the order of time; a car over every one of them, or over none."""
    car = (12.0, -8.0, 15.0) if parked else (0.0, 0.0, 0.0)
    rows = []
    for second in range(start, start + seconds):
        for bay in range(count):
            x, y, z = (field + moved + random.gauss(0.0, 0.3) for field, moved in zip(_EARTH, car, strict=True))
            t = second + bay / count
            rows.append(Reading(device=f"d{bay}", t=t, x_ut=round(x, 1), y_ut=round(y, 1), z_ut=round(z, 1), temperature_c=20.0))
    return rows


def size_of(thing: object, seen: set[int]) -> int:
    """Bytes of an object and of everything it alone refers to."""
    if id(thing) in seen or isinstance(thing, type | BayDetection | Enum) or callable(thing):
        return 0
    seen.add(id(thing))
    inner = [each for each in gc.get_referents(thing) if not isinstance(each, type)]
    return sys.getsizeof(thing) + sum(size_of(each, seen) for each in inner)


def took(feed: Any, rows: list[Reading]) -> float:
    """CPU microseconds a reading."""
    began = time.process_time()
    for reading in rows:
        feed(reading, reading.t)
    return 1e6 * (time.process_time() - began) / len(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--bays", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=10)
    asked = parser.parse_args()
    random = Random(1)
    print("| steady state, 1 Hz, three axes | µs a reading | bays | share of a core |")
    print("|--------------------------------|--------------|------|-----------------|")
    for parked in (False, True):
        name = "occupied" if parked else "vacant"
        machine = BayMachine("d0", BayDetection(), now=0.0, interval_s=1.0)
        took(machine.feed, readings(1, 0, _WARM_UP_S, random, parked=False) + readings(1, _WARM_UP_S, _WARM_UP_S, random, parked=parked))
        us = took(machine.feed, readings(1, 2 * _WARM_UP_S, 20_000, random, parked=parked))
        print(f"| {name}, machine alone | {us:.1f} | 1 | - |")
        devices = [f"d{bay}" for bay in range(asked.bays)]
        site = bays_of(()).model_copy(update={"bays": tuple(Bay(id=device, device=device) for device in devices)})
        detectors = Detectors(site, [Polled(device, 1.0) for device in devices], 0.0)
        for start in range(12):
            took(detectors.feed, readings(asked.bays, start, 1, random, parked=parked and start >= 5))
        us = sum(took(detectors.feed, readings(asked.bays, 12 + second, 1, random, parked=parked)) for second in range(asked.seconds))
        us /= asked.seconds
        print(f"| {name}, whole way | {us:.1f} | {asked.bays} | {us * asked.bays / 1e6:.2f} |")
    machine.track.beside = ()
    print(f"\nA bay's machine holds {size_of(machine, set())} bytes; kept through a restart: {len(machine.kept().as_text())} bytes.")


if __name__ == "__main__":
    main()
