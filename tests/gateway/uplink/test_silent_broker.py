"""A broker that takes the connection and says nothing to MQTT 5: amqtt, as it is in the demo."""

import asyncio
import socket
from pathlib import Path

import pytest

from config.site import Acknowledgement
from config.site import Uplink as Settings
from gateway.uplink import connection
from gateway.uplink.session import Client
from tests.gateway.journal.journals import GATEWAY
from tests.gateway.uplink.uplinks import roadside, until


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


async def test_a_connection_that_is_closed_before_the_loop_hears_of_it_disturbs_nobody() -> None:
    """paho connects in a thread, and asks from there to be told when it can write."""
    disturbed = list[str]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: disturbed.append(repr(context)))
    client = Client("127.0.0.1", 1, identifier=GATEWAY)
    ours, theirs = socket.socketpair()
    with theirs:
        await asyncio.to_thread(client._on_socket_register_write, client._client, None, ours)
        await asyncio.sleep(0)
        asyncio.get_running_loop().remove_writer(ours)

        def closed_at_once() -> None:
            client._on_socket_register_write(client._client, None, ours)
            ours.close()

        await asyncio.to_thread(closed_at_once)
        await asyncio.sleep(0)
    assert disturbed == []


async def test_a_broker_that_hangs_up_on_somebody_who_gave_up_disturbs_nobody() -> None:
    """Before its CONNACK. aiomqtt asks what became of the connection that it was told to forget."""
    came, gave_up, disturbed = asyncio.Event(), asyncio.Event(), list[str]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: disturbed.append(repr(context)))

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await gave_up.wait()
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        client = Client("127.0.0.1", server.sockets[0].getsockname()[1], identifier=GATEWAY, timeout=20.0)
        connecting = asyncio.create_task(client.__aenter__())
        await came.wait()
        # paho connects in a thread: only then does the client wait for an answer.
        await until(lambda: client._client.socket() is not None)
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        assert client._connected.cancelled()
        gave_up.set()
        await until(lambda: client._client.socket() is None)
        client.abandon()
    assert disturbed == []
