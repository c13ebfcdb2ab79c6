"""While the bay is believed occupied: does what moves leave, make room for another, shift in its place, or only pass by?

quiet       samples at the parked vehicle's own level, which is followed slowly
leaving     the field stands at, or very near, what the empty bay is expected to look like
swap        it went through the empty bay's and stands on another vehicle's level now
moved       it stands on another level without having been empty: re-parked, or the neighbour came or went
passing     it is back where it was
"""

from math import inf

from gateway.detection.change import Occupancy, Reason
from gateway.detection.conditioning import Vector, minus, squared
from gateway.detection.departure import departed
from gateway.detection.disturbance import Disturbance
from gateway.detection.empty_again import empty_again, faded
from gateway.detection.other_level import another, between, visited
from gateway.detection.phase import Decision, Phase
from gateway.detection.recurrence import Recurrence
from gateway.detection.track import Track
from gateway.detection.undone import Taken

_CALM_S = 1.2
_KNOWN_READINGS = 10
_KNOWN_QUICK_READINGS = 80
"""Twenty seconds of means."""
_SETTLED_QUICK_READINGS = 480
"""Two minutes: until then what it changes by is the vehicle's, for people get out and load, and no sensor drifts as fast."""
_EMPTY_STILL_S = 1.6
_EMPTY_READINGS = 3
_CLEARLY_STILL_S, _CLEARLY_TIMES, _CLEARLY_SHARE = 0.7, 40.0, 0.005
"""Of a strong vehicle of which so little is left, less time is enough: none stands still there by chance."""
_MOVED_STILL_S = 3.0
_DISTURBED_S = 45.0
_WEAK_SQUARE = 60.0
_WEAK_READINGS = 4
_WEAK_WAIT_S = 8.0
_WEAK_LOG_ODDS = 14.0
_SAME_SHARE = 0.3
_SAME_LOG_ODDS = -12.0
_ESCAPE = 0.8
_HELD_S = 10.0
"""What stands for less between two moves is a halt in one."""
_FADES_S = 4.0
"""What drives off that slowly has left the bay so long before it is not felt any more."""
_GLIMPSED_SHARE = 0.04
"""Squared: a single reading that is off by less than a fifth of the vehicle's field shows that it is still there."""


class ParkedWatch:
    __slots__ = (
        "absorbed",
        "before",
        "came",
        "came_s",
        "disturbance",
        "held_since_s",
        "level",
        "moved",
        "phase",
        "recurrence",
        "shifted",
        "steady_s",
        "still",
        "strongest",
    )

    def __init__(self) -> None:
        self.phase = Phase.OCCUPIED
        self.level: Vector | None = None
        """The parked vehicle's residual; None until it stands still."""
        self.shifted: Vector = (0.0, 0.0, 0.0)
        """By how much neighbours have moved the field since: the bay may look like this when it is empty."""
        self.absorbed: Taken = ()
        self.came = 0.0
        """By how many sigmas the parked vehicle was felt at the most as it came; zero where nobody saw it come."""
        self.came_s = -inf
        """When it came; -inf where it was not watched all the time since."""
        self.before: Vector | None = None
        """The level that stood there before the last one, in the same stay."""
        self.moved: Disturbance | None = None
        """How it moved from there."""
        self.disturbance: Disturbance | None = None
        self.steady_s: float | None = None
        self.recurrence: Recurrence | None = None
        """What was held until now, once it has moved within its bay."""
        self.held_since_s = 0.0
        self.still = 0
        """Samples of it since it stands as it does."""
        self.strongest = 0.0
        """By how many sigmas it was felt at the most while it stood there, squared."""

    def begin(self, track: Track, came: float, absorbed: Taken) -> None:
        """A vehicle has just arrived. `absorbed`: steps that were taken into the empty field, and may be undone meanwhile."""
        self.came, self.came_s, self.absorbed = came, track.t, absorbed
        plateau = track.plateau
        self.level = plateau.mean if plateau.count >= 2 and plateau.last_t == track.t else None
        self.shifted = (0.0, 0.0, 0.0)
        self.disturbance, self.still, self.strongest = None, 0, 0.0
        self.before = self.moved = None
        self.steady_s = self.held_since_s = track.t
        self.phase = Phase.OCCUPIED

    def unwatched(self) -> None:
        """Nobody has followed for a while by how much the sensor drifts: the empty bay may be far from where it is expected."""
        self.came_s = -inf

    def glimpse(self, track: Track, now: float) -> None:
        """There was a reading, and no sample of it: where it shows the vehicle clearly, that has not left yet."""
        level = self.level
        if level is None or self.disturbance is not None:
            return
        z = track.glimpse(now)
        if z is not None and track.apart(z, level) < _GLIMPSED_SHARE * track.apart(level, _ZERO):
            self.steady_s = now

    def feed(self, track: Track) -> Decision | None:
        level = self.level
        if level is None:
            return self._settle(track)
        if faded(self.strongest, track):
            since_s = track.plateau.since_s - track.lag_s
            return self._departed(Disturbance(since_s, track.lag_s, since_s - _FADES_S), track)
        z = track.z
        if track.apart(z, level) <= track.empty.stirred:
            if self.disturbance is not None:
                return self._calm(self.disturbance, level, track)
            self.steady_s = track.t
            self._follow(track, level)
            return None
        if self.disturbance is None:
            seen = track.seen_until(self.steady_s)
            steady = track.t if seen is None else seen
            self.disturbance = Disturbance(track.t, track.lag_s, steady)
            self.phase = Phase.LEAVING
            track.empty.drop()
        disturbance = self.disturbance
        disturbance.readings += 1
        disturbance.peak = max(disturbance.peak, track.apart(z, level))
        disturbance.calm_s, disturbance.calm_readings = None, 0
        return self._judge(disturbance, level, track)

    def _follow(self, track: Track, level: Vector) -> None:
        """A vehicle that stands still adds a constant. Its first seconds make it known better; what drifts then is the sensor's own."""
        z = track.z
        x, y, w = z[0] - level[0], z[1] - level[1], z[2] - level[2]
        self.still += 1
        self.strongest = max(self.strongest, track.apart(level, _ZERO))
        quick = track.conditioner.quick
        if self.still <= (_SETTLED_QUICK_READINGS if quick else _KNOWN_READINGS) or track.empty.absolute:
            gain = 1.0 / min(self.still + 2, _KNOWN_QUICK_READINGS if quick else _KNOWN_READINGS)
            self.level = (level[0] + gain * x, level[1] + gain * y, level[2] + gain * w)
        else:
            track.empty.learn((x, y, w), track.t, vacant=False)

    def _settle(self, track: Track) -> Decision | None:
        """It was told while it still moved; its level is that of the first plateau."""
        plateau = track.plateau
        if plateau.count < 3 or plateau.age_s < _EMPTY_STILL_S or plateau.last_t != track.t:
            return None
        if track.is_vehicle(plateau.mean, plateau.weight) or self._weak(plateau.mean, track):
            self.level, self.steady_s = plateau.mean, track.t
            return None
        since = plateau.since_s if self.steady_s is None else self.steady_s
        return self._departed(Disturbance(since, track.lag_s, since), track)

    @staticmethod
    def _weak(mean: Vector, track: Track) -> bool:
        """It was told for moving as long as who parks: then less than most vehicles are felt is one, where three axes show it clearly."""
        empty = track.empty
        clear = empty.plateau_square(mean, track.plateau.weight) >= track.level_square
        return empty.axes == 3 and clear and squared(mean) >= empty.half_way**2 > 0.0

    def _calm(self, disturbance: Disturbance, level: Vector, track: Track) -> Decision | None:
        """The field is the parked vehicle's again; where that is nearly the empty bay's, a few more samples must tell which."""
        t, plateau = track.t, track.plateau
        if disturbance.calm_s is None:
            disturbance.calm_s = t
        disturbance.calm_readings += 1
        if not (track.slow or (disturbance.calm_readings >= 2 and t - disturbance.calm_s >= _CALM_S)):
            return None
        if not track.slow and track.apart(level, _ZERO) < _WEAK_SQUARE:
            stands = plateau.count >= _WEAK_READINGS and plateau.age_s >= _MOVED_STILL_S and plateau.last_t == t
            if not stands and t - disturbance.calm_s < _WEAK_WAIT_S:
                return None
            nearer = track.apart(plateau.mean, level) - track.apart(plateau.mean, _ZERO)
            itself = self._moved_itself(disturbance, track)
            odds = nearer * min(plateau.weight, 2 if itself else 6)
            if stands and odds >= (_SAME_LOG_ODDS if itself else _WEAK_LOG_ODDS):
                return self._departed(disturbance, track)
        # It was seen to stand there until now: what moves next has not moved before.
        self.disturbance, self.phase, self.steady_s = None, Phase.OCCUPIED, t
        return None

    def _moved_itself(self, disturbance: Disturbance, track: Track) -> bool:
        """What is felt as strongly as the parked vehicle when it came is that vehicle: while it stands there, nothing else drives over the
        sensor. For few axes: on three hardly any vehicle stands unfelt."""
        return track.empty.axes < 3 and 0.0 < (_SAME_SHARE * self.came) ** 2 <= disturbance.peak

    def _empty_like(self, z: Vector, square: float, level: Vector, track: Track) -> bool:
        return empty_again(z, square, level, self.shifted, self.absorbed, self.came_s, track)

    def _judge(self, disturbance: Disturbance, level: Vector, track: Track) -> Decision | None:
        t, plateau = track.t, track.plateau
        empty = self._empty_like(track.z, track.square, level, track)
        disturbance.looks(t, track.lag_s, empty=empty, quick=track.conditioner.quick)
        if track.slow and disturbance.empty_first_s is None and plateau.last_t == t and plateau.count >= 2:
            # No manoeuvre lasts from one such sample to the next: it stands, only not quite as it did.
            disturbance.steady_s = t
        stands = plateau.last_t == t and plateau.since_s >= disturbance.first_s - 1e-6
        if not stands:
            if plateau.last_t == t and t - disturbance.first_s >= _MOVED_STILL_S and plateau.count >= _KNOWN_READINGS and not empty:
                # The plateau is older than the disturbance: nothing moved, it drifted, and so did the empty bay.
                if track.conditioner.quick and track.empty.axes == 3:
                    track.rebase(minus(plateau.mean, level))
                else:
                    self.level, self.still = plateau.mean, 0
                self.disturbance, self.phase, self.steady_s = None, Phase.OCCUPIED, t
                return None
            if t - disturbance.first_s > _DISTURBED_S:
                self.phase = Phase.DISTURBED
            return None
        if not empty and track.conditioner.quick and track.empty.axes < 3:
            empty = self._empty_plateau(level, track)
        if empty:
            still_s = _CLEARLY_STILL_S if self._clearly_empty(level, track) else _EMPTY_STILL_S
            enough = plateau.count >= 2 if track.slow else plateau.count >= _EMPTY_READINGS and plateau.age_s >= still_s
            return self._departed(disturbance, track) if enough and self._empty_plateau(level, track) else None
        if plateau.count < (2 if track.slow else 3) or plateau.age_s < _MOVED_STILL_S:
            return None
        return self._moved(disturbance, level, track)

    @staticmethod
    def _clearly_empty(level: Vector, track: Track) -> bool:
        """Whether hardly anything is left of a strong vehicle that a quick sensor has felt."""
        was = track.apart(level, _ZERO)
        return (
            track.conditioner.quick
            and was > _CLEARLY_TIMES * track.empty.stirred
            and track.apart(track.plateau.mean, _ZERO) < _CLEARLY_SHARE * was
        )

    def _empty_plateau(self, level: Vector, track: Track) -> bool:
        plateau = track.plateau
        return self._empty_like(plateau.mean, track.empty.plateau_square(plateau.mean, plateau.weight), level, track)

    def _moved(self, disturbance: Disturbance, level: Vector, track: Track) -> Decision | None:
        mean = track.plateau.mean
        held_s, self.held_since_s = disturbance.steady_s - self.held_since_s, track.plateau.since_s
        if self.recurrence is None:
            self.recurrence = Recurrence()
        if self.recurrence.feed(level, held_s, track.weights, 4.0 * track.empty.stirred) is not None:
            return self._never_stood(level, track)
        if self.before is not None and visited(mean, level, self.before, track):
            return self._never_stood(mean, track)
        again_s = another(mean, level, disturbance, track)
        if again_s is not None:
            self.phase = Phase.SWAP
            return self._departed(disturbance, track, again_s)
        if self.before is not None and self.moved is not None and between(mean, level, self.before, held_s, track):
            self.phase = Phase.SWAP
            track.rebase(level)
            self.level = minus(self.before, level)
            return self._departed(self.moved, track, disturbance.first_s - disturbance.lag_s)
        x, y, z = self.shifted
        self.shifted = (x + mean[0] - level[0], y + mean[1] - level[1], z + mean[2] - level[2])
        self.level, self.disturbance, self.phase, self.steady_s, self.still = mean, None, Phase.OCCUPIED, track.t, 0
        if disturbance.empty_first_s is None:
            disturbance.empty_first_s = track.plateau.since_s
        if self.before is None or held_s >= _HELD_S:
            self.before, self.moved = level, disturbance
        return None

    def _never_stood(self, empty: Vector, track: Track) -> Decision:
        self.recurrence = None
        self.disturbance = None
        return Decision(Occupancy.VACANT, track.t, None, track.t, _ESCAPE, Reason.SIGNATURE, track.plateau.count, wrong=empty)

    def _departed(self, disturbance: Disturbance, track: Track, again_s: float | None = None) -> Decision:
        self.disturbance = None
        return departed(disturbance, self.level, again_s, track)


_ZERO: Vector = (0.0, 0.0, 0.0)
