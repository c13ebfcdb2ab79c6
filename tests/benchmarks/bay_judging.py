"""A simulated bay-day told by detectors and judged: by a sensor of its own alone, or in a street of which every bay has one."""

import time
from collections.abc import Sequence
from heapq import merge

from drivers.reading import Reading
from gateway.scoring.judging import Judged, judged
from gateway.scoring.truth import Truth, read_truth
from simulators.bay_day import BayDay
from simulators.truth import fact_line, header_line
from tests.benchmarks.bay_mix import Drawn
from tests.benchmarks.bay_readings import readings_of
from tests.benchmarks.contestants import BayDetector, contestant, street_of, told_by

Spent = tuple[Judged, float, int]
"""A judged bay-day, the detector's CPU seconds, and how many readings it saw."""


def judge(names: Sequence[str], drawing: Drawn) -> list[list[Spent]]:
    """The middle bay, watched alone; by detector."""
    day = drawing.day()
    return _judge([day], drawing, [contestant(name)(day.device, 0.0) for name in names])


def judge_street(names: Sequence[str], drawing: Drawn) -> list[list[Spent]]:
    """The same bay and those on either side of it, a bay-day each; by detector."""
    days = drawing.days()
    bays = [day.bay for day in days]
    return _judge(days, drawing, [street_of(name, bays, drawing.sampling.every_s, 0.0) for name in names])


def _judge(days: Sequence[BayDay], drawing: Drawn, detectors: Sequence[BayDetector]) -> list[list[Spent]]:
    truth = _truth(drawing, days)
    readings: Sequence[Reading] = list(merge(*map(readings_of, days), key=lambda reading: reading.t))
    by_detector: list[list[Spent]] = []
    for detector in detectors:
        began = time.process_time()
        told = told_by(detector, readings)
        took = (time.process_time() - began) / len(days)
        by_detector.append([])
        for day in days:
            mine = [each for each in told if each.bay == day.bay]
            bay = judged(day.device, truth.devices[day.device], truth.facts[day.device], mine, drawing.lasts_s)
            by_detector[-1].append((bay, took, day.times.size))
    return by_detector


def _truth(drawing: Drawn, days: Sequence[BayDay]) -> Truth:
    """Through the file's own lines: what is scored here is what `kerbgate score` reads."""
    facts = merge(*(day.facts for day in days), key=lambda fact: fact.t)
    header = header_line("1970-01-01T00:00:00Z", drawing.seed, [(day.device, day.note) for day in days])
    return read_truth([header, *map(fact_line, facts)])
