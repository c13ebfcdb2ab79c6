"""Why an event was told: the moments that led to it, each with the field, the baseline, the model's posterior and what was decided.

Pure: a machine is looked at after each of its readings, and nothing in it is changed.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from gateway.detection.accounts import Accounts
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Occupancy
from gateway.detection.conditioning import Vector
from gateway.detection.phase import Phase

_CERTAIN = 0.999
_KEPT = 40
"""Moments before an event that are shown with it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """`residual` is measured minus expected; `square` how far that is from empty, in squared sigmas."""

    t: float
    axes: int
    expected: Vector
    residual: Vector
    sigma: Vector
    square: float
    plateau_s: float
    phase: Phase
    posterior: tuple[tuple[Phase, float], ...]

    @property
    def measured(self) -> Vector:
        (ex, ey, ez), (x, y, z) = self.expected, self.residual
        return ex + x, ey + y, ez + z


@dataclass(frozen=True, slots=True)
class Explanation:
    change: BayChange
    moments: tuple[Moment, ...]


def posterior(machine: BayMachine) -> tuple[tuple[Phase, float], ...]:
    """The states that are possible now, with their probabilities, the most probable first."""
    if machine.lost or not machine.settled:
        return ((Phase.UNKNOWN, 1.0),)
    occupied = machine.believed is Occupancy.OCCUPIED
    accounts = machine.accounts
    if accounts is not None:
        return _of_accounts(accounts, occupied=occupied)
    shares = _while_parked(machine) if occupied else _while_vacant(machine)
    return tuple(sorted(shares, key=lambda share: -share[1]))


def _of_accounts(accounts: Accounts, *, occupied: bool) -> tuple[tuple[Phase, float], ...]:
    """Of a bay that is seen now and then: what most of what may have happened since comes to."""
    parked = accounts.occupied()
    swapped = sum(account.share for account in accounts.all if occupied and account.occupied and account.steps)
    other = (Phase.SWAP, swapped), (Phase.OCCUPIED, parked - swapped), (Phase.LEAVING, 1.0 - parked)
    shares = other if occupied else ((Phase.ENTERING, parked), (Phase.VACANT, 1.0 - parked))
    return tuple(sorted(shares, key=lambda share: -share[1]))


def _while_vacant(machine: BayMachine) -> list[tuple[Phase, float]]:
    watch, track = machine.vacant, machine.track
    if watch.presence is None:
        return [(Phase.VACANT, _CERTAIN), (Phase.ENTERING, 1.0 - _CERTAIN)]
    parks = 1.0 / (1.0 + exp(-max(min(watch.log_odds, 30.0), -30.0)))
    if track.is_vehicle(track.z, 1):
        return [(Phase.ENTERING, parks), (Phase.PASSING, 1.0 - parks)]
    return [(Phase.NEIGHBOUR, parks), (Phase.PASSING, 1.0 - parks)]


def _while_parked(machine: BayMachine) -> list[tuple[Phase, float]]:
    watch, track = machine.parked, machine.track
    if watch.disturbance is None or watch.level is None:
        return [(Phase.OCCUPIED, _CERTAIN), (Phase.LEAVING, 1.0 - _CERTAIN)]
    from_empty, from_level = track.apart(track.z, (0.0, 0.0, 0.0)), track.apart(track.z, watch.level)
    leaves = from_level / (from_level + from_empty + 1e-9)
    shares = [(Phase.LEAVING, leaves), (Phase.PASSING, 1.0 - leaves)]
    if watch.disturbance.after_empty_s is not None:
        shares = [(Phase.SWAP, 1.0 - leaves), (Phase.LEAVING, leaves)]
    return shares if watch.phase is not Phase.DISTURBED else [(Phase.DISTURBED, 1.0)]


class Explainer:
    """Of one bay. Feed it after each reading, with what the machine said then."""

    def __init__(self, machine: BayMachine) -> None:
        self.machine = machine
        self._last_s: float | None = None
        self._moments: deque[Moment] = deque(maxlen=_KEPT)

    def feed(self, changes: Sequence[BayChange]) -> list[Explanation]:
        track = self.machine.track
        if track.sensed and track.t != self._last_s:
            self._last_s = track.t
            self._moments.append(self._moment())
        return [Explanation(change, tuple(self._moments)) for change in changes]

    def _moment(self) -> Moment:
        track, empty = self.machine.track, self.machine.track.empty
        expected = (0.0, 0.0, 0.0) if empty.baseline is None else empty.baseline.expected(empty.warmth)
        sigma = empty.noise.sigma
        return Moment(
            t=track.t,
            axes=empty.axes,
            expected=expected,
            residual=track.z,
            sigma=(sigma[0], sigma[1], sigma[2]),
            square=track.square,
            plateau_s=track.plateau.age_s,
            phase=self.machine.phase,
            posterior=posterior(self.machine),
        )
