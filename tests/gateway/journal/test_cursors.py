"""Several uplinks: a cursor each, rows released when all have acknowledged, dead letters, an epoch of a rolled-back disk."""

import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.journal.journal import Journal
from tests.gateway.journal.journals import GATEWAY, batch, salt, settings


async def _opened(folder: Path, *uplinks: str, max_mb: int = 8) -> Journal:
    return await Journal.open(settings(folder, max_mb), GATEWAY, salt, uplinks)


async def test_a_row_is_released_when_every_uplink_has_acknowledged_it(tmp_path: Path) -> None:
    journal = await _opened(tmp_path, "city", "depot")
    await journal.append(batch(1, 2, 3, 4))
    await journal.acknowledge("city", 4)
    assert (journal.acknowledged_of("city"), journal.acknowledged_of("depot"), journal.acknowledged) == (4, 0, 0)
    await journal.acknowledge("depot", 3)
    assert journal.acknowledged == 3
    await journal.close()
    journal = await _opened(tmp_path, "city", "depot")
    assert journal.resumed.cursors == {"city": 4, "depot": 3}
    assert journal.resumed.acknowledged == 3
    await journal.close()


async def test_an_uplink_that_is_new_begins_at_what_is_released_and_one_that_is_gone_holds_nothing_up(tmp_path: Path) -> None:
    journal = await _opened(tmp_path, "city", "depot")
    await journal.append(batch(1, 2, 3, 4))
    await journal.acknowledge("city", 4)
    await journal.acknowledge("depot", 2)
    await journal.close()
    journal = await _opened(tmp_path, "city", "police")
    assert journal.resumed.cursors == {"city": 4, "police": 2}
    await journal.acknowledge("police", 4)
    assert journal.acknowledged == 4
    await journal.close()


async def test_a_dead_letter_is_kept_with_its_reason(tmp_path: Path) -> None:
    journal = await _opened(tmp_path, "city")
    await journal.append(batch(1))
    await journal.bury("city", 1, "refused for ever")
    await journal.close()
    with closing(sqlite3.connect(tmp_path / "journal.db")) as file:
        assert file.execute("SELECT uplink, sequence, why FROM dead_letter").fetchall() == [("city", 1, "refused for ever")]


async def test_another_epoch_within_a_start_is_kept_before_it_is_told(tmp_path: Path) -> None:
    journal = await _opened(tmp_path, "city")
    first = journal.epoch.number
    second = await journal.new_epoch()
    assert second.number > first
    assert journal.epoch == second
    await journal.close()
    journal = await _opened(tmp_path, "city")
    assert journal.epoch.number > second.number
    await journal.close()
