"""MQTT's keepalive in virtual time: paho measures it by the real clock, so that asking it each virtual second is in vain.

Those questions were three of four turns of a simulated day's loop.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import aiomqtt
from paho.mqtt.enums import MQTTErrorCode

_ASKED_S = 60.0


async def _misc_loop(client: aiomqtt.Client) -> None:
    while client._client.loop_misc() == MQTTErrorCode.MQTT_ERR_SUCCESS:  # noqa: ASYNC110  # as aiomqtt's own
        await asyncio.sleep(_ASKED_S)


@contextmanager
def asked_rarely() -> Iterator[None]:
    with patch.object(aiomqtt.Client, "_misc_loop", _misc_loop):
        yield
