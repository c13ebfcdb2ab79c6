"""When a device counts as silent: no reading that may be believed for too long.

Silence is not vacancy. The limit is `silent_s`, or four usual intervals where the device reports more rarely than that.
The usual interval is the poll period where a site says it; in a bare trace it is learned as the slowly falling upper
envelope of the gaps seen, so that a sensor that reports every ten minutes and on change is not called silent in between.
"""

from dataclasses import dataclass

from drivers.reading import Reading

INTERVALS_TO_SILENCE = 4.0
_ENVELOPE_HALF_LIFE_S = 7200.0
_GAPS_TO_LEARN = 6
NO_READING = "no_reading"


@dataclass(slots=True)
class Silence:
    """Feed it every reading of one device; ask it whether the device is overdue."""

    silent_s: float
    interval_s: float | None
    """The known period of polls; None where it must be learned."""
    started_s: float
    last_trusted_s: float | None = None
    _envelope_s: float = 0.0
    _gaps: int = 0
    _silent_since_s: float | None = None
    _cause: str | None = None

    def feed(self, reading: Reading, now: float) -> None:
        if not reading.trusted:
            self._cause = reading.cause or ("silent" if reading.silent else "bad_quality")
            if reading.silent and self._silent_since_s is None:
                self._silent_since_s = now
            return
        if self.interval_s is None and self.last_trusted_s is not None:
            gap = now - self.last_trusted_s
            self._envelope_s = max(gap, self._envelope_s * 0.5 ** (gap / _ENVELOPE_HALF_LIFE_S))
            self._gaps += 1
        self.last_trusted_s = now
        self._silent_since_s = None
        self._cause = None

    @property
    def cause(self) -> str:
        """Why there is nothing to believe, in one word for logs and events."""
        return self._cause or NO_READING

    def deadline(self) -> float | None:
        """When the device is overdue if nothing comes; None while its interval is still to be learned."""
        told = None if self._silent_since_s is None else self._silent_since_s + self.silent_s
        if self.interval_s is None and self._gaps < _GAPS_TO_LEARN:
            return told
        usual = self._envelope_s if self.interval_s is None else self.interval_s
        last = self.started_s if self.last_trusted_s is None else self.last_trusted_s
        due = last + max(self.silent_s, INTERVALS_TO_SILENCE * usual)
        return due if told is None else min(due, told)

    def overdue(self, now: float) -> bool:
        if self._silent_since_s is None and self.last_trusted_s is not None and now < self.last_trusted_s + self.silent_s:
            return False
        due = self.deadline()
        return due is not None and now >= due
