"""Events that a broker never takes: put aside with a gap told, and nobody is held up; a broker that takes nothing loses nothing."""

import asyncio
from pathlib import Path

import pytest

from gateway.journal.row import UPLINK, Batch
from tests.brokers import mosquitto
from tests.faults.counted import Hasty, consuming, judged
from tests.faults.refusing_broker import Refusing
from tests.gateway.journal.journals import row
from tests.gateway.uplink.uplinks import Roadside, roadside, towards, until

_BAD = "0000000000000023"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.uplink.refusals._PAUSE_MAX_S", 0.1)


async def _goes_on(street: Roadside) -> None:
    """All but one: it is accounted for by a gap event."""
    await until(lambda: street.rest.gaps != [], 30)
    await street.drained(30)


@pytest.mark.parametrize("alone", [False, True], ids=["in a batch", "alone on a quiet street"])
async def test_a_poisoned_event_is_put_aside_and_the_others_go_on(tmp_path: Path, alone: bool) -> None:
    def reason(topic: str, payload: bytes) -> int | None:
        return 0x99 if "/ev/" in topic and f'"sequence":"{_BAD}"'.encode() in payload else None

    with mosquitto(tmp_path / "broker") as broker:
        async with Refusing(broker.host, broker.port, reason) as way, consuming(tmp_path, broker.host, broker.port) as consumer:
            settings = towards(way, ack="platform", ack_timeout_s=2)
            async with roadside(tmp_path, settings, generator=Hasty()) as street:
                await until(lambda: street.uplink.status().connected)
                await street.commit(22)
                await street.drained()
                await street.commit(1 if alone else 30)
                if alone:
                    await until(lambda: way.refused >= 3)
                    assert street.rest.gaps == [], "nothing else was taken meanwhile: it may be the broker"
                    await street.commit(5)
                await _goes_on(street)
                assert street.rest.gaps == [(UPLINK, 23, street.rest.gaps[0][2])]
                # The gap event itself has arrived, and so has everything else.
                await until(lambda: consumer.holes(0) == [])
                verdict = await judged(consumer, street.journal)
                assert (verdict.lost, verdict.disordered, verdict.holes) == (1, 0, 0)
                assert [each.sequence for each in await street.journal.after(22, 1)] == [23], "it stays in the record"
                assert street.uplink.status().last_trouble is not None


@pytest.mark.parametrize("limit", ["max_packet_size 2000", "message_size_limit 2000"])
async def test_an_event_that_mosquitto_finds_too_large_is_put_aside(tmp_path: Path, limit: str) -> None:
    """The first limit is told in the CONNACK; the second ends the connection."""
    with mosquitto(tmp_path / "broker", more=[limit]) as broker:
        async with roadside(tmp_path, towards(broker), generator=Hasty()) as street:
            await until(lambda: street.uplink.status().connected)
            await street.journal.append(Batch((row(1), row(2), row(3, padding=3000), row(4)), ()))
            street.uplink.notify()
            await _goes_on(street)
            assert [sequence for _, sequence, _ in street.rest.gaps] == [3]
            assert street.uplink.status().acknowledged == street.journal.last_sequence == 5


async def test_a_broker_that_takes_nothing_buries_nothing(tmp_path: Path) -> None:
    closed = True

    def reason(topic: str, _: bytes) -> int | None:
        return 0x97 if closed and "/ev/" in topic else None

    with mosquitto(tmp_path / "broker") as broker:
        async with Refusing(broker.host, broker.port, reason) as way, roadside(tmp_path, towards(way), generator=Hasty()) as street:
            await street.commit(40)
            await street.troubled("uplink.event_refused")
            await until(lambda: way.refused >= 3)
            assert (street.rest.gaps, street.uplink.status().acknowledged) == ([], 0)
            closed = False
            await street.drained()
            assert street.rest.gaps == []


async def test_a_right_that_is_missing_for_one_topic_is_told_and_buries_nothing(tmp_path: Path) -> None:
    rights = tmp_path / "rights"
    rights.write_text("topic write kerb/v1/g-1/ev/bay\ntopic write kerb/v1/g-1/state\ntopic write kerb/v1/g-1/snap/#\ntopic read #\n")
    rights.chmod(0o600)
    with mosquitto(tmp_path / "broker", more=[f"acl_file {rights}"]) as broker:
        async with roadside(tmp_path, towards(broker)) as street:
            await street.commit(4)
            assert str((await street.troubled("uplink.event_refused"))["topic"]).startswith("kerb/v1/g-1/ev/")
            await asyncio.sleep(1.2)
            assert street.rest.gaps == []
