"""When a device counts as silent: no reading that may be believed for too long.

Silence is not vacancy. The limit is `silent_s`, or four usual intervals where the device reports more rarely than that.
The usual interval is the poll period where a site says it; in a bare trace it is learned as the slowly falling upper
envelope of the gaps seen, so that a sensor that reports every ten minutes and on change is not called silent in between.
"""

from drivers.reading import Reading

INTERVALS_TO_SILENCE = 4.0
_ENVELOPE_HALF_LIFE_S = 7200.0
_GAPS_TO_LEARN = 6
NO_READING = "no_reading"


class Silence:
    """Feed it every reading of one device; ask it whether the device is overdue."""

    __slots__ = ("_cause", "_due_s", "_envelope_s", "_gaps", "_interval_s", "_silent_s", "_silent_since_s", "last_trusted_s", "started_s")

    def __init__(self, silent_s: float, interval_s: float | None, started_s: float) -> None:
        """`interval_s`: the known period of polls; None where it must be learned."""
        self._silent_s = silent_s
        self._interval_s = interval_s
        self.started_s = started_s
        self.last_trusted_s: float | None = None
        self._envelope_s = 0.0
        self._gaps = 0
        self._silent_since_s: float | None = None
        self._cause: str | None = None
        self._due_s = self._due()
        """The deadline: asked for oftener than it moves."""

    def feed(self, reading: Reading, now: float) -> None:
        if not reading.trusted:
            self._cause = reading.cause or ("silent" if reading.silent else "bad_quality")
            if reading.silent and self._silent_since_s is None:
                self._silent_since_s = now
                self._due_s = self._due()
            return
        if self._interval_s is None and self.last_trusted_s is not None:
            gap = now - self.last_trusted_s
            self._envelope_s = max(gap, self._envelope_s * 0.5 ** (gap / _ENVELOPE_HALF_LIFE_S))
            self._gaps += 1
        self.last_trusted_s = now
        self._silent_since_s = None
        self._cause = None
        self._due_s = self._due()

    @property
    def cause(self) -> str:
        """Why there is nothing to believe, in one word for logs and events."""
        return self._cause or NO_READING

    def _due(self) -> float | None:
        told = None if self._silent_since_s is None else self._silent_since_s + self._silent_s
        usual = self._interval_s
        if usual is None:
            if self._gaps < _GAPS_TO_LEARN:
                return told
            usual = self._envelope_s
        last = self.started_s if self.last_trusted_s is None else self.last_trusted_s
        due = last + max(self._silent_s, INTERVALS_TO_SILENCE * usual)
        return due if told is None else min(due, told)

    def deadline(self) -> float | None:
        """When the device is overdue if nothing comes; None while its interval is still to be learned."""
        return self._due_s

    def overdue(self, now: float) -> bool:
        due = self._due_s
        return due is not None and now >= due
