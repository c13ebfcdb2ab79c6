"""Whether another client lives under our name: two boxes with one configuration end each other's connections for ever. Pure.

With MQTT 5 a broker may say so; mosquitto 2.0 does not, and with 3.1.1 none can: they just close. So a connection that stood, was
closed by the far side and could be made again at once, twice within a minute, is taken for that. A broker that is restarted
refuses at least one try in between, as a rule.
"""

_WITHIN_S = 60.0


class Takeover:
    def __init__(self) -> None:
        self._closed_at: float | None = None

    def closed(self, now: float) -> bool:
        """A connection that stood was closed by the far side, which gave no reason. Whether that is an alarm."""
        again = self._closed_at is not None and now - self._closed_at < _WITHIN_S
        self._closed_at = now
        return again

    def otherwise(self) -> None:
        """A connection could not be made, or ended in another way."""
        self._closed_at = None
