"""The way out of a stuck state for a bay whose samples are seconds apart: is the "vehicle" that keeps coming back the empty bay?

Where samples are minutes apart an account that the sensor lies otherwise (`happenings.relaid`) finds that out by itself. Of samples that
are seconds apart buses that stop would feed such accounts all day; but between any two vehicles one of these samples shows
the empty bay, for ten minutes or for one, so that it soon comes back more often than any vehicle does.
"""

from gateway.detection.account import JUMP_UT, Account, Scale
from gateway.detection.conditioning import Vector
from gateway.detection.recurrence import LEAST_S, Recurrence

_LOOKS = 3
_NEAR_UT = 2.0 * JUMP_UT
"""So far apart are two looks at one empty bay at the most, with what neighbours add; on three axes hardly ever two vehicles."""
_OTHERS = 2
"""So many different vehicles must have stood between: a charger that switches beneath one makes two levels take turns."""
_EVEN: Vector = (1.0, 1.0, 1.0)


class Stuck:
    """Feed it the best account after each sample."""

    __slots__ = ("_recurrence", "_since_s")

    def __init__(self) -> None:
        self._recurrence: Recurrence | None = None
        self._since_s: float | None = None
        """What stands there now was fed up to this moment."""

    def feed(self, best: Account, at: Scale) -> Vector | None:
        """The empty bay's field, once it is sure that what is believed to be one is none."""
        if not best.occupied or at.rare or at.axes < 3 or at.disturbed:
            self._recurrence = self._since_s = None
            return None
        # A session that nobody was told of can't be corrected.
        if best.looks < _LOOKS or best.steps or self._since_s is None:
            self._since_s = at.t
            return None
        held_s = at.t - self._since_s
        if held_s < LEAST_S:
            return None
        self._since_s = at.t
        if self._recurrence is None:
            self._recurrence = Recurrence(_OTHERS)
        found = self._recurrence.feed(best.stands, held_s, _EVEN, (_NEAR_UT * at.unit) ** 2, best.empty)
        if found is not None:
            self._recurrence = self._since_s = None
        return found

    def shift(self, by: Vector) -> None:
        """The baseline has moved by so much."""
        if self._recurrence is not None:
            self._recurrence.shift(by)
