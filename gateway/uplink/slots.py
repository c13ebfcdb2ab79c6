"""Which of two certificates to show: the present one, or the one that is to follow. Pure.

    certificate_file, key_file              the present one
    next_certificate_file, next_key_file    tried as soon as its files are there; used from its first round trip on

The present one is kept: it is gone back to when the next one is refused. A next one that was refused while the present one was taken is
asked for again when its files change, or after an hour: the platform may have been told of it meanwhile.
"""

from enum import StrEnum

_AGAIN_S = 3600.0


class Slot(StrEnum):
    PRESENT = "present"
    NEXT = "next"


class Slots:
    def __init__(self) -> None:
        self._refused: str | None = None
        self._refused_at = 0.0
        self._suspected: str | None = None

    def order(self, next_print: str | None, now: float) -> tuple[Slot, ...]:
        """What to try, one after the other, within one attempt. `next_print` tells one pair of next files from another; None when
        there is none."""
        self._suspected = None
        if next_print is None or (self._refused == next_print and now - self._refused_at < _AGAIN_S):
            return (Slot.PRESENT,)
        return (Slot.NEXT, Slot.PRESENT)

    def failed(self, next_print: str) -> None:
        """The next one did not get in. Whose fault that is shows with the present one."""
        self._suspected = next_print

    def stood(self, slot: Slot, now: float) -> bool:
        """A round trip succeeded with this one. Whether that proves the next one to be refused."""
        if slot is Slot.PRESENT and self._suspected is not None:
            self._refused, self._refused_at = self._suspected, now
            return True
        return False
