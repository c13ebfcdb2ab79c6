"""What a bay weighs in memory: the bytes of every object that belongs to it alone, by the class that holds them.

    python -m tests.benchmarks.bay_weight [--seed 1]

What two bays share (settings, enums, the zero vector, small numbers) belongs to neither: it is found by walking a second bay and is left
out; so are names, which are the site's. What Python 3.11 keeps the attributes of an object without `__slots__` in, nobody can ask for:
a test sees that there are none.
"""

import argparse
import gc
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import count
from random import Random
from statistics import median

from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.health import HealthMachine
from gateway.detection.silence import Silence
from tests.benchmarks.bay_days import table
from tests.benchmarks.bay_mix import drawn
from tests.benchmarks.bay_readings import readings_of
from tests.benchmarks.one_hertz import SETTINGS, WARM_UP_S, readings, settled, street

_KINDS = {10.0: "every 10 s", 600.0: "every 600 s and on change", 0.1: "10 Hz"}
_LOOKS = 50
_BAYS = 200


def weight(bay: BayMachine | HealthMachine) -> Counter[str]:
    """Bytes by the class that holds them."""
    other = HealthMachine("other", Silence(30.0, 1.0, 0.0))
    other.bay = settled(parked=True, seed=2)
    shared = {id(each) for each, _ in within(other)}
    found: Counter[str] = Counter()
    for each, holder in within(bay):
        if id(each) not in shared:
            found[holder] += sys.getsizeof(each)
    return found


def within(root: object) -> Iterator[tuple[object, str]]:
    """Everything that an object refers to, itself included, once; with the name of the class of ours that holds it."""
    seen, unseen = {id(root)}, [(root, type(root).__name__)]
    while unseen:
        thing, holder = unseen.pop()
        yield thing, holder
        for inner in gc.get_referents(thing):
            if id(inner) in seen or isinstance(inner, type | Enum | str) or callable(inner):
                continue
            seen.add(id(inner))
            unseen.append((inner, type(inner).__name__ if type(inner).__module__.startswith("gateway.") else holder))


def with_health(machine: BayMachine) -> HealthMachine:
    """As the daemon has it, after a reading."""
    health = HealthMachine("d0", Silence(30.0, 1.0, 0.0), bay=machine)
    health.feed(Reading(device="d0", t=machine.track.t, x_ut=1.0, y_ut=1.0, z_ut=1.0), machine.track.t)
    return health


def allocated(*, parked: bool) -> float:
    """What the allocator gave out for a street, by its bays: dispatch, names and the site's own settings included."""
    gc.collect()  # Clears the lists of free tuples and numbers, too: what is taken from these is not counted.
    tracemalloc.start()
    detectors, random = street(_BAYS), Random(1)
    for second in range(2 * WARM_UP_S):
        for reading in readings(_BAYS, second, 1, random, parked=parked and second >= WARM_UP_S):
            detectors.feed(reading, reading.t)
    del reading
    gc.collect()
    total, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return total / _BAYS


def over_a_day(readings: Sequence[Reading]) -> list[int]:
    """What a bay weighed at some moments."""
    machine, weights = BayMachine("b", SETTINGS, now=0.0), list[int]()
    every = max(len(readings) // _LOOKS, 1)
    for number, reading in enumerate(readings, start=1):
        while (due := machine.deadline()) is not None and due < reading.t:
            machine.tick(due)
        machine.feed(reading, reading.t)
        if number % every == 0:
            weights.append(weight(machine).total())
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    bays = {name: settled(parked=name == "occupied") for name in ("vacant", "occupied")}
    weights = {name: weight(machine) for name, machine in bays.items()}
    names = sorted(set().union(*weights.values()), key=lambda name: -weights["occupied"][name])
    rows = [("1 Hz, three axes, settled", *bays), *((name, *(str(of[name]) for of in weights.values())) for name in names)]
    rows.append(("its machine", *(str(of.total()) for of in weights.values())))
    rows.append(("with its device's health", *(str(weight(with_health(machine)).total()) for machine in bays.values())))
    rows.append(("as allocated, with dispatch", *(f"{allocated(parked=name == 'occupied'):.0f}" for name in bays)))
    print(table(rows))
    days: list[tuple[str, ...]] = [("a day of other bays", "median", "most")]
    missing, seeds = dict(_KINDS), count(asked.seed * 1_000_000)
    while missing:
        drawing = drawn(next(seeds))
        name = missing.pop(drawing.sampling.every_s, None)
        if name is not None:
            looks = over_a_day(readings_of(drawing.day()))
            days.append((name, f"{median(looks):.0f}", str(max(looks))))
    print(f"\n{table(days)}")


if __name__ == "__main__":
    main()
