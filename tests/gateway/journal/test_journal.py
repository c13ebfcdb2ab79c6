"""What the daemon relies on: committed is kept, waiting is bounded, acknowledged is remembered, and numbers go on."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from gateway.detection.change import Kept
from gateway.journal.journal import Journal
from gateway.journal.row import UPLINK, Batch
from gateway.journal.store import OutOfOrder
from tests.gateway.journal.journals import AHEAD, GATEWAY, batch, opened, row, salt, sequences, settings


async def test_a_new_journal_begins_at_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        resumed = journal.resumed
        assert (str(resumed.epoch), resumed.next_sequence, resumed.acknowledged, resumed.states) == ("0000000001-abcd", 1, 0, ())
        assert resumed.quarantined is None
        assert resumed.missing == ()
        assert await journal.after(0, 10) == ()


async def test_what_was_appended_is_there_after_a_restart_with_its_state_and_the_next_number(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1, 2, state="occupied"))
        await journal.append(batch(3, state="vacant"))
        await journal.append(Batch((), (Kept("station/s1", "三辆"),)))
    async with opened(tmp_path) as journal:
        assert journal.resumed.next_sequence == 4
        assert journal.resumed.epoch.number == 1 + AHEAD
        assert journal.resumed.states == (Kept("bay/b1", "vacant"), Kept("station/s1", "三辆"))
        assert await journal.after(1, 10) == (row(2), row(3))
        assert await journal.after(0, 2) == (row(1), row(2))


async def test_each_start_is_a_new_epoch_even_when_nothing_was_written(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        async with opened(tmp_path) as journal:
            assert journal.resumed.epoch.number == 1 + (number - 1) * AHEAD


async def test_what_waits_during_a_commit_goes_into_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as journal:
        commit = journal._store.commit
        groups: list[int] = []

        def counted(batches: Sequence[Batch], cursors: Mapping[str, int]) -> list[OutOfOrder | None]:
            groups.append(len(batches))
            return commit(batches, cursors)

        monkeypatch.setattr(journal._store, "commit", counted)
        await journal.append(batch(1))
        await asyncio.gather(*(journal.append(batch(sequence)) for sequence in range(2, 52)))
        # A lone one goes at once; of the others the first may find the thread idle, and the rest are together.
        assert groups[0] == 1
        assert len(groups) <= 3
        assert sum(groups) == 51
        assert await sequences(journal) == list(range(1, 52))


async def test_more_batches_than_may_wait_are_taken_one_after_the_other(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await asyncio.gather(*(journal.append(batch(sequence)) for sequence in range(1, 1001)))
        assert journal.last_sequence == 1000
        assert await journal.verify() == ()


async def test_a_batch_is_committed_although_its_caller_was_cancelled(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        task = asyncio.create_task(journal.append(batch(1)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await journal.append(batch(2))
        assert await sequences(journal) == [1, 2]


async def test_a_number_that_does_not_follow_is_refused_and_its_neighbours_are_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        results = await asyncio.gather(*(journal.append(batch(number)) for number in (1, 3, 2)), return_exceptions=True)
        assert [type(result) for result in results] == [type(None), OutOfOrder, type(None)]
        assert await sequences(journal) == [1, 2]


async def test_the_same_batch_given_again_is_recognised(tmp_path: Path) -> None:
    """A commit that raised may have happened all the same."""
    async with opened(tmp_path) as journal:
        await journal.append(batch(1, 2))
        await journal.append(batch(1, 2, 3))
        assert await sequences(journal) == [1, 2, 3]


async def test_a_number_is_never_given_to_another_event(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1))
        with pytest.raises(OutOfOrder):
            await journal.append(Batch((row(1, "bay/another"),), ()))
        assert await journal.after(0, 10) == (row(1),)


async def test_the_watermark_is_cumulative_and_never_goes_back_or_ahead(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(1, 2, 3))
        await journal.acknowledge(UPLINK, 2)
        await journal.acknowledge(UPLINK, 1)
        assert journal.acknowledged == 2
        await journal.acknowledge(UPLINK, 99)
        assert journal.acknowledged == 3
    async with opened(tmp_path) as journal:
        assert journal.resumed.acknowledged == 3


async def test_an_acknowledgement_costs_no_commit_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(*range(1, 101)))
        commit = journal._store.commit
        kept: list[int] = []

        def counted(batches: Sequence[Batch], cursors: Mapping[str, int]) -> list[OutOfOrder | None]:
            kept.append(cursors[UPLINK])
            return commit(batches, cursors)

        monkeypatch.setattr(journal._store, "commit", counted)
        for sequence in range(1, 101):
            await journal.acknowledge(UPLINK, sequence)
            if journal._committing is not None:
                await journal._committing
        assert kept == [32, 64, 96]


async def test_a_few_acknowledgements_are_kept_with_the_next_event(tmp_path: Path) -> None:
    journal = await Journal.open(settings(tmp_path), GATEWAY, salt)
    await journal.append(batch(1, 2))
    await journal.acknowledge(UPLINK, 1)
    assert (await journal._run(journal._store.backlog, 0)).waiting == 2
    await journal.append(batch(3))
    assert (await journal._run(journal._store.backlog, 0)).waiting == 2
    await journal.acknowledge(UPLINK, 3)
    await journal.close()
    async with opened(tmp_path) as again:
        assert again.resumed.acknowledged == 3


async def test_the_backlog_counts_what_waits_and_what_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        assert (await journal.backlog()).oldest_waiting is None
        await journal.append(batch(1, 2, 3, 4, 5))
        await journal.acknowledge(UPLINK, 2)
        backlog = await journal.backlog()
        assert (backlog.waiting, backlog.acknowledged, backlog.last_sequence, backlog.oldest_waiting) == (3, 2, 5, row(3))
        assert backlog.bytes_on_disk > 4096


async def test_closing_twice_is_as_good_as_once(tmp_path: Path) -> None:
    journal = await Journal.open(settings(tmp_path), GATEWAY, salt)
    await journal.append(batch(1))
    await journal.close()
    await journal.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["journal.db", "journal.db.reserve"]
