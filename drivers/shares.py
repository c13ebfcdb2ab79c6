"""How the line's time is shared among classes of work: by what each has spent, weighed, so that none starves. Pure.

A class that has spent least for its weight goes first; at a tie, the more urgent one. Who was idle saves nothing up. Probes of
silent units have a budget of their own on top: they never cost more than a twentieth of the line, the last one that goes beyond
its budget included.
"""

from collections.abc import Collection

from drivers.task import Duty

WEIGHTS = {Duty.COMMAND: 50, Duty.EVENT: 30, Duty.ROUTINE: 10, Duty.FAILING: 5, Duty.PROBE: 3}
PROBE_SHARE = 0.04
_MOST_SAVED_S = 1.0
"""Of the probes' budget: a silence that ends is found soon on an idle line, and a burst of probes hurts nobody."""
_NO_DEBT_S = 1e-6
"""Less than this is rounding. At the very time that `probes_from` names, a probe may begin; else who waits for it would spin."""


class Shares:
    def __init__(self) -> None:
        self._spent = dict.fromkeys(Duty, 0.0)
        self._virtual = 0.0
        self._saved_s = _MOST_SAVED_S
        self._saved_at = 0.0

    def opened(self, now: float) -> None:
        self._saved_at = now

    def choose(self, wanting: Collection[Duty]) -> Duty:
        """Whose turn it is, of those that want one."""
        for duty in wanting:
            self._spent[duty] = max(self._spent[duty], self._virtual)
        chosen = min(wanting, key=lambda duty: (self._spent[duty], duty))
        self._virtual = self._spent[chosen]
        return chosen

    def spent(self, duty: Duty, seconds: float, now: float) -> None:
        self._spent[duty] += seconds / WEIGHTS[duty]
        self._refill(now)
        if duty is Duty.PROBE:
            self._saved_s -= seconds

    def probes_from(self, now: float) -> float:
        """When the next probe may begin."""
        self._refill(now)
        return now if self._saved_s > -_NO_DEBT_S else now - self._saved_s / PROBE_SHARE

    def _refill(self, now: float) -> None:
        self._saved_s = min(_MOST_SAVED_S, self._saved_s + PROBE_SHARE * (now - self._saved_at))
        self._saved_at = now
