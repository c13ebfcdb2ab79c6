"""The size cap: acknowledged events give way, the oldest first; unacknowledged ones never do."""

from pathlib import Path

import pytest

from config.site import Language
from gateway.journal.journal import Journal
from gateway.journal.row import UPLINK
from gateway.journal.trouble import JournalTrouble
from tests.gateway.journal.journals import batch, opened, sequences

_KIB = 1 << 10
_GROUP = 25
"""Rows of about one KiB in each commit: a commit costs a sync."""


async def _append(journal: Journal, first: int, last: int, *, acknowledged_behind: int | None = None) -> None:
    for start in range(first, last + 1, _GROUP):
        end = min(last, start + _GROUP - 1)
        await journal.append(batch(*range(start, end + 1), state=str(end), padding=900))
        if acknowledged_behind is not None:
            await journal.acknowledge(UPLINK, end - acknowledged_behind)


async def _filled(journal: Journal) -> int:
    """Appends until it is full. The last sequence that is kept."""
    with pytest.raises(JournalTrouble) as raised:
        await _append(journal, 1, 100_000)
    assert raised.value.sentence == "journal.full"
    for language in Language:
        assert raised.value.text(language)
        assert raised.value.advice(language)
    return journal.last_sequence


async def test_the_file_does_not_grow_beyond_its_cap(tmp_path: Path) -> None:
    async with opened(tmp_path, max_mb=1) as journal:
        await _append(journal, 1, 3000, acknowledged_behind=0)
        assert (tmp_path / "journal.db").stat().st_size <= 1024 * _KIB
        backlog = await journal.backlog()
        # The record of what was delivered fills most of the space.
        assert backlog.acknowledged > 500
        assert backlog.waiting == 0
        assert await journal.verify() == ()


async def test_the_oldest_acknowledged_give_way_first(tmp_path: Path) -> None:
    async with opened(tmp_path, max_mb=1) as journal:
        await _append(journal, 1, 1500, acknowledged_behind=300)
        kept = await sequences(journal)
        assert 1 < kept[0] <= 1200
        assert kept == list(range(kept[0], 1501))


async def test_nothing_unacknowledged_is_ever_removed(tmp_path: Path) -> None:
    async with opened(tmp_path, max_mb=1) as journal:
        last = await _filled(journal)
        assert await sequences(journal) == list(range(1, last + 1))
        assert (tmp_path / "journal.db").stat().st_size <= 1024 * _KIB


async def test_room_is_made_up_to_the_watermark_and_no_further(tmp_path: Path) -> None:
    async with opened(tmp_path, max_mb=1) as journal:
        last = await _filled(journal)
        await journal.acknowledge(UPLINK, 7)
        with pytest.raises(JournalTrouble):
            await _append(journal, last + 1, last + 1000)
        assert (await sequences(journal, 7))[0] == 8
        assert await journal.verify() == ()


async def test_a_full_journal_takes_the_same_batch_again_once_events_are_acknowledged(tmp_path: Path) -> None:
    async with opened(tmp_path, max_mb=1) as journal:
        last = await _filled(journal)
        again = batch(*range(last + 1, last + _GROUP + 1), state="after", padding=900)
        with pytest.raises(JournalTrouble):
            await journal.append(again)
        await journal.acknowledge(UPLINK, last // 2)
        await journal.append(again)
        assert (await sequences(journal))[-1] == last + _GROUP
        assert await journal.verify() == ()
    async with opened(tmp_path, max_mb=1) as journal:
        assert journal.resumed.states[0].state == "after"


async def test_a_batch_that_did_not_fit_left_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, max_mb=1) as journal:
        await journal.append(batch(1, state="before"))
        with pytest.raises(JournalTrouble):
            await journal.append(batch(2, 3, 4, state="never", padding=500 * _KIB))
        assert await sequences(journal) == [1]
        await journal.append(batch(2))
    async with opened(tmp_path, max_mb=1) as journal:
        assert [kept.state for kept in journal.resumed.states] == ["before"]
        assert journal.resumed.next_sequence == 3


async def test_a_cap_that_was_lowered_stops_growth_and_loses_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, max_mb=4) as journal:
        await _append(journal, 1, 2500)
    async with opened(tmp_path, max_mb=1) as journal:
        before = (tmp_path / "journal.db").stat().st_size
        assert await sequences(journal) == list(range(1, 2501))
        await journal.acknowledge(UPLINK, 2500)
        await _append(journal, 2501, 4000, acknowledged_behind=0)
        assert (tmp_path / "journal.db").stat().st_size <= before
        assert await journal.verify() == ()
