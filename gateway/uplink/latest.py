"""When the present state of everything goes out again: the second lane, beside the log. Pure.

It goes first after a reconnect, so that the platform knows how the street is before it learns how that came about. While the log is
behind, what happens now would wait behind what happened then, so the state is told again every few seconds; otherwise seldom,
and only when something has happened: the events have said it already. Only the latest state is ever sent.
"""

BEHIND_S = 5.0
SELDOM_S = 300.0


class Latest:
    def __init__(self) -> None:
        self._told_at: float | None = None
        self._changed = False

    def told(self, now: float) -> None:
        self._told_at = now
        self._changed = False

    def changed(self) -> None:
        """Something was committed."""
        self._changed = True

    def deadline(self, *, behind: bool) -> float | None:
        """When it is due. `behind`: whether events wait that have not gone out."""
        if self._told_at is None or not self._changed:
            return None
        return self._told_at + (BEHIND_S if behind else SELDOM_S)
