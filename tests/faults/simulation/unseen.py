"""When a simulated gateway could not see, or could not see well, what happened in a bay or at a station.

Two changes that cancel each other out within one such time can't be told; one that fell into it is dated as well as it can be.
"""

from collections.abc import Sequence

from simulators.faults import DeviceFault, LineFault
from simulators.scenario import Scenario
from tests.faults.simulation.schedule import Schedule
from tests.faults.simulation.street import POLL_S, SILENT_S
from tests.faults.simulation.truth import Period, Tolerance, merged

BEFORE_S = 35.0
"""What happened so shortly before may not have been confirmed."""
AFTER_S = 90.0
"""An outage ends with a link's backoff, some polls, and the dwell of the detector."""


def unseen(schedule: Schedule, scenario: Scenario, deaths: Sequence[Period]) -> dict[str, list[Period]]:
    """By subject: `bay/…` or `station/…`."""
    everywhere = [(begins - BEFORE_S, ends + AFTER_S) for begins, ends in deaths]
    for disk in schedule.disks:
        # What was decided while the journal could not write was in memory alone: a death before it could takes it along.
        everywhere += [(disk.from_s - BEFORE_S, ends + AFTER_S) for begins, ends in deaths if disk.from_s <= begins <= disk.to_s + BEFORE_S]
    of: dict[str, list[Period]] = {}
    for placed in scenario.devices:
        subject = next(f"{kind}/{placed.watches}" for kind in ("station" if "-F-" in placed.watches else "bay",))
        periods = of.setdefault(subject, list(everywhere))
        for fault in schedule.lines:
            if isinstance(fault, LineFault) and fault.line != placed.line:
                continue
            if isinstance(fault, DeviceFault) and fault.device != placed.device:
                continue
            periods.append((fault.from_s - BEFORE_S, fault.to_s + AFTER_S))
    return {subject: merged(periods) for subject, periods in of.items()}


TOLERANCE = Tolerance(well_seen_s=2 * POLL_S + 5.0, poorly_seen_s=SILENT_S + 3 * POLL_S)
"""Two polls, and a car that creeps in. Before a bay is called unknown, more may be missing of what was seen of it."""
