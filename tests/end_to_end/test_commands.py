"""A platform's command to the real daemon: what it gets, and that a command is known after a SIGKILL."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from signal import SIGKILL
from typing import Any

import aiomqtt
from jsonschema import Draft202012Validator

from simulators.stand import Stand
from tests.brokers import Mosquitto, Subscriber, mosquitto, subscribed
from tests.end_to_end.daemon import daemon
from tests.end_to_end.test_what_goes_wrong import BAYS, parked, write_site

_SCHEMA = Path(__file__).parents[2] / "gateway" / "uplink" / "event.schema.json"


async def _order(broker: Mosquitto, gateway: str, first: int, last: int, name: str) -> None:
    async with aiomqtt.Client(broker.host, broker.port) as platform:
        command = {"cmd_id": name, "op": "replay", "args": {"from": first, "to": last}}
        await platform.publish(f"kerb/v1/{gateway}/cmd", json.dumps(command), qos=1)


async def _until_result(platform: Subscriber, name: str) -> list[dict[str, Any]]:
    """All that comes up to and with the result of this command."""
    came: list[dict[str, Any]] = []
    while not came or came[-1]["data"].get("command") != name:
        received = await platform.next()
        came.append(json.loads(received.payload))
        assert received.topic.endswith("/ev/" + came[-1]["subject"].partition("/")[0])
    return came


def _sequences(events: Sequence[dict[str, Any]]) -> list[int]:
    return [int(event["sequence"]) for event in events]


async def test_a_replay_by_the_daemon_has_a_result_and_is_not_done_again_after_a_sigkill(tmp_path: Path) -> None:
    async with Stand(BAYS, tmp_path) as stand:
        with mosquitto(tmp_path / "broker") as broker, ExitStack() as processes:
            site = write_site(stand, tmp_path, host="127.0.0.1", port=str(broker.port))
            async with subscribed(broker, "kerb/v1/+/ev/#") as platform:
                running = processes.enter_context(daemon(site, LANG="C.UTF-8"))
                await parked(running, site, 3)
                came = [json.loads((await platform.next()).payload) for _ in range(4)]
                gateway = came[0]["id"].partition("/")[0]
                assert _sequences(came) == [1, 2, 3, 4]
                await asyncio.sleep(0.5)

                await _order(broker, gateway, 2, 3, "one")
                *again, result = await _until_result(platform, "one")
                assert _sequences(again) == [2, 3]
                assert [event["id"] for event in again] == [event["id"] for event in came[1:3]]
                assert all(event["data"]["replayed"] for event in again)
                assert result["type"] == "kerbgate.command.result"
                assert (result["data"]["outcome"], result["data"]["count"]) == ("succeeded", 2)
                Draft202012Validator(json.loads(_SCHEMA.read_text("utf-8"))).validate(result)

                await _order(broker, gateway, 2, 9000, "two")
                *_, result = await _until_result(platform, "two")
                assert result["data"]["outcome"] == "succeeded"
                await _order(broker, gateway, 9000, 9001, "three")
                *nothing, result = await _until_result(platform, "three")
                assert nothing == []
                assert (result["data"]["outcome"], result["data"]["code"]) == ("rejected", "commands.not_acknowledged")
                assert result["data"]["message"].startswith("The events from 9000 on are not acknowledged yet")

                running.stop(SIGKILL)
                running = processes.enter_context(daemon(site))
                await asyncio.to_thread(running.until, lambda each: each["event"] == "the uplink stands", "the uplink")
                await _order(broker, gateway, 2, 3, "one")
                await _order(broker, gateway, 4, 4, "four")
                events = await _until_result(platform, "four")
                assert not {2, 3} & set(_sequences(events)), "the first command was known"
                assert 4 in _sequences(events)
                assert await asyncio.to_thread(running.stop) == 0
