"""A platform that says what it has faster than the journal can be asked about it: the last word counts all the same."""

import asyncio
import json
from pathlib import Path

import aiomqtt

from tests.brokers import mosquitto
from tests.gateway.journal.journals import GATEWAY
from tests.gateway.uplink.uplinks import roadside, towards, until

_EVENTS = 600


async def test_the_last_of_hundreds_of_acknowledgements_at_once_releases_all(tmp_path: Path) -> None:
    """What had no place in aiomqtt's queue was dropped, the last word too: thirty seconds later everything was sent again."""
    with mosquitto(tmp_path / "broker") as broker:
        settings = towards(broker, ack="platform", ack_timeout_s=60, batch=1, window=100)
        async with (
            aiomqtt.Client(broker.host, broker.port, max_inflight_messages=_EVENTS) as platform,
            roadside(tmp_path, settings) as street,
        ):
            await platform.subscribe(f"kerb/v1/{GATEWAY}/ev/#", qos=1)
            await until(lambda: street.uplink.status().connected)
            await street.commit(_EVENTS)
            ids: list[str] = []
            async with asyncio.timeout(30):
                async for message in platform.messages:
                    assert isinstance(message.payload, bytes)
                    ids.append(json.loads(message.payload)["id"])
                    if len(ids) == _EVENTS:
                        break
            words = [platform.publish(f"kerb/v1/{GATEWAY}/ack", json.dumps({"upto": each})) for each in ids]
            await asyncio.gather(*words)
            await street.drained(10)
            assert street.uplink.status().sent_again == 0
