"""A token bucket: how many messages may go out now. Pure; platforms cut off who sends more than they bear.

A second's worth may go out at once, unless it is told otherwise; what is spent beyond that is paid back before anything more goes out.
"""


class Bucket:
    """`rate_per_s` of 0 is no limit. `most` may go out at once."""

    def __init__(self, rate_per_s: float, most: float | None = None) -> None:
        self._rate_per_s = rate_per_s
        self._most = max(1.0, rate_per_s) if most is None else most
        self._tokens = self._most
        self._at: float | None = None

    def take(self, now: float) -> bool:
        """One message, if it may go."""
        if not self._rate_per_s:
            return True
        self._fill(now)
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def spend(self, count: int, now: float) -> None:
        """So many have gone out without asking."""
        self._fill(now)
        self._tokens -= count

    def ready_at(self, now: float) -> float:
        """When the next one may go; `now` or earlier when it may at once."""
        if not self._rate_per_s:
            return now
        self._fill(now)
        return now if self._tokens >= 1.0 else now + (1.0 - self._tokens) / self._rate_per_s

    def _fill(self, now: float) -> None:
        if self._at is not None:
            # A hair more: what `ready_at` promised is there at that moment, whatever the rounding.
            self._tokens = min(self._most, self._tokens + (now - self._at) * self._rate_per_s + 1e-9)
        self._at = now
