"""What a reading costs the detectors, and what a bay weighs: microseconds of CPU, bytes, and the share of a core for a street of bays.

    python -m tests.benchmarks.detection_cost [--bays 10000] [--seconds 10] [--repeats 1]

The whole way is measured: health, silence, conditioning, baseline, watch, through `Detectors`, as the daemon drives it. `machine alone`
is the bay's machine without health and dispatch. Of some repeats the quickest is told. `bay_weight.py` says what the bytes are.
"""

import argparse
import time
from collections.abc import Callable
from random import Random

from drivers.reading import Reading
from gateway.detection.change import BayChange, Change
from tests.benchmarks.bay_weight import weight, with_health
from tests.benchmarks.one_hertz import WARM_UP_S, readings, settled, street

_ARRIVES_S = 20
_ALONE = 5_000
Feed = Callable[[Reading, float], list[BayChange]] | Callable[[Reading, float], list[Change]]


def took(feed: Feed, rows: list[Reading]) -> float:
    """CPU microseconds a reading."""
    began = time.process_time()
    for reading in rows:
        feed(reading, reading.t)
    return 1e6 * (time.process_time() - began) / len(rows)


def alone(repeats: int, *, parked: bool) -> float:
    machine, random = settled(parked=parked), Random(2)
    starts = range(2 * WARM_UP_S, 2 * WARM_UP_S + repeats * _ALONE, _ALONE)
    return min(took(machine.feed, readings(1, start, _ALONE, random, parked=parked)) for start in starts)


def whole_way(bays: int, seconds: int, repeats: int, *, parked: bool) -> float:
    detectors, random = street(bays), Random(3)
    for start in range(WARM_UP_S):
        took(detectors.feed, readings(bays, start, 1, random, parked=parked and start >= _ARRIVES_S))
    found = []
    for repeat in range(repeats):
        start = WARM_UP_S + repeat * seconds
        each = [took(detectors.feed, readings(bays, start + second, 1, random, parked=parked)) for second in range(seconds)]
        found.append(sum(each) / seconds)
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--bays", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=10, help="what is learned is learned each five seconds: whole multiples of that")
    parser.add_argument("--repeats", type=int, default=1)
    asked = parser.parse_args()
    print("| steady state, 1 Hz, three axes | µs a reading | bays | share of a core |")
    print("|--------------------------------|--------------|------|-----------------|")
    for parked in (False, True):
        name = "occupied" if parked else "vacant"
        print(f"| {name}, machine alone | {alone(asked.repeats, parked=parked):.1f} | 1 | - |")
        us = whole_way(asked.bays, asked.seconds, asked.repeats, parked=parked)
        print(f"| {name}, whole way | {us:.1f} | {asked.bays} | {us * asked.bays / 1e6:.2f} |")
    for parked in (False, True):
        machine = settled(parked=parked)
        own, kept = weight(machine).total(), len(machine.kept().as_text())
        name = "occupied" if parked else "vacant"
        print(f"\nThe machine of a bay that is {name} holds {own} bytes, {weight(with_health(machine)).total()} with its device's health;")
        print(f"kept through a restart: {kept} bytes.")


if __name__ == "__main__":
    main()
