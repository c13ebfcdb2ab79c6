"""A real mosquitto on the other side: what programs that are not ours see of the log, of a restart, and of an end."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from gateway.uplink.window import HOLD_S
from tests.brokers import Mosquitto, Received, mosquitto, subscribed
from tests.ending import ended
from tests.gateway.journal.journals import GATEWAY, opened
from tests.gateway.uplink.uplinks import Roadside, roadside, towards, until

_EVENTS = f"kerb/v1/{GATEWAY}/ev/#"
_ALL = f"kerb/v1/{GATEWAY}/#"
_ACK = f"kerb/v1/{GATEWAY}/ack"


def cut(street: Roadside) -> None:
    """As a power cut would: the socket is gone, and no word of parting."""
    conversation = street.uplink._conversation
    assert conversation is not None
    sock = conversation._client._client.socket()
    assert isinstance(sock, socket.socket)
    sock.shutdown(socket.SHUT_RDWR)


def events_in(payload: bytes) -> list[dict[str, str]]:
    """A lone event is an object, several are an array."""
    message = json.loads(payload)
    return message if isinstance(message, list) else [message]


def _sequence(received: Received) -> int:
    return int(json.loads(received.payload)["sequence"])


def _replayed(received: Received) -> bool:
    return bool(json.loads(received.payload)["data"]["replayed"])


def _class(received: Received) -> str:
    return str(json.loads(received.payload)["subject"]).partition("/")[0]


class Platform:
    """Stores what follows what it has, and acknowledges up to there: the consumer of the contract, in a few lines."""

    def __init__(self, broker: Mosquitto) -> None:
        self._broker = broker
        self.stored: list[dict[str, str]] = []
        self.seen = 0
        self.mute = False
        self.room = 1_000_000
        self.listens = asyncio.Event()

    async def run(self) -> None:
        while True:
            with suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(self._broker.host, self._broker.port, identifier="platform", timeout=5) as client:
                    await client.subscribe([(_EVENTS, 1), (f"kerb/v1/{GATEWAY}/state", 1)])
                    self.listens.set()
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        if "/ev/" in message.topic.value:
                            for event in events_in(message.payload):
                                self._take(event)
                        await self._acknowledge(client)
            await asyncio.sleep(0.05)

    def _take(self, event: dict[str, str]) -> None:
        self.seen += 1
        if int(event["sequence"]) == len(self.stored) + 1 <= self.room:
            self.stored.append(event)

    async def _acknowledge(self, client: aiomqtt.Client) -> None:
        if self.stored and not self.mute:
            await client.publish(_ACK, json.dumps({"upto": self.stored[-1]["id"]}), qos=0)


@asynccontextmanager
async def platform(broker: Mosquitto) -> AsyncIterator[Platform]:
    one = Platform(broker)
    task = asyncio.create_task(one.run())
    try:
        await one.listens.wait()
        yield one
    finally:
        await ended(task)


async def test_mosquitto_sub_sees_every_event_once_and_in_order_on_the_topic_of_its_class(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with subscribed(broker, _EVENTS) as subscriber, roadside(tmp_path, towards(broker)) as street:
            await until(lambda: street.uplink.status().connected)
            for _ in range(10):
                await street.commit(30)
            received = await subscriber.take(300)
            await street.drained()
            status = street.uplink.status()
            backlog = await street.journal.backlog()
    assert [_sequence(each) for each in received] == list(range(1, 301))
    assert all(each.topic == f"kerb/v1/{GATEWAY}/ev/{_class(each)}" for each in received)
    assert not any(_replayed(each) for each in received)
    assert (status.published, status.acknowledged, status.in_flight, status.last_trouble) == (300, 300, 0, None)
    assert (backlog.waiting, backlog.acknowledged) == (0, 300)
    assert street.log.warnings() == []


async def test_the_snapshots_come_first_then_the_backlog_as_a_replay_then_what_is_new(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with subscribed(broker, _ALL) as subscriber:
            async with opened(tmp_path):
                pass
            async with roadside(tmp_path, towards(broker), running=False) as street:
                await street.commit(20)
                task = asyncio.create_task(street.uplink.run())
                await street.drained()
                await street.commit(1)
                received = await subscriber.take(24)
                await ended(task)
    topics = [topic.removeprefix(f"kerb/v1/{GATEWAY}/") for topic, _ in groupby(each.topic for each in received)]
    assert topics[:3] == ["state", "snap/bay", "snap/station"]
    assert received[1].payload == '{"bays":[]}'
    events = received[3:]
    assert [_sequence(each) for each in events] == list(range(1, 22))
    assert [_replayed(each) for each in events] == [True] * 20 + [False]


async def test_state_and_snapshots_are_retained_and_the_will_tells_of_a_gateway_that_vanished(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker), running=False) as street:
            task = asyncio.create_task(street.uplink.run())
            await until(lambda: street.uplink.status().connected)
            # Later than everything: what it sees is what the broker keeps.
            async with subscribed(broker, _ALL) as late:
                kept = {each.topic.removeprefix(f"kerb/v1/{GATEWAY}/"): each.payload for each in await late.take(3)}
                state = json.loads(kept["state"])
                assert state["online"] is True
                assert state["epoch"] == "0000000001-abcd"
                assert kept["snap/station"] == '{"stations":[]}'
                cut(street)
                offline = await late.next()
                assert (offline.topic, json.loads(offline.payload)) == (f"kerb/v1/{GATEWAY}/state", {"online": False})
                # And it comes back by itself.
                while not json.loads((received := await late.next()).payload).get("online"):
                    assert received.topic.endswith("state")
            await ended(task)


async def test_a_gateway_that_is_stopped_says_so_itself(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with subscribed(broker, f"kerb/v1/{GATEWAY}/state") as subscriber:
            async with roadside(tmp_path, towards(broker)) as street:
                await until(lambda: street.uplink.status().connected)
                assert json.loads((await subscriber.next()).payload)["online"] is True
            assert json.loads((await subscriber.next()).payload) == {"online": False}
        async with subscribed(broker, f"kerb/v1/{GATEWAY}/state") as late:
            assert json.loads((await late.next()).payload) == {"online": False}


async def test_the_broker_is_killed_again_and_again_and_nothing_is_lost_or_out_of_order(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        settings = towards(broker, ack="platform", ack_timeout_s=1, window=8)
        async with platform(broker) as far, roadside(tmp_path, settings) as street:
            await until(lambda: street.uplink.status().connected)
            for kill in range(1, 4):
                for _ in range(10):
                    await street.commit(5)
                    await asyncio.sleep(0.004)
                # In the middle: some of these are with the platform, and some are not.
                await until(lambda at_least=51 * (kill - 1) + 10: len(far.stored) >= at_least)  # type: ignore[misc]
                broker.kill()
                await street.commit(1)
                await asyncio.sleep(0.05)
                broker.start()
            await street.drained()
            backlog = await street.journal.backlog()
    assert [int(event["sequence"]) for event in far.stored] == list(range(1, 154))
    assert backlog.waiting == 0
    by_subject = sorted(far.stored, key=lambda event: event["subject"])
    for _, events in groupby(by_subject, key=lambda event: event["subject"]):
        numbers = [int(event["sequence"]) for event in events]
        assert numbers == sorted(numbers)
    # At least once, and not very much more.
    assert 153 <= far.seen < 153 * 3


async def test_only_the_platforms_word_releases_when_it_is_asked_for(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with platform(broker) as far, roadside(tmp_path, towards(broker, ack="platform", ack_timeout_s=1)) as street:
            far.mute = True
            await until(lambda: street.uplink.status().connected)
            await street.commit(5)
            await until(lambda: street.uplink.status().published >= 5)
            assert street.uplink.status().acknowledged == 0
            # Sent again with the same ids, and stored once.
            await until(lambda: far.seen >= 10)
            assert len(far.stored) == 5
            far.mute = False
            await street.drained()
            assert street.uplink.status().acknowledged == 5
    async with opened(tmp_path) as journal:
        assert journal.resumed.acknowledged == 5


async def test_a_reconnect_does_not_send_again_what_the_platform_has(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with platform(broker) as far, roadside(tmp_path, towards(broker, ack="platform", ack_timeout_s=3600)) as street:
            await until(lambda: street.uplink.status().connected)
            await street.commit(40)
            await street.drained()
            far.mute = True
            await street.commit(10)
            await until(lambda: len(far.stored) == 50)
            # The platform has them, and its word was lost with the connection.
            far.mute = False
            cut(street)
            await street.drained()
            assert far.seen == 50


async def test_a_platform_that_answers_at_once_is_not_waited_for(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with platform(broker) as far, roadside(tmp_path, towards(broker, ack="platform", ack_timeout_s=3600)) as street:
            far.room, far.mute = 45, True
            await street.commit(50)
            await until(lambda: far.seen == 50)
            far.room, far.mute = 50, False
            cut(street)
            await until(lambda: not street.uplink.status().connected)
            await until(lambda: street.uplink.status().connected)
            before = asyncio.get_running_loop().time()
            await street.drained()
            assert asyncio.get_running_loop().time() - before < HOLD_S / 2
            assert far.seen == 55


@pytest.mark.parametrize(
    "payload",
    [
        "nonsense",
        '{"upto":"g-2/0000000001-abcd/0000000000000002"}',
        '{"upto":"g-1/9999999999-ffff/0000000000000002"}',
    ],
    ids=["malformed", "another gateway's", "beyond counting"],
)
async def test_an_acknowledgement_that_cannot_be_is_ignored_with_one_warning(tmp_path: Path, payload: str) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker, ack="platform", ack_timeout_s=3600)) as street:
            await street.commit(3)
            await until(lambda: street.uplink.status().published == 3)
            async with aiomqtt.Client(broker.host, broker.port) as stranger:
                for _ in range(20):
                    await stranger.publish(_ACK, payload, qos=1)
                await until(lambda: len(street.log.warnings()) == 1)
                # A right one is heard all the same.
                await stranger.publish(_ACK, '{"upto":"g-1/0000000001-abcd/0000000000000002"}', qos=1)
                await until(lambda: street.uplink.status().acknowledged == 2)
            assert len(street.log.warnings()) == 1


async def test_a_broker_that_freezes_is_left_and_returned_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.uplink.connection.ANSWER_S", 1.0)
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker)) as street:
            await until(lambda: street.uplink.status().connected)
            broker.freeze()
            await street.commit(3)
            await until(lambda: street.uplink.waiting)
            await until(lambda: street.log.warnings() != [])
            broker.thaw()
            await street.drained()
            assert street.uplink.status().acknowledged == 3


async def test_a_long_absence_costs_a_backlog_and_little_memory(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker), running=False) as street:
            for _ in range(10):
                await street.commit(1000)
            task = asyncio.create_task(street.uplink.run())
            most = 0
            while (acknowledged := street.uplink.status().acknowledged) < 10_000:
                most = max(most, len(street.uplink._window._unsent) + street.uplink.status().in_flight)
                await asyncio.sleep(0.002)
            assert acknowledged == 10_000
            assert 0 < most <= 2 * street.uplink._window._page
            await ended(task)


async def test_without_snapshots_to_give_the_log_begins_at_once(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with subscribed(broker, _ALL) as subscriber, roadside(tmp_path, towards(broker), running=False) as street:
            street.rest.present.clear()
            await street.commit(1)
            task = asyncio.create_task(street.uplink.run())
            topics = [each.topic for each in await subscriber.take(2)]
            assert topics == [f"kerb/v1/{GATEWAY}/state", f"kerb/v1/{GATEWAY}/ev/bay"]
            await ended(task)


async def test_a_cancellation_that_comes_together_with_an_answer_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncio.wait_for of Python 3.11, which aiomqtt uses, swallows it: the uplink would go on for ever."""
    publish = aiomqtt.Client.publish
    uplink: list[asyncio.Task[None]] = []

    async def answered_and_cancelled(self: aiomqtt.Client, topic: str, *rest: Any, **more: Any) -> None:
        await publish(self, topic, *rest, **more)
        if topic.endswith("/state"):
            uplink[0].cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0)

    monkeypatch.setattr(aiomqtt.Client, "publish", answered_and_cancelled)
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker), running=False) as street:
            uplink.append(asyncio.create_task(street.uplink.run()))
            done, _ = await asyncio.wait(uplink, timeout=10)
            assert done
            assert uplink[0].cancelled()


async def test_it_can_be_stopped_at_any_moment(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        for moment in range(40):
            async with roadside(tmp_path, towards(broker)) as street:
                await street.commit(20)
                await asyncio.sleep(moment * 0.0007)
        async with asyncio.timeout(10), roadside(tmp_path, towards(broker)) as street:
            await street.drained()
