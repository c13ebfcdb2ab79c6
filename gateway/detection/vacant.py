"""While the bay is believed vacant: is what is felt a vehicle that parks, one that passes, a neighbour, or nothing?

presence     samples that are no noise; it begins where the field left what is expected of the empty bay
arrival      it stands on a plateau of its own, or has lasted longer than passers-by do, and its level is a vehicle's
passing      the field is back where it was
neighbour    it stands still and is too little for a vehicle here: the empty bay looks like this from now on
"""

from math import sqrt

from gateway.detection import beside, lookalikes, manner
from gateway.detection.change import Occupancy, Reason
from gateway.detection.conditioning import Vector, squared
from gateway.detection.duration import parking_log_odds, rounded_for
from gateway.detection.left_behind import left_behind, standing
from gateway.detection.phase import Decision, Phase
from gateway.detection.presence import CROSSING_S, LONG_S, Presence
from gateway.detection.signature import Signature
from gateway.detection.track import Track
from gateway.detection.undone import Taken, also, undone, without

_MOVING_S, _PASSES_S = 7.0, 4.5
_MOVING_QUICK_S = 15.0
_STILL_QUICK_S = 0.8
_CALM_S = 1.2
_ABSORB_S = 20.0
_ABSORB_READINGS = 4
_LOW_STILL_S = 3.0
_HOVERING_S = 60.0
_NEARLY = 0.16
"""Squared: what has stood there for hours may have drifted, or moved within its bay, before it went."""
_SLOWEST_S = 30.0
"""No vehicle needs longer to park. What is felt for longer than anything that passes crosses the empty bay's value as slowly."""
_SPELL_S = 45.0
"""So long nothing of a quick sensor may be heard in a bad spell of its radio, and what stands there is still what was glimpsed."""
_WEAK_STILL_S = 4.5
"""Most buses that stop beside a bay have gone by then."""


class VacantWatch:
    __slots__ = ("absorbed", "came", "glimpsed", "log_odds", "passed", "phase", "presence", "steady_s")

    def __init__(self) -> None:
        self.phase = Phase.VACANT
        self.presence: Presence | None = None
        self.passed: Presence | None = None
        """What was felt last, and is over."""
        self.came = 0.0
        """How strong the vehicle was felt that arrived last, while it moved; in sigmas."""
        self.log_odds = 0.0
        self.steady_s: float | None = None
        self.glimpsed: tuple[float, float] | None = None
        """Since when, and when last, lone readings have shown something that no sample has."""
        self.absorbed: Taken = ()
        """Steps that were taken into the empty field: neighbours, and vehicles that nobody could tell from them."""

    @property
    def coming_s(self) -> float | None:
        """Since when something is felt that is not over."""
        presence = self.presence
        return presence.onset_s if presence is not None and presence.calm_s is None else None

    def begin(self, now: float) -> None:
        """The bay has just become vacant."""
        self.phase, self.presence, self.steady_s = Phase.VACANT, None, now

    def rest(self) -> None:
        """The bay has become occupied: what was watched is told, and weighs nothing any more."""
        self.presence = self.passed = self.steady_s = None
        self.log_odds = 0.0

    def took(self, level: Vector, track: Track) -> None:
        """A vehicle has left and this is taken for the empty field; where it was not quite gone, it will be undone."""
        if track.empty.whitening.square(level) > track.empty.stirred or squared(level) >= track.empty.least[1] ** 2 > 0.0:
            self.absorbed = also(self.absorbed, level)

    def glimpse(self, track: Track, now: float) -> None:
        """There was a reading, and no sample of it: where it shows what is surely more than the empty bay, that has come by now."""
        if self.presence is not None:
            return
        z = track.glimpse(now)
        if z is None:
            return
        if track.is_vehicle(z, 1):
            self.glimpsed = (now if self.glimpsed is None else self.glimpsed[0], now)
        elif track.empty.whitening.square(z) <= track.empty.stirred:
            self.glimpsed, self.steady_s = None, now

    def feed(self, track: Track, dwell_s: float) -> Decision | None:
        presence = self.presence
        if track.square <= track.empty.stirred:
            if presence is None:
                self.steady_s, self.glimpsed = track.t, None
                track.empty.learn(track.z, track.t)
                return None
            return self._calm(presence, track)
        if presence is not None and presence.calm_s is not None and presence.calm_readings >= 2 and track.t - presence.calm_s >= _CALM_S:
            # What was felt before had passed; whether it left something is not to be known any more.
            self.passed, presence = presence, None
        if presence is None:
            track.empty.drop()
            presence = self.presence = self._began(track)
            self.phase = Phase.ENTERING
        else:
            presence.readings += 1
        presence.calm_s, presence.calm_readings = None, 0
        presence.peak = max(presence.peak, track.square)
        presence.remember(track.t, track.z)
        presence.signature.feed(track.t - track.lag_s, sqrt(max(track.square, 0.0)))
        return self._judge(presence, track, dwell_s)

    def _began(self, track: Track) -> Presence:
        """On one axis a vehicle that manoeuvres is not felt for moments: it goes on with what it began."""
        onset_s, earliest_s, latest_s, passed = track.t - track.lag_s, track.seen_until(self.steady_s), track.t, self.passed
        if passed is not None and manner.quick_and_few(track) and onset_s - passed.onset_s < _SLOWEST_S:
            over_s = passed.calm_s if passed.calm_s is not None else passed.onset_s
            lasted_s = passed.signature.lasted_s
            if track.t - over_s < (lasted_s if lasted_s > _PASSES_S else CROSSING_S):
                onset_s, earliest_s, latest_s = passed.onset_s, passed.earliest_s, passed.latest_s
        glimpsed, self.passed, self.glimpsed = self.glimpsed, None, None
        if glimpsed is not None and track.t - glimpsed[1] < _SPELL_S:
            onset_s = latest_s = glimpsed[0]
        return Presence(onset_s, earliest_s, latest_s, track.t, track.t, Signature(sqrt(track.empty.stirred), track.usual_s))

    def _calm(self, presence: Presence, track: Track) -> Decision | None:
        """The field is the empty bay's again, or so nearly that one sample can't tell."""
        if presence.calm_s is None:
            presence.calm_s = track.t
        presence.calm_readings += 1
        if not track.slow and (presence.calm_readings < 2 or track.t - presence.calm_s < _CALM_S):
            return None
        still_s = track.plateau.age_s - 2.0 * track.lag_s
        waits, decision = manner.waits(presence, still_s, track), None
        if manner.quick_and_few(track):
            decision = None if waits and still_s < manner.LEFT_STILL_S else self._left(presence, track, still_s)
        elif not waits:
            decision = self._heavy(presence, track)
        if decision is not None or waits:
            return decision
        self.phase, self.presence, self.passed, self.steady_s = Phase.VACANT, None, presence, track.t
        return None

    def _judge(self, presence: Presence, track: Track, dwell_s: float) -> Decision | None:
        plateau = track.plateau
        stands = plateau.count >= 2 and plateau.last_t == track.t and plateau.since_s >= presence.last_empty_s
        # Samples that are means over a second agree for that second by themselves.
        still_s = max(plateau.age_s - 2.0 * track.lag_s, 0.0) if stands else 0.0
        if lookalikes.first_look(still_s, track):
            self._absorb(track)
            return None
        age_s = track.t - presence.first_s
        if track.conditioner.quick:
            age_s = min(age_s, presence.signature.lasted_s + track.lag_s)
        level, count = (plateau.mean, plateau.weight) if stands else (track.z, 1)
        vehicle = self._is_vehicle(presence, level, count, track)
        presence.high(track.t, vehicle=vehicle)
        if age_s > LONG_S and presence.high_s is not None:
            age_s = track.t - presence.high_s  # What has hovered below a vehicle's level for long says nothing about what comes now.
        rounded_s = rounded_for(sqrt(max(track.empty.whitening.square(level), 0.0))) if track.conditioner.quick else 0.0
        self.log_odds = parking_log_odds(age_s + 0.5 * track.lag_s, max(still_s - rounded_s, 0.0))
        decision: Decision | None
        if manner.quick_and_few(track) and presence.signature.over(track.t - track.lag_s):
            if still_s < manner.LEFT_STILL_S:
                return None
            decision = self._left(presence, track, still_s)
        elif not vehicle:
            decision = self._heavy(presence, track) or self._weakly(presence, track, still_s)
        else:
            return self._decide(presence, track, stands=stands, still_s=still_s, age_s=age_s, dwell_s=dwell_s)
        if decision is None:
            self._too_little(presence, track, still_s)
        return decision

    @staticmethod
    def _is_vehicle(presence: Presence, level: Vector, count: int, track: Track) -> bool:
        """By its level, and beside what has passed."""
        vehicle = track.is_vehicle(level, count)
        if not vehicle or not track.conditioner.quick:
            return vehicle
        few = track.empty.axes < 3
        return not lookalikes.tail(presence, level, track) and (
            not few or standing(level, count, presence.signature, track) >= track.level_square
        )

    def _left(self, presence: Presence, track: Track, still_s: float) -> Decision | None:
        """It is no longer felt as it was while it moved, and something stands still."""
        self.log_odds = left_behind(presence.signature, track)
        sure = manner.left(self.log_odds, presence, still_s)
        return None if sure is None or self._undone(track.plateau.mean, track) else self._arrived(presence, sure, Reason.SIGNATURE)

    def _heavy(self, presence: Presence, track: Track) -> Decision | None:
        sure = manner.heavy(presence, track)
        return None if sure is None else self._arrived(presence, sure, Reason.SIGNATURE)

    def _weakly(self, presence: Presence, track: Track, still_s: float) -> Decision | None:
        sure, level = manner.weakly(presence, still_s, track), track.plateau.mean
        if (
            sure is None
            or _explained(presence, level, track, stands=True)
            or self._undone(level, track, _NEARLY * track.apart(level, _ZERO))
        ):
            return None
        presence.onset_s, presence.earliest_s = presence.at_first
        presence.latest_s = presence.since_s
        return self._arrived(presence, sure, Reason.BOTH)

    def _arrived(self, presence: Presence, confidence: float, reason: Reason) -> Decision:
        self.presence, self.came = None, presence.signature.peak
        return Decision(Occupancy.OCCUPIED, presence.onset_s, presence.earliest_s, presence.latest_s, confidence, reason, presence.readings)

    def _decide(self, presence: Presence, track: Track, *, stands: bool, still_s: float, age_s: float, dwell_s: float) -> Decision | None:
        """Its level is a vehicle's: has it come to stay, and to this bay?"""
        level, count = (track.plateau.mean, track.plateau.weight) if stands else (track.z, 1)
        explained = _explained(presence, level, track, stands=stands)
        if explained or self._undone(level, track):
            if stands and still_s >= _LOW_STILL_S:
                self.absorbed = without(level, self.absorbed, track.empty.stirred, track)
                if explained:
                    self.absorbed = also(self.absorbed, level)
                self._absorb(track)
            return None
        # Two that pass, one behind the other, last as long as one that parks, but are not felt in between.
        high_s = track.t - presence.high_s if presence.high_s is not None else 0.0
        if presence.readings < 2 or age_s < dwell_s:
            return None
        if lookalikes.crept(presence, level, track):
            if stands and still_s >= _LOW_STILL_S:
                self._absorb(track)
            return None
        moving = not stands and (age_s < _MOVING_S or high_s < _PASSES_S)
        if track.conditioner.quick:
            moving = still_s < _STILL_QUICK_S and age_s < _MOVING_QUICK_S
        if moving or self.log_odds < manner.CONFIRM or (still_s < _WEAK_STILL_S and lookalikes.weak(level, track)):
            return None
        presence.forget_hovering()
        sure = manner.sure(self.log_odds)
        apart = (track.empty.plateau_square(level, count) / track.level_square) ** 0.5
        return self._arrived(presence, sure * (1.0 - 0.25 / (1.0 + max(apart - 1.0, 0.0)) ** 3), Reason.LEVEL)

    def _too_little(self, presence: Presence, track: Track, still_s: float) -> None:
        if still_s >= (manner.LEFT_LONG_S if manner.quick_and_few(track) and manner.clear_move(presence) else _LOW_STILL_S):
            # What is still to come begins from here: this is where the field has been steady last.
            presence.onset_s, presence.earliest_s = track.t - track.lag_s, track.t
            presence.latest_s = presence.first_s = track.t - 1e-6
        enough_s = _LOW_STILL_S if track.t - presence.since_s > _HOVERING_S else _ABSORB_S
        if still_s >= enough_s and presence.readings >= _ABSORB_READINGS:
            self.absorbed = also(self.absorbed, track.plateau.mean)
            self._absorb(track)

    def _absorb(self, track: Track) -> None:
        self.phase, self.presence = Phase.NEIGHBOUR, None
        track.anchor(track.plateau.mean, track.plateau.weight)
        self.steady_s = track.t

    def _undone(self, level: Vector, track: Track, near: float = 0.0) -> bool:
        return undone(level, self.absorbed, max(track.empty.stirred, near), track)


def _explained(presence: Presence, level: Vector, track: Track, *, stands: bool) -> bool:
    """Whether it moved while a bay beside this one felt far more of it."""
    until_s = track.plateau.since_s if stands else track.t
    from_s = max(presence.since_s, until_s - LONG_S)
    if track.stirring.within(from_s, until_s):
        from_s = max(from_s, track.stirring.from_s)  # What moved before, and then stood, was something else.
    return beside.explained(presence, level, from_s, until_s, track)


_ZERO: Vector = (0.0, 0.0, 0.0)
