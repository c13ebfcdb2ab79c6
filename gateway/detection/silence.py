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

    __slots__ = (
        "_cause",
        "_due_s",
        "_envelope_s",
        "_gaps",
        "_learns",
        "_limit_s",
        "_silent_s",
        "_told_silent",
        "last_trusted_s",
        "started_s",
    )

    def __init__(self, silent_s: float, interval_s: float | None, started_s: float) -> None:
        """`interval_s`: the known period of polls; None where it must be learned."""
        self._silent_s = silent_s
        self._learns = interval_s is None
        self._limit_s = None if interval_s is None else max(silent_s, INTERVALS_TO_SILENCE * interval_s)
        """From the last reading on; None while its interval is still to be learned."""
        self.started_s = started_s
        self.last_trusted_s: float | None = None
        self._envelope_s = 0.0
        self._gaps = 0
        self._told_silent = False
        self._cause: str | None = None
        self._due_s = None if self._limit_s is None else started_s + self._limit_s

    def feed(self, reading: Reading, now: float) -> None:
        if not reading.trusted:
            self._cause = reading.cause or ("silent" if reading.silent else "bad_quality")
            if reading.silent and not self._told_silent:
                self._told_silent = True
                told = now + self._silent_s
                self._due_s = told if self._due_s is None else min(self._due_s, told)
            return
        if self._learns and self.last_trusted_s is not None:
            self._learn(now - self.last_trusted_s)
        self.last_trusted_s = now
        self._told_silent = False
        self._cause = None
        self._due_s = None if self._limit_s is None else now + self._limit_s

    def _learn(self, gap: float) -> None:
        self._envelope_s = max(gap, self._envelope_s * 0.5 ** (gap / _ENVELOPE_HALF_LIFE_S))
        self._gaps = min(self._gaps + 1, _GAPS_TO_LEARN)
        if self._gaps == _GAPS_TO_LEARN:
            self._limit_s = max(self._silent_s, INTERVALS_TO_SILENCE * self._envelope_s)

    @property
    def cause(self) -> str:
        """Why there is nothing to believe, in one word for logs and events."""
        return self._cause or NO_READING

    def deadline(self) -> float | None:
        """When the device is overdue if nothing comes; None while its interval is still to be learned."""
        return self._due_s

    def overdue(self, now: float) -> bool:
        due = self._due_s
        return due is not None and now >= due
