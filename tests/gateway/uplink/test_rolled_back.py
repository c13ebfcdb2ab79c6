"""A disk that was rolled back: the platform has events that the journal has forgotten, and no id may be used twice."""

import json
import shutil
from pathlib import Path

import aiomqtt

from tests.brokers import mosquitto
from tests.faults.counted import Hasty, consuming
from tests.gateway.journal.journals import GATEWAY, opened
from tests.gateway.uplink.uplinks import roadside, towards, until


async def test_the_platforms_acknowledgement_ahead_of_ours_begins_a_new_epoch_and_nothing_is_lost(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        settings = towards(broker, ack="platform", ack_timeout_s=1)
        async with consuming(tmp_path, broker.host, broker.port) as consumer:
            async with roadside(tmp_path, settings, generator=Hasty()) as street:
                await street.commit(5)
                await street.drained()
            shutil.copy(tmp_path / "journal.db", tmp_path / "image.db")
            async with roadside(tmp_path, settings, generator=Hasty()) as street:
                await street.commit(4)
                await street.drained()
                last = street.journal.epoch.number
            # The card is replaced by an image of last week.
            (tmp_path / "journal.db-wal").unlink(missing_ok=True)
            shutil.copy(tmp_path / "image.db", tmp_path / "journal.db")
            async with roadside(tmp_path, settings, generator=Hasty()) as street:
                await until(lambda: street.rest.forgotten != [])
                assert [each.sequence for each in street.rest.forgotten] == [9]
                assert street.journal.epoch.number > street.rest.forgotten[0].epoch
                assert any(level == "error" for level, _, _ in street.log.lines)
                assert street.uplink.status().acknowledged == 5, "what it has is not what we have"
                # Numbers 6 to 8 are given again, to other events.
                await street.commit(3, epoch=str(street.journal.epoch))
                await street.drained()
                assert street.journal.epoch.number > last
            kept = [each[0] for each in consumer._db.execute("SELECT id FROM event ORDER BY epoch, sequence")]
            assert [int(each.rpartition("/")[2]) for each in kept] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 6, 7, 8]
            assert consumer.acknowledged() == [(GATEWAY, kept[-1])]
            assert consumer.holes(0) == []


async def test_whoever_says_so_again_and_again_does_not_make_us_write_without_end(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        first = journal.epoch.number
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker, ack="platform")) as street:
            await until(lambda: street.uplink.status().connected)
            async with aiomqtt.Client(broker.host, broker.port) as platform:
                for number in range(100):
                    upto = f"{GATEWAY}/{first:010d}-abcd/{1000 + number:016d}"
                    for _ in range(2):
                        await platform.publish(f"kerb/v1/{GATEWAY}/ack", json.dumps({"upto": upto}), qos=1)
                    await until(lambda number=number: len(street.rest.forgotten) >= min(number + 1, 4))  # type: ignore[misc]
            await until(lambda: "events that are not in the journal, again and again" in street.log.warnings())
            assert len(street.rest.forgotten) == 4
