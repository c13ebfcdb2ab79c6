"""When a simulated gateway could not see, or could not see well, what happened in a bay or at a station.

Two changes that cancel each other out within one such time can't be told; one that fell into it is dated as well as it can be.
"""

from collections.abc import Sequence
from math import inf

from simulators.faults import DeviceFault, LineFault
from simulators.scenario import Scenario
from tests.faults.simulation.schedule import Schedule
from tests.faults.simulation.stretch import Stretch
from tests.faults.simulation.truth import Period, Tolerance, merged


def unseen(schedule: Schedule, scenario: Scenario, deaths: Sequence[Period]) -> dict[str, list[Period]]:
    """By subject: `bay/…` or `station/…`."""
    # What happened shortly before may not have been confirmed; an outage ends with a link's backoff, some polls, and a detector's dwell.
    before_s, after_s = 4 * schedule.stretch.poll_s + 3.0, 4 * schedule.stretch.poll_s + 58.0
    # Before the first start nobody looked: who stood there then and left in an outage that began soon was seen by too few readings.
    everywhere = [(-inf, 0.0), *((begins - before_s, ends + after_s) for begins, ends in deaths)]
    for disk in schedule.disks:
        # What was decided while the journal could not write was in memory alone: a death before it could takes it along.
        everywhere += [(disk.from_s - before_s, ends + after_s) for begins, ends in deaths if disk.from_s <= begins <= disk.to_s + before_s]
    of: dict[str, list[Period]] = {}
    for placed in scenario.devices:
        subject = next(f"{kind}/{placed.watches}" for kind in ("station" if "-F-" in placed.watches else "bay",))
        periods = of.setdefault(subject, list(everywhere))
        for fault in schedule.lines:
            if isinstance(fault, LineFault) and fault.line != placed.line:
                continue
            if isinstance(fault, DeviceFault) and fault.device != placed.device:
                continue
            periods.append((fault.from_s - before_s, fault.to_s + after_s))
    return {subject: merged(periods) for subject, periods in of.items()}


def tolerance(stretch: Stretch) -> Tolerance:
    """Two polls, and a car that creeps in. Before a bay is called unknown, more may be missing of what was seen of it."""
    return Tolerance(well_seen_s=2 * stretch.poll_s + 5.0, poorly_seen_s=stretch.silent_s + 3 * stretch.poll_s)
