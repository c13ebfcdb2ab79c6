"""Numbers that never come, with more events behind them than may be sent without the platform's word: the platform waits for the gap
event, and the gateway for the platform. Nobody waits for ever."""

import asyncio
import json
from pathlib import Path

from gateway.journal.row import UPLINK, Batch, Row
from tests.brokers import Mosquitto, mosquitto
from tests.faults.counted import Counted, Hasty, consuming, judged
from tests.faults.refusing_broker import Refusing
from tests.gateway.journal.journals import GATEWAY, opened, row
from tests.gateway.uplink.uplinks import Roadside, roadside, towards, until

_NARROW = {"ack": "platform", "ack_timeout_s": 2, "window": 2, "batch": 3}
"""At most 16 messages are sent without the platform's word."""
_MANY = 400


async def _with_holes(folder: Path, *holes: int) -> None:
    """A journal that has given way before, and tells of it with its last event."""
    async with opened(folder) as journal:
        await journal.append(Batch(tuple(row(number, "device/d" if number in holes else "bay/b") for number in range(1, _MANY)), ()))

        def give_way() -> None:
            with journal._store.connection() as connection:
                connection.executemany("DELETE FROM event WHERE sequence = ?", [(hole,) for hole in holes])

        await journal._run(give_way)
        body = json.loads(row(_MANY, f"gateway/{GATEWAY}").body) | {
            "type": "kerbgate.gateway.gap",
            "data": {"first_sequence": holes[0], "last_sequence": holes[-1], "ranges": [[hole, hole] for hole in holes], "replayed": False},
        }
        await journal.append(Batch((Row(_MANY, "gateway", f"gateway/{GATEWAY}", json.dumps(body)),), ()))


async def test_telemetry_that_gave_way_long_before_the_event_that_says_so_holds_nobody_up(tmp_path: Path) -> None:
    await _with_holes(tmp_path, 7, 9, 200, 310)
    with mosquitto(tmp_path / "broker") as broker:
        async with consuming(tmp_path, broker.host, broker.port) as consumer, roadside(tmp_path, towards(broker, **_NARROW)) as street:
            await street.drained(30)
            assert street.uplink.status().acknowledged == _MANY
            verdict = await judged(consumer, street.journal)
            assert (verdict.events, verdict.lost, verdict.doubled, verdict.disordered, verdict.holes) == (_MANY - 4, 0, 0, 0, 0)
            assert verdict.again < 20, "the gap event some times over, and not the log"


def _refusing(broker: Mosquitto) -> Refusing:
    bad = f'"sequence":"{5:016d}"'.encode()
    return Refusing(broker.host, broker.port, lambda topic, payload: 0x99 if "/ev/" in topic and bad in payload else None)


async def _delivered(consumer: Counted, street: Roadside) -> None:
    await street.drained(30)
    # The gap event itself is the last.
    assert street.journal.acknowledged_of(UPLINK) == _MANY + 1
    verdict = await judged(consumer, street.journal)
    assert (verdict.lost, verdict.doubled, verdict.disordered, verdict.holes) == (1, 0, 0, 0)


async def test_an_event_that_is_refused_for_ever_before_many_others_holds_nobody_up(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with (
            _refusing(broker) as way,
            consuming(tmp_path, way.host, way.port) as consumer,
            roadside(tmp_path, towards(way, **_NARROW), generator=Hasty()) as street,
        ):
            await street.commit(_MANY)
            await _delivered(consumer, street)
            assert [sequence for _, sequence, _ in street.rest.gaps] == [5]


async def test_a_gateway_that_begins_anew_knows_from_its_journal_what_was_refused_for_ever(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with _refusing(broker) as way:
            async with roadside(tmp_path, towards(way, **_NARROW), generator=Hasty()) as street:
                await street.commit(_MANY)
                await until(lambda: street.rest.gaps != [], 30)
                async with asyncio.timeout(10):
                    # The gap is told first.
                    while not await street.journal.buried(UPLINK, 5, 5):  # noqa: ASYNC110  # it is in another thread
                        await asyncio.sleep(0.01)
            refused = way.refused
            async with (
                consuming(tmp_path, way.host, way.port) as consumer,
                roadside(tmp_path, towards(way, **_NARROW), generator=Hasty()) as street,
            ):
                await _delivered(consumer, street)
            assert (way.refused, street.rest.gaps) == (refused, []), "nobody tries again"
