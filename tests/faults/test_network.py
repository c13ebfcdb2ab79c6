"""The way to the broker cut at any byte, and brokers killed: short forms of `tests.faults.cut_bytes` and `tests.faults.broker_kills`."""

import asyncio
from contextlib import suppress
from pathlib import Path

import aiomqtt
import pytest

from config.site import Uplink as Settings
from gateway.uplink.versions import Version
from simulators.cut import TcpCut
from simulators.faults import Outage, OutageKind
from tests.brokers import mosquitto, subscribed
from tests.faults import broker_kills, cut_bytes
from tests.faults.byte_cut import Direction
from tests.faults.counted import Hasty, consuming, judged
from tests.gateway.journal.journals import GATEWAY
from tests.gateway.uplink.uplinks import roadside, several, towards, until
from tests.other_brokers import rabbitmq


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("direction", Direction)
async def test_a_connection_cut_at_any_byte_loses_nothing(tmp_path: Path, version: Version, direction: Direction) -> None:
    swept = await cut_bytes.sweep(tmp_path, version, direction, every=29 if direction is Direction.UP else 7)
    print(swept)
    assert swept.cuts >= 10
    assert swept.verdict.good
    assert swept.most_again <= (cut_bytes.WINDOW + 1) * cut_bytes.BATCH


@pytest.mark.parametrize(("name", "version"), [("mosquitto", "5.0"), ("nats", "3.1.1")])
async def test_a_broker_killed_again_and_again_loses_nothing(tmp_path: Path, name: str, version: str) -> None:
    killed = await broker_kills.killed(tmp_path, name, kills=4)
    print(killed)
    assert killed.version == version
    assert killed.verdict.good


async def test_rabbitmq_which_only_closes_on_mqtt_5_is_spoken_to_in_3_1_1(tmp_path: Path) -> None:
    with rabbitmq(tmp_path / "broker") as broker:
        async with consuming(tmp_path, broker.host, broker.port) as consumer:
            settings = towards(broker, ack="platform", ack_timeout_s=2)
            async with roadside(tmp_path, settings, generator=Hasty()) as street:
                await street.commit(40)
                await street.drained(60)
                assert street.uplink.status().version == "3.1.1"
                assert street.log.warnings() == []
                assert (await judged(consumer, street.journal)).good


async def test_a_way_that_stalls_and_is_half_open_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.uplink.connection.ANSWER_S", 1.0)
    loop = asyncio.get_running_loop()
    began = loop.time()
    outages = [
        Outage(kind=OutageKind.STALL, from_s=0.3, to_s=2.0),
        Outage(kind=OutageKind.DELAY, from_s=2.2, to_s=2.4, delay_s=0.2),
        Outage(kind=OutageKind.STALL, from_s=2.4, to_s=4.0),
        Outage(kind=OutageKind.REFUSE, from_s=4.0, to_s=4.2),
    ]
    with mosquitto(tmp_path / "broker") as broker:
        async with TcpCut(broker.host, broker.port, outages, lambda: loop.time() - began) as way:  # noqa: SIM117  # one line each
            async with consuming(tmp_path, broker.host, broker.port) as consumer:
                settings = towards(way, ack="platform", ack_timeout_s=1)
                async with roadside(tmp_path, settings, generator=Hasty()) as street:
                    while loop.time() - began < 4.3:
                        await street.commit(3)
                        await asyncio.sleep(0.05)
                    await street.drained(60)
                    verdict = await judged(consumer, street.journal)
    assert verdict.good
    assert any("uplink" in each for each in street.log.warnings())


@pytest.mark.parametrize("version", Version)
async def test_another_client_with_our_name_is_told(tmp_path: Path, version: Version) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker), running=False) as street:
            if version is Version.V311:
                street.uplink._known.versions._old_until = float("inf")
            task = asyncio.create_task(street.uplink.run())
            for _ in range(2):
                await until(lambda: street.uplink.status().connected)
                with suppress(aiomqtt.MqttError):
                    async with aiomqtt.Client(broker.host, broker.port, identifier=GATEWAY):
                        await until(lambda: not street.uplink.status().connected)
            assert (await street.troubled("uplink.taken_over"))["gateway"] == GATEWAY
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_several_uplinks_go_on_each_at_its_own_pace(tmp_path: Path) -> None:
    """None holds back another: one is fast, one has no platform that acknowledges, one's broker is not there."""
    with mosquitto(tmp_path / "one") as fast, mosquitto(tmp_path / "two") as mute:
        nowhere = Settings(name="nowhere", host="127.0.0.1", port=1)
        settings = [towards(fast, name="fast"), towards(mute, name="mute", ack="platform"), nowhere]
        async with subscribed(fast, f"kerb/v1/{GATEWAY}/ev/#") as subscriber, several(tmp_path, settings) as street:
            await street.commit(200)
            assert len(await subscriber.take(200)) == 200
            await until(lambda: street.acknowledged() == {"fast": 200, "mute": 0, "nowhere": 0})
            assert street.journal.acknowledged == 0, "what one has not released is kept"
        async with several(tmp_path, [towards(fast, name="fast")]) as street:
            assert street.acknowledged() == {"fast": 200}
