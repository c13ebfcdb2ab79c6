"""Watches the wall clock against the time since the boot: when it is set, when it becomes trustworthy. Pure.

What it finds becomes an anchor, a moment at which both were read together; events are dated by anchors (`dating.py`).
"""

from dataclasses import dataclass

from gateway.clock import Stamp, TimeQuality
from gateway.journal.row import Anchor

STEP_NS = 250_000_000
"""A difference that no slewing makes between two looks."""


@dataclass(frozen=True, slots=True)
class Set:
    """The wall clock was set by so much, or is believed from now on."""

    anchor: Anchor
    step_s: float
    cause: str | None
    """`synced` or `step`; None where it only drifted so far that a new anchor is due."""


def anchor_of(stamp: Stamp) -> Anchor:
    return Anchor(stamp.boot_id, stamp.boot_ns, stamp.wall_ns, stamp.quality is TimeQuality.SYNCED)


class ClockWatch:
    """Give it a stamp every few seconds."""

    def __init__(self, first: Stamp) -> None:
        self._synced = first.quality is TimeQuality.SYNCED
        self._offset_ns = self._anchored_ns = _offset(first)

    def feed(self, stamp: Stamp) -> Set | None:
        offset_ns, before_ns = _offset(stamp), self._offset_ns
        step_ns = offset_ns - before_ns
        synced, was_synced = stamp.quality is TimeQuality.SYNCED, self._synced
        self._offset_ns, self._synced = offset_ns, synced
        stepped = abs(step_ns) > STEP_NS
        drifted = synced and abs(offset_ns - self._anchored_ns) > STEP_NS
        if not (stepped or drifted or (synced and not was_synced)):
            return None
        # Since the last anchor: a clock that is set and then believed was set once.
        whole_s = (offset_ns - self._anchored_ns) / 1e9
        self._anchored_ns = offset_ns
        cause = "synced" if synced and not was_synced else "step" if stepped else None
        return Set(anchor_of(stamp), step_ns / 1e9 if cause == "step" else whole_s, cause)


def _offset(stamp: Stamp) -> int:
    return stamp.wall_ns - stamp.boot_ns
