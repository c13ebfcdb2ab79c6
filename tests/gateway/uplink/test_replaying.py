"""The platform asks for events again, through a real mosquitto: what it gets, what it is refused, and that the log does not wait for it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from gateway.clock import TimeQuality
from gateway.detection.change import Outcome
from gateway.journal.row import Batch
from tests.brokers import Mosquitto, Received, Subscriber, mosquitto, subscribed
from tests.gateway.journal.journals import GATEWAY, gap, row
from tests.gateway.uplink.uplinks import Roadside, roadside, towards, until

_EVENTS = f"kerb/v1/{GATEWAY}/ev/#"


async def order(broker: Mosquitto, *, retain: bool = False, times: int = 1, **message: Any) -> None:
    """From a client of its own, as a platform would."""
    async with aiomqtt.Client(broker.host, broker.port) as platform:
        for _ in range(times):
            await platform.publish(f"kerb/v1/{GATEWAY}/cmd", json.dumps(message), qos=1, retain=retain)


def replay(first: int, last: int, name: str = "c-1") -> dict[str, Any]:
    return {"cmd_id": name, "op": "replay", "args": {"from": first, "to": last}}


def numbers(events: list[Received]) -> list[int]:
    return [int(json.loads(each.payload)["sequence"]) for each in events]


@asynccontextmanager
async def acknowledged(folder: Path, events: int, **more: Any) -> AsyncIterator[tuple[Mosquitto, Roadside, Subscriber]]:
    """So many are at the platform; what comes from here on comes again, or is new."""
    with mosquitto(folder / "broker") as broker:
        async with roadside(folder, towards(broker, **more)) as street, subscribed(broker, _EVENTS) as platform:
            await street.commit(events)
            assert numbers(await platform.take(events)) == list(range(1, events + 1))
            await until(lambda: street.uplink.status().acknowledged == events)
            yield broker, street, platform


async def test_what_was_acknowledged_comes_again_marked_and_in_order_on_its_own_topics(tmp_path: Path) -> None:
    async with acknowledged(tmp_path, 300) as (broker, street, platform):
        await order(broker, **replay(101, 290))
        again = await platform.take(190)
        assert numbers(again) == list(range(101, 291))
        bodies = [json.loads(each.payload) for each in again]
        assert all(body["data"]["replayed"] for body in bodies)
        assert all(each.topic.endswith("/" + body["subject"].partition("/")[0]) for each, body in zip(again, bodies, strict=True))
        await until(lambda: street.rest.results != [])
        result = street.rest.results[0]
        assert (result.identifier, result.outcome, result.done, result.sent) == ("c-1", Outcome.SUCCEEDED, (101, 290), 190)
        assert street.uplink.status().acknowledged == 300, "the place in the log stays where it was"


async def test_a_command_that_comes_twice_is_carried_out_once(tmp_path: Path) -> None:
    async with acknowledged(tmp_path, 20) as (broker, street, platform):
        await order(broker, times=3, **replay(5, 6))
        await until(lambda: street.rest.results != [])
        await order(broker, **replay(5, 6))
        await order(broker, **replay(9, 9, "c-2"))
        assert numbers(await platform.take(3)) == [5, 6, 9]
        await until(lambda: len(street.rest.results) == 2)


async def test_new_events_do_not_wait_for_a_long_replay_and_that_one_keeps_to_its_rate(tmp_path: Path) -> None:
    async with acknowledged(tmp_path, 100, rate_per_s=40, batch=2) as (broker, street, platform):
        loop = asyncio.get_running_loop()
        # Until the log has its whole second's worth again.
        await asyncio.sleep(1.2)
        began = loop.time()
        await order(broker, **replay(1, 30))
        order_of_coming = numbers(await platform.take(4))
        await street.commit(4)
        while len(order_of_coming) < 34:
            order_of_coming += numbers(await platform.take(1))
        lasted = loop.time() - began
        new = [order_of_coming.index(number) for number in range(101, 105)]
        assert max(new) < 16, f"the new ones came in between: {order_of_coming}"
        assert [each for each in order_of_coming if each <= 100] == list(range(1, 31))
        # 15 messages at a quarter of 40 a second, the first at once.
        assert lasted >= 14 / 10


async def test_a_platform_that_waits_for_just_these_events_gets_them_although_the_log_waits_for_the_platform(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        settings = towards(broker, ack="platform", window=1, batch=1, ack_timeout_s=60)
        async with roadside(tmp_path, settings) as street, subscribed(broker, _EVENTS) as platform:
            await street.commit(3)
            await platform.take(3)
            upto = json.loads(row(3).body)["id"]
            async with aiomqtt.Client(broker.host, broker.port) as client:
                await client.publish(f"kerb/v1/{GATEWAY}/ack", json.dumps({"upto": upto}), qos=1)
            await until(lambda: street.uplink.status().acknowledged == 3)
            # Now it acknowledges no more, until it has 1 to 3 again: the log stands, with its window full.
            await street.commit(30)
            await platform.take(8)
            await order(broker, **replay(1, 3))
            assert numbers(await platform.take(3)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("asked", "code", "values"),
    [
        (replay(21, 30), "commands.not_acknowledged", {"first": 21}),
        (replay(9, 3), "commands.backwards", {"first": 9, "last": 3}),
        (replay(1, 3) | {"op": "reboot"}, "commands.unknown", {"op": "reboot", "known": "replay"}),
        (replay(1, 3) | {"expires": "2020-01-01T00:00:00Z"}, "commands.expired", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_cannot_be_done_is_refused_in_a_sentence(
    tmp_path: Path, asked: dict[str, Any], code: str, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.clock.SystemClock.quality", lambda _: TimeQuality.SYNCED)
    async with acknowledged(tmp_path, 20) as (broker, street, platform):
        await order(broker, **asked)
        await until(lambda: street.rest.results != [])
        trouble = street.rest.results[0].trouble
        assert trouble is not None
        assert (trouble.sentence, trouble.values) == (code, values)
        assert street.rest.results[0].outcome in (Outcome.REJECTED, Outcome.EXPIRED)
        await order(broker, **replay(20, 99, "next"))
        assert numbers(await platform.take(1)) == [20], "nothing came for the first; the second ends where the log goes on by itself"


async def test_rows_that_are_gone_are_told_with_the_oldest_that_is_there_and_nothing_is_sent(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker)) as street, subscribed(broker, _EVENTS) as platform:
            # A journal of 8 MB: room is made for the last of these by the first.
            for number in range(1, 1301, 100):
                await street.journal.append(Batch(tuple(row(each, padding=8000) for each in range(number, number + 100)), ()))
                street.uplink.notify()
                await street.drained()
                await platform.take(100)
            oldest = (await street.journal.after(0, 1))[0].sequence
            assert oldest > 1
            await order(broker, **replay(oldest - 1, 1300))
            await order(broker, **replay(oldest, oldest + 2, "c-2"))
            assert numbers(await platform.take(3)) == [oldest, oldest + 1, oldest + 2]
            await until(lambda: len(street.rest.results) == 2)
            gone, done = street.rest.results
            assert gone.trouble is not None
            assert gone.trouble.sentence == "commands.gone"
            assert gone.trouble.values == {"first": oldest - 1, "last": oldest - 1, "oldest": oldest}
            assert (gone.outcome, gone.done, gone.sent) == (Outcome.REJECTED, None, 0)
            assert done.outcome is Outcome.SUCCEEDED


async def test_an_event_that_was_put_aside_for_ever_is_left_out(tmp_path: Path) -> None:
    async with acknowledged(tmp_path, 20) as (broker, street, platform):
        await street.journal.append(Batch((gap(21, 7, 7),), ()))
        await street.journal.bury(street.uplink.name, 7, "too large")
        await order(broker, **replay(6, 8))
        assert numbers(await platform.take(2)) == [6, 8]


async def test_a_retained_command_and_one_without_a_name_are_ignored_and_told_once(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        await order(broker, retain=True, **replay(1, 2))
        async with roadside(tmp_path, towards(broker)) as street:
            await until(lambda: any("retained" in each for each in street.log.warnings()))
            await order(broker, times=3, op="replay")
            await order(broker, **replay(1, 2, "last"))
            await until(lambda: street.rest.results != [])
            assert [each.identifier for each in street.rest.results] == ["last"]
            assert len(street.log.warnings()) == 2


async def test_a_flood_of_commands_is_not_answered_without_end(tmp_path: Path) -> None:
    async with acknowledged(tmp_path, 3) as (broker, street, _):
        async with aiomqtt.Client(broker.host, broker.port) as platform:
            for number in range(100):
                await platform.publish(f"kerb/v1/{GATEWAY}/cmd", json.dumps(replay(9, 9, f"c-{number}")), qos=1)
        await until(lambda: any("too many" in each for each in street.log.warnings()))
        await until(lambda: len(street.rest.results) >= 16)
        assert len(street.rest.results) <= 18


async def test_a_replay_goes_on_behind_a_lost_connection(tmp_path: Path) -> None:
    async with acknowledged(tmp_path, 40, rate_per_s=40, batch=1, reconnect_max_s=1) as (broker, street, platform):
        await order(broker, **replay(1, 30))
        first = numbers(await platform.take(5))
        broker.kill()
        broker.start()
        async with subscribed(broker, _EVENTS) as again:
            rest: list[int] = []
            while not rest or rest[-1] != 30:
                rest += numbers(await again.take(1))
        assert sorted({*first, *rest}) == list(range(min(first[0], rest[0]), 31))
        assert rest[0] > 1, "it did not begin again at the first"
        await until(lambda: street.rest.results != [])
        assert (street.rest.results[0].outcome, street.rest.results[0].done) == (Outcome.SUCCEEDED, (1, 30))


async def test_an_uplink_that_is_told_to_does_not_listen_to_commands(tmp_path: Path) -> None:
    async with acknowledged(tmp_path, 5, commands=False) as (broker, street, platform):
        await order(broker, **replay(1, 2))
        await street.commit(1)
        assert numbers(await platform.take(1)) == [6]
        assert street.rest.kept == []
