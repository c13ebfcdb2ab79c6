"""How long the platform's word on what it was sent is waited for, before all of it is sent again. Pure.

Each time in vain twice as long; any word shows that it lives, and then the next is expected in time again.
"""

_TIMES_MAX = 8


class Patience:
    __slots__ = ("_timeout_s", "_times", "due")

    def __init__(self, timeout_s: float) -> None:
        self.due: float | None = None
        """When it is over; None while nothing is waited for."""
        self._timeout_s = timeout_s
        self._times = 1

    def sent(self, now: float) -> None:
        if self.due is None:
            self.due = now + self._times * self._timeout_s

    def forget(self) -> None:
        """All that was sent is going to be sent again."""
        self.due = None

    def is_over(self, now: float) -> bool:
        return self.due is not None and now >= self.due

    def was_in_vain(self) -> None:
        self._times = min(2 * self._times, _TIMES_MAX)

    def heard(self, now: float, *, news: bool, still_open: bool) -> None:
        """`news`: it has something that it had not said before. What is `still_open` then is given its time, else no more than that."""
        self._times = 1
        if news:
            self.due = now + self._timeout_s if still_open else None
        elif self.due is not None:
            self.due = min(self.due, now + self._timeout_s)
