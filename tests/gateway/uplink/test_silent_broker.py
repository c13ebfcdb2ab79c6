"""A broker that takes the connection and says nothing to MQTT 5: amqtt, as it is in the demo."""

from pathlib import Path

import pytest

from config.site import Acknowledgement
from config.site import Uplink as Settings
from gateway.uplink import connection
from tests.gateway.journal.journals import GATEWAY
from tests.gateway.uplink.uplinks import roadside


async def test_a_broker_that_says_nothing_to_mqtt_5_is_spoken_to_in_3_1_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("amqtt", reason="this broker is an extra: pip install kerbgate[demo]")
    from simulators.platform import Platform  # noqa: PLC0415  # an extra

    # Else it takes 20 s to find out.
    monkeypatch.setattr(connection, "ANSWER_S", 1.0)
    received: list[str] = []
    async with Platform(GATEWAY, received.append) as platform:
        settings = Settings(host=platform.host, port=platform.port, ack=Acknowledgement.PLATFORM, reconnect_max_s=1)
        async with roadside(tmp_path, settings) as street:
            await street.commit(3)
            await street.drained()
            assert street.uplink.status().version == "3.1.1"
    assert len(received) == 3
