"""Tells when events pile up, and when they are gone again: at each power of ten, not at each event. Pure."""

from gateway.detection.change import GatewayChange, Kind

FIRST_EVENTS = 1000
_DRAINED_EVENTS = 100


class BacklogWatch:
    def __init__(self) -> None:
        self._next = FIRST_EVENTS

    def feed(self, waiting: int, now: float) -> list[GatewayChange]:
        if waiting >= self._next:
            while waiting >= self._next:
                self._next *= 10
            return [_change("growing", waiting, now)]
        if waiting <= _DRAINED_EVENTS and self._next > FIRST_EVENTS:
            self._next = FIRST_EVENTS
            return [_change("drained", waiting, now)]
        return []


def _change(cause: str, waiting: int, now: float) -> GatewayChange:
    return GatewayChange(kind=Kind.GATEWAY_BACKLOG, onset_s=now, confirmed_s=now, cause=cause, count=waiting)
