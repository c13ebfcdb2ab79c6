"""A bay whose samples are seconds, minutes or hours apart: no sample shows a manoeuvre, each shows what stands there now.

The accounts (`accounts.py`) weigh what may have happened between two samples; this watch gives them the sensor's scale, teaches the
shared baseline what the most probable one says of the empty bay, and decides what is told.
"""

from functools import partial
from math import inf

from gateway.detection import beside
from gateway.detection.account import Account, Scale, Step
from gateway.detection.account_scale import LastSample, account_scale, shown
from gateway.detection.accounts import Accounts, never_stood
from gateway.detection.change import Occupancy, Reason
from gateway.detection.conditioning import Vector, minus
from gateway.detection.jumps import Jumps
from gateway.detection.passers import Passers, Shown
from gateway.detection.phase import Decision, Phase
from gateway.detection.rhythm import STEADY_S
from gateway.detection.stuck import Stuck
from gateway.detection.track import Track
from gateway.detection.verdict import LOOKS, SURE, verdict

_PASSES_UT = 12.0
"""A bus in the lane is seldom felt as strongly, nor half of what drives over."""
_SELDOM_AT_A_BEAT = 0.1
"""Where heartbeats that showed a vehicle were hardly ever of one that passed, one is enough as well."""
_LAG_LOOKS = 3
"""After so many samples that agree on what stands there, what happened before is decided by the odds."""
_OCCUPIED_AT_FIRST = -5.5
"""Log-odds that a detector was put into service below a vehicle."""
_UNKNOWN_UT = 30.0
_TEACHES = 0.95
"""So probably the bay is what a sample teaches of it."""
_EXPECTED = 16.0
"""Squared sigmas: farther from what the best account expects, a sample was something that passed, and teaches nothing."""
_FAR = 9.0
"""Squared sigmas: an empty bay so far off its baseline has jumped; to learn that as drift would spoil what is known of the temperature."""


class SparseWatch:
    __slots__ = (
        "_last",
        "_may_pass",
        "_since_s",
        "_told_at_once",
        "accounts",
        "doubt",
        "jumps",
        "passers",
        "stuck",
    )

    def __init__(self) -> None:
        self.accounts: Accounts | None = None
        self.jumps = Jumps()
        self.passers = Passers()
        self.stuck = Stuck()
        self.doubt: Vector | None = None
        """Variances of the empty bay that another process had when it ended; they begin the next accounts of a vehicle."""
        self._last: LastSample | None = None
        self._since_s: float | None = None
        """When nothing of what the last sample shows had happened yet."""
        self._told_at_once = False
        """What was told last was told by one report: that nothing follows it still says something."""
        self._may_pass = False

    def begin(self, track: Track, believed: Occupancy, level: Vector | None) -> None:
        """From what is believed now; `level` is the parked vehicle's residual, where one is known."""
        at = self._scale(track)
        noise, zero = at.noise, (0.0, 0.0, 0.0)
        occupied = believed is Occupancy.OCCUPIED
        stands = track.z if level is None else level
        spread = 4.0 * noise[0], 4.0 * noise[1], 4.0 * noise[2]
        doubt, self.doubt = self.doubt, None
        if occupied and doubt is not None:
            spread = max(spread[0], doubt[0]), max(spread[1], doubt[1]), max(spread[2], doubt[2])
        first = [Account(0.0, occupied, zero, spread, stands, noise, zero, None, -inf, 1, ())]
        if track.empty.assumed and not occupied:
            unknown = (_UNKNOWN_UT * at.unit) ** 2
            wrong = (Step(True, None, track.t, wrong=True),)
            first.append(Account(_OCCUPIED_AT_FIRST, True, zero, (unknown, unknown, unknown), zero, noise, zero, None, -inf, 1, wrong))
        self.accounts, self.stuck = Accounts(first), Stuck()
        self._keep_time(track, track.empty.begun_s if self._last is None and track.empty.assumed else None)

    def feed(self, track: Track, dwell_s: float) -> list[Decision]:
        """What has become certain with this sample, in the order in which it happened."""
        accounts = self.accounts
        assert accounts is not None
        at = self._scale(track)
        if track.rhythm.on_change and self._last is not None and not self._last.on_change:
            _understand(accounts, self._last, at)
        self._look_across(accounts, track, at)
        self._look_beside(accounts, track)
        before = accounts.best
        self._told_at_once, may_pass, self._may_pass = False, self._may_pass, False
        accounts.feed(track.z, at)
        self._keep_time(track)
        empty = self.stuck.feed(accounts.best, at)
        if empty is not None:
            accounts = self.accounts = never_stood(empty, at)
        best = accounts.best
        self._count_passers(best, track, at)
        if best.distance(track.z, at) > _EXPECTED:
            track.empty.noise.pause()
            track.empty.drop()
        else:
            if best.occupied is before.occupied and len(best.steps) == len(before.steps):
                track.steady()
            self._teach(accounts, track)
        if len(accounts.all) == 1 and not accounts.best.steps:
            return []
        return self._decide(accounts, track, dwell_s, _LAG_LOOKS, may_pass=may_pass)

    def held(self, track: Track, dwell_s: float) -> list[Decision]:
        """The device, which reports on change, has been silent for long enough."""
        accounts = self.accounts
        if accounts is None:
            return []
        at, by, passers = self._scale(track), shown(track), self.passers
        if at.caused:
            was, now = passers.passing(by), passers.lingering(by)
            accounts.held(track.z, at, now * (1.0 - was) / (was * (1.0 - now)))
        else:
            accounts.held(track.z, at)
        self._told_at_once = False
        self._look_beside(accounts, track)
        return self._decide(accounts, track, dwell_s, LOOKS)

    @property
    def undecided(self) -> bool:
        """Whether the device's silence would tell something."""
        if self.accounts is None:
            return False
        best = self.accounts.best
        return bool(best.steps) or best.share < SURE or self._told_at_once

    def shows(self, *, occupied: bool) -> bool:
        """Whether the last sample shows that the bay still is what is believed, as far as that can be said of any."""
        accounts = self.accounts
        return accounts is not None and not accounts.best.steps and accounts.agree(occupied=occupied) >= _TEACHES

    @property
    def phase(self) -> Phase:
        if self.accounts is None:
            return Phase.UNKNOWN
        best = self.accounts.best
        if best.steps:
            return Phase.ENTERING if best.occupied else Phase.LEAVING
        return Phase.OCCUPIED if best.occupied else Phase.VACANT

    def empty(self) -> Vector:
        """The empty bay's residual: while a vehicle stands there, the shared baseline wanders, and the account remembers by how much."""
        return (0.0, 0.0, 0.0) if self.accounts is None else self.accounts.empty()

    def empty_variance(self) -> Vector | None:
        """How little is known of it, while a vehicle stands there."""
        best = None if self.accounts is None else self.accounts.best
        return best.empty_variance if best is not None and best.occupied else None

    def level(self) -> Vector | None:
        """The parked vehicle's residual, if one stands there."""
        best = None if self.accounts is None else self.accounts.best
        return best.stands if best is not None and best.occupied else None

    # How it is done.

    def _scale(self, track: Track) -> Scale:
        return account_scale(self._last, track, self.jumps, self.passers)

    def _keep_time(self, track: Track, t: float | None = None) -> None:
        self._since_s = track.seen_until(None if self._last is None else self._last.t)
        self._last = LastSample.of(track, t)

    def _look_across(self, accounts: Accounts, track: Track, at: Scale) -> None:
        """At what is left without that which something else moves."""
        if at.axes < 3:
            return
        jumps, was = self.jumps, self.jumps.line
        jumps.feed(track.z, at.noise, at.drift, track.t, rare=at.rare)
        if jumps.line is not None:
            track.z = jumps.without(track.z)
        if jumps.line is not was and jumps.line is not None:
            accounts.turn(jumps.without)

    def _look_beside(self, accounts: Accounts, track: Track) -> None:
        """Once for each sample, before what follows it is judged."""
        since_s, self._since_s = self._since_s, None
        if since_s is not None and self._last is not None and track.beside and self.jumps.line is None:
            accounts.beside(partial(beside.log_odds, from_s=since_s, shown_s=self._last.t, track=track))

    def _count_passers(self, best: Account, track: Track, at: Scale) -> None:
        if not at.caused:
            self.passers.forget()
            return
        off = minus(track.z, best.empty)
        self.passers.feed(track.t, shown(track), vehicle=sum(axis * axis for axis in off) >= at.least)

    def _teach(self, accounts: Accounts, track: Track) -> None:
        best, z = accounts.best, track.z
        occupied = accounts.occupied()
        if max(occupied, 1.0 - occupied) < _TEACHES or best.looks < LOOKS:
            track.empty.drop()
            return
        if best.occupied:
            x, y, w = best.stands
            by = track.empty.learn((z[0] - x, z[1] - y, z[2] - w), track.t, vacant=False) if best.looks > _LAG_LOOKS else None
        elif track.empty.plateau_square(best.empty, best.looks) > _FAR:
            by = track.empty.anchor(best.empty, track.t, best.looks)
        else:
            by = track.empty.learn(z, track.t)
        if by is not None:
            accounts.shift(self.jumps.without(by))
            self.stuck.shift(by)
            self.jumps.shift(by)

    def _decide(self, accounts: Accounts, track: Track, dwell_s: float, lag_looks: int, *, may_pass: bool = False) -> list[Decision]:
        """`may_pass`: what was told last was told by the report before this one alone, and may have been something that passed."""
        passed = self.passers.passed if may_pass and not track.rhythm.out_of_turn else None
        found = verdict(accounts, partial(self._at_once, track), lag_looks, may_pass=may_pass, passed=passed)
        if found is None:
            return []
        best = found.account
        if not best.steps:
            if found.doubted and best.looks >= lag_looks:
                accounts.settle(occupied=best.occupied)
            return []
        if best.occupied and track.t - best.steps[-1].latest_s < dwell_s:
            return []
        decisions = [_decision(step, found.share, best) for step in best.steps]
        accounts.told(occupied=best.occupied, now=track.t)
        self._told_at_once = best.looks < LOOKS
        self._may_pass = self._told_at_once and best.occupied
        return decisions

    def _at_once(self, track: Track, best: Account) -> bool:
        """Whether one report says enough: a device that reports changes says that there was one, and what it is like says which."""
        if len(best.steps) != 1 or not track.rhythm.on_change or self.jumps.line is not None:
            return False
        if not best.occupied:
            return True
        far = minus(best.stands, best.empty)
        strong = sum(axis * axis for axis in far) > (_PASSES_UT * track.empty.unit) ** 2
        if beside.along_the_lane(far, track):
            return False
        return strong and (track.rhythm.out_of_turn or self.passers.passing(Shown.BEAT) < _SELDOM_AT_A_BEAT)


def _understand(accounts: Accounts, last: LastSample, at: Scale) -> None:
    """Only now it is known that the device reports on change, and so what its last sample and its silence since then were telling."""
    if last.reported:
        accounts.reported(last.t, last.t - STEADY_S)
    if at.apart_s >= STEADY_S:
        accounts.held(last.z, at)


def _decision(step: Step, share: float, best: Account) -> Decision:
    return Decision(
        Occupancy.OCCUPIED if step.occupied else Occupancy.VACANT,
        step.latest_s,
        step.earliest_s,
        step.latest_s,
        min(share, 0.999),
        Reason.LEVEL,
        best.looks,
        wrong=best.empty if step.wrong and not step.occupied else None,
    )
