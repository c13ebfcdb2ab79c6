"""Which version of MQTT to speak to this broker. Pure.

MQTT 5 first: its reasons say what is wrong. Old brokers answer it with a refusal (mosquitto 1, NATS) or just close (RabbitMQ before
3.13), and so does a broker that is being restarted. So 3.1.1 is tried at once, remembered where it then stands, and MQTT 5 asked
for again later: after a day where it was refused by word, after an hour where the broker only closed. One that says nothing at all
(amqtt) is asked in the other version at the next attempt: as likely the network has stalled.
"""

from enum import IntEnum

from config.site import MqttVersion

_REFUSED_S = 86400.0
_CLOSED_S = 3600.0


class Version(IntEnum):
    """As in the CONNECT packet."""

    V311 = 4
    V5 = 5


class Versions:
    def __init__(self, wanted: MqttVersion = MqttVersion.AUTO) -> None:
        self._wanted = wanted
        self._old_first = False
        self._old_until: float | None = None
        self._doubt_s = 0.0

    def order(self, now: float) -> tuple[Version, ...]:
        """What to try, one after the other, within one attempt."""
        if self._wanted is not MqttVersion.AUTO:
            return (Version.V5 if self._wanted is MqttVersion.V5 else Version.V311,)
        if self._old_first or (self._old_until is not None and now < self._old_until):
            return (Version.V311, Version.V5)
        return (Version.V5, Version.V311)

    def refused(self, *, by_word: bool) -> None:
        """MQTT 5 was not taken. Nothing is concluded until 3.1.1 stands."""
        self._doubt_s = _REFUSED_S if by_word else _CLOSED_S

    def silent(self, version: Version) -> None:
        """Connected, and no answer in time."""
        self._old_first = version is Version.V5
        self._doubt_s = _CLOSED_S

    def stood(self, version: Version, now: float) -> None:
        self._old_first = False
        if version is Version.V5:
            self._old_until = None
        elif self._old_until is None or now >= self._old_until:
            self._old_until = now + self._doubt_s
