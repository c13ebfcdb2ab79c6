"""The detectors that are compared, by name. Anything with feed, deadline and tick can be one: `tests.benchmarks.mine:make`.

make(bay, now)  -> detector          detector.feed(reading, now) -> changes, .deadline() -> float | None, .tick(now) -> changes
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange
from gateway.scoring.told import Told, told_of
from tests.benchmarks.first_form import bay as first_form
from tests.benchmarks.first_form.settings import BayDetection as FirstSettings
from tests.benchmarks.thresholds import Threshold


class BayDetector(Protocol):
    def feed(self, reading: Reading, now: float) -> list[BayChange]: ...

    def deadline(self) -> float | None: ...

    def tick(self, now: float) -> list[BayChange]: ...


Make = Callable[[str, float], BayDetector]


def _ours(bay: str, now: float) -> BayDetector:
    """The product's own, with the settings that a site has where it says nothing."""
    return BayMachine(bay, BayDetection(), now=now)


def _first(bay: str, now: float) -> BayDetector:
    return first_form.BayMachine(bay, FirstSettings(), now=now)


def _fixed(bay: str, now: float) -> BayDetector:  # noqa: ARG001
    return Threshold(bay)


def _ema(bay: str, now: float) -> BayDetector:  # noqa: ARG001
    return Threshold(bay, follows_s=300.0)


CONTESTANTS: dict[str, Make] = {"ours": _ours, "first": _first, "fixed": _fixed, "ema": _ema}


def contestant(name: str) -> Make:
    """By its name here, or as module:function."""
    if name in CONTESTANTS:
        return CONTESTANTS[name]
    module, _, function = name.partition(":")
    return cast("Make", getattr(importlib.import_module(module), function))


def told_by(detector: BayDetector, readings: Sequence[Reading]) -> list[Told]:
    """What it says of one bay's readings, as `replay` would drive it."""
    changes: list[BayChange] = []
    for reading in readings:
        while (due := detector.deadline()) is not None and due < reading.t:
            changes += detector.tick(due)
        changes += detector.feed(reading, reading.t)
    return [told for told in map(told_of, changes) if told is not None]
