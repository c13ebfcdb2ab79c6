"""Moments of one connection that no real broker can be made to repeat."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, cast

import aiomqtt
import pytest

from config.site import Acknowledgement, Uplink
from gateway.clock import SystemClock
from gateway.journal.journal import Journal
from gateway.journal.row import UPLINK
from gateway.uplink.commands import Commands
from gateway.uplink.conversation import Conversation
from gateway.uplink.session import TAKEN, Answer, Client, Limits
from gateway.uplink.sizing import Sizing
from gateway.uplink.tally import Tally
from gateway.uplink.topics import Topics
from gateway.uplink.window import Window
from tests.gateway.journal.journals import GATEWAY, batch, opened
from tests.gateway.uplink.uplinks import Lines, Rest, until

SETTINGS = Uplink(host="nowhere")


class Answering:
    """Stands where the client does. Events are answered when the test says so; an end is told to who listens."""

    limits = Limits()
    ended_by = None
    speaks_5 = False

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.answers: dict[int, asyncio.Event] = {}
        self.ended = asyncio.Event()
        self.loses_cancellations = False

    async def subscribe(self, *_: object, **__: object) -> tuple[int, int]:
        return (1, 1)

    async def publish(self, *_: object, **__: object) -> None:
        pass

    async def deliver(self, _topic: str, body: str, _properties: object) -> Answer:
        sequence = int(json.loads(body)["sequence"])
        self.sent.append(sequence)
        answer = self.answers[sequence] = asyncio.Event()
        # As asyncio.wait_for of Python 3.11 does with one that comes together with the answer.
        with contextlib.suppress(*[asyncio.CancelledError] * self.loses_cancellations):
            await answer.wait()
        return Answer(TAKEN, "")

    @property
    def messages(self) -> "Answering":
        return self

    def __aiter__(self) -> "Answering":
        return self

    async def __anext__(self) -> aiomqtt.Message:
        await self.ended.wait()
        raise aiomqtt.MqttError("Disconnected during message iteration")


Life = Callable[[Answering], Coroutine[Any, Any, None]]


def lives(window: Window, journal: Journal) -> Life:
    """One connection after the other, each to its end, of one uplink."""
    parts = (
        journal,
        Topics(GATEWAY),
        SETTINGS,
        Commands(UPLINK),
        Rest(journal, []),
        lambda _: None,
        SystemClock(),
        Lines(),
        Tally(),
        Sizing(60_000),
    )
    return lambda client: Conversation(cast("Client", client), window, *parts).run(lambda: None)


async def test_an_answer_that_comes_together_with_the_end_begins_nothing_more(tmp_path: Path) -> None:
    client = Answering()
    async with opened(tmp_path) as journal:
        await journal.append(batch(*range(1, 41)))
        window = Window(4, Acknowledgement.BROKER, 30, released=0, sent=0)
        running = asyncio.create_task(lives(window, journal)(client))
        await until(lambda: client.sent == [1, 2, 3, 4])
        client.loses_cancellations = True
        client.answers[1].set()
        # The next page is read: 5 is on its way, 6 to 8 wait for a place.
        await until(lambda: client.sent == [1, 2, 3, 4, 5])
        client.ended.set()
        with pytest.raises(aiomqtt.MqttError):
            await running
        assert client.sent == [1, 2, 3, 4, 5]
        assert window.in_flight == 0


async def test_what_was_answered_before_the_end_is_released_and_the_rest_is_sent_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(*range(1, 7)))
        window = Window(4, Acknowledgement.BROKER, 30, released=0, sent=0)
        life = lives(window, journal)
        for expected in ([1, 2, 3, 4], [3, 4, 5, 6]):
            client = Answering()
            running = asyncio.create_task(life(client))
            await until(lambda client=client, expected=expected: client.sent == expected)  # type: ignore[misc]
            for sequence in expected[:2]:
                client.answers[sequence].set()
            await until(lambda expected=expected: journal.acknowledged == expected[1])  # type: ignore[misc]
            client.ended.set()
            with pytest.raises(aiomqtt.MqttError):
                await running
