"""The detectors that are compared, by name. Anything with feed, deadline and tick can be one: `tests.benchmarks.mine:make`.

make(bay, now)  -> detector          detector.feed(reading, now) -> changes, .deadline() -> float | None, .tick(now) -> changes

In a street of which every bay is watched ours is the product's whole machine, which knows the bays beside; of the others each bay has
one of its own.
"""

import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, cast

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Change
from gateway.detection.detectors import Detectors, Polled
from gateway.replay import bays_of
from gateway.scoring.told import Told, told_of
from tests.benchmarks.first_form import bay as first_form
from tests.benchmarks.first_form.settings import BayDetection as FirstSettings
from tests.benchmarks.thresholds import Threshold


class BayDetector(Protocol):
    """Of one bay or several."""

    def feed(self, reading: Reading, now: float) -> Sequence[Change]: ...

    def deadline(self) -> float | None: ...

    def tick(self, now: float) -> Sequence[Change]: ...


Make = Callable[[str, float], BayDetector]


class _Apart:
    """Bays that know nothing of each other."""

    def __init__(self, make: Make, bays: Sequence[str], now: float) -> None:
        self._by_device = {bay: make(bay, now) for bay in bays}

    def feed(self, reading: Reading, now: float) -> Sequence[Change]:
        return self._by_device[reading.device].feed(reading, now)

    def deadline(self) -> float | None:
        return min((due for each in self._by_device.values() if (due := each.deadline()) is not None), default=None)

    def tick(self, now: float) -> Sequence[Change]:
        return [change for each in self._by_device.values() for change in each.tick(now)]


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


def street_of(name: str, bays: Sequence[str], interval_s: float, now: float) -> BayDetector:
    """Of bays side by side, in this order, each with a device of its name."""
    if name != "ours":
        return _Apart(contestant(name), bays, now)
    site = bays_of(bays)
    beside = {bay: (*bays[max(index - 1, 0) : index], *bays[index + 1 : index + 2]) for index, bay in enumerate(bays)}
    side_by_side = tuple(bay.model_copy(update={"neighbours": beside[bay.id]}) for bay in site.bays)
    return Detectors(site.model_copy(update={"bays": side_by_side}), [Polled(bay, interval_s) for bay in bays], now)


def told_by(detector: BayDetector, readings: Iterable[Reading]) -> list[Told]:
    """What it says of these readings, as `replay` would drive it."""
    changes: list[Change] = []
    for reading in readings:
        while (due := detector.deadline()) is not None and due < reading.t:
            changes += detector.tick(due)
        changes += detector.feed(reading, reading.t)
    return [told for change in changes if isinstance(change, BayChange) and (told := told_of(change)) is not None]
