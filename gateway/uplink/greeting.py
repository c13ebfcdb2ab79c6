"""What a connection begins with: the topics that are listened to, that the gateway is there, and the present state of everything."""

import json
from collections.abc import Sequence
from typing import Any

from config.site import Acknowledgement
from config.site import Uplink as Settings
from gateway.clock import Clock, rfc3339
from gateway.journal.journal import Journal
from gateway.logs import Log
from gateway.uplink.session import Client
from gateway.uplink.telling import Telling
from gateway.uplink.topics import Topics
from gateway.uplink.trouble import UplinkTrouble

_SUBACK_FAILURE = 0x80


class Greeting:
    def __init__(
        self, client: Client, topics: Topics, settings: Settings, journal: Journal, telling: Telling, clock: Clock, log: Log
    ) -> None:
        self._client = client
        self._topics = topics
        self._uplink = settings.name
        self._mode = settings.ack
        self._listens_to_commands = settings.commands
        self._journal = journal
        self._telling = telling
        self._clock = clock
        self._log = log

    async def say(self) -> int:
        """How many messages that took. Raises MqttError, UplinkTrouble."""
        if self._client.limits.qos < 1:
            raise UplinkTrouble("uplink.qos")
        await self._subscribe()
        await self._client.publish(self._topics.state, self._online(), qos=1, retain=self._client.limits.retain)
        return 1 + await self._telling.tell()

    async def _subscribe(self) -> None:
        topics = [self._topics.acknowledgements, *[self._topics.commands] * self._listens_to_commands]
        granted: Sequence[Any] = await self._client.subscribe([(topic, 1) for topic in topics])
        # Numbers, or with MQTT 5 paho's objects around them.
        refused = [topic for topic, code in zip(topics, granted, strict=False) if getattr(code, "value", code) >= _SUBACK_FAILURE]
        if self._mode is Acknowledgement.PLATFORM and self._topics.acknowledgements in refused:
            raise UplinkTrouble("uplink.ack_refused", topic=self._topics.acknowledgements)
        if self._topics.commands in refused:
            self._log.warning("the broker does not let this gateway read commands", topic=self._topics.commands)

    def _online(self) -> str:
        about = {
            "online": True,
            "since": rfc3339(self._clock.wall()),
            "epoch": str(self._journal.epoch),
            # A platform that knows nothing of this gateway yet must not take the first event that comes for the first there is.
            "first_sequence": self._journal.acknowledged_of(self._uplink) + 1,
            "last_sequence": self._journal.last_sequence,
        }
        return json.dumps(about, separators=(",", ":"))
