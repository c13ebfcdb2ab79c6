"""The order of the log does not rest on what SQLite happens to do."""

from pathlib import Path

from tests.gateway.journal.journals import batch, opened, sequences


async def test_rows_come_in_order_also_from_an_sqlite_that_turns_round_what_has_no_order(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.append(batch(*range(1, 200)))

        def turn_round() -> None:
            with journal._store.reading() as connection:
                connection.execute("PRAGMA reverse_unordered_selects = 1")

        await journal._run(turn_round)
        assert await sequences(journal) == list(range(1, 200))
