"""Times of a process that is gone, on the clock of the one that goes on. Pure.

A kept state holds times on its process' monotonic clock. With it stands the same moment on the clocks that outlive a process:

    monotonic s | wall s | boot (8 hex digits) , s since that boot , quality | the state itself

Within one boot the clock since the boot says exactly how long ago that was. Across boots nothing does, save two wall clocks that
are both to be believed; else it was at least as long ago as this boot has lasted, and that is taken: too short a time ends no
dwell early, and a wall clock that was wrong by 56 years moves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.clock import TimeQuality
from gateway.detection.change import BayChange, Change, Kept, StationChange
from gateway.minting import Now

_BOOT_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Moment:
    monotonic_s: float
    wall_s: float
    boot: str
    since_boot_s: float
    trusted: bool


def moment_of(now: Now) -> Moment:
    boot = (now.boot_id or "")[:_BOOT_DIGITS]
    return Moment(now.monotonic_s, now.wall_s, boot, now.since_boot_ns / 1e9, now.quality is TimeQuality.SYNCED)


def with_moment(kept: Kept, now: Now) -> Kept:
    at = moment_of(now)
    quality = "s" if at.trusted else "u"
    return Kept(kept.subject, f"{at.monotonic_s:.3f}|{at.wall_s:.3f}|{at.boot},{at.since_boot_s:.3f},{quality}|{kept.state}")


def without_moment(kept: Kept) -> tuple[Kept, Moment]:
    """Raises ValueError for what `with_moment` did not write."""
    monotonic, wall, rest = kept.state.split("|", 2)
    if rest.startswith(("{", "[")):  # As version 1 of the journal had it: of no boot that is known.
        return Kept(kept.subject, rest), Moment(float(monotonic), float(wall), "", 0.0, trusted=False)
    about, state = rest.split("|", 1)
    boot, since_boot, quality = about.split(",")
    return Kept(kept.subject, state), Moment(float(monotonic), float(wall), boot, float(since_boot), quality == "s")


def is_known(then: Moment, now: Now) -> bool:
    """Whether anything says how long ago that was."""
    at = moment_of(now)
    if then.boot and then.boot == at.boot:
        return True
    # Two clocks of which one must have been wrong measure nothing.
    return then.trusted and at.trusted and at.wall_s - then.wall_s >= at.since_boot_s


def moved_s(then: Moment, now: Now) -> float:
    """What to add to a time on the clock of `then` to have it on the present process' clock."""
    at = moment_of(now)
    if then.boot and then.boot == at.boot:
        passed = at.since_boot_s - then.since_boot_s
    elif is_known(then, now):
        passed = max(at.wall_s - then.wall_s, at.since_boot_s)
    else:
        passed = at.since_boot_s
    return at.monotonic_s - passed - then.monotonic_s


def without_unknown_past(changes: Sequence[Change], since_s: float | None) -> Sequence[Change]:
    """`since_s` is the start of a process that does not know how long nobody watched before it: what was not seen may then have
    happened at any time before, and a bound that says otherwise would be billed."""
    if since_s is None:
        return changes
    return [
        replace(change, earliest_s=None)
        if isinstance(change, BayChange | StationChange) and change.earliest_s is not None and change.earliest_s < since_s
        else change
        for change in changes
    ]
