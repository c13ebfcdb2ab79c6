"""Events of a machine whose clock is surely wrong wait for a better date: ten minutes, and all behind them; then they go as they are."""

from pathlib import Path

import pytest

from gateway.clock import Stamp, TimeQuality
from gateway.dating import Dating
from gateway.journal.row import Anchor, Batch, Row
from tests.gateway.journal.journals import opened, row

BOOT, EARLIER = "0f0e0d0c-0000-0000-0000-000000000000", "0f0e0d0c-0000-0000-0000-000000000001"
SECOND = 1_000_000_000
RIGHT_NS = 1_777_593_600 * SECOND


class Machine:
    """Its clock since it was started moves on; its date is 1970 and nobody has set it."""

    def __init__(self, since_boot_s: int) -> None:
        self.since_boot_s = since_boot_s
        self.dating = Dating([], self.now)

    def now(self) -> Stamp:
        return Stamp(BOOT, self.since_boot_s * SECOND, self.since_boot_s * SECOND, TimeQuality.UNSYNCED)

    def minted(self, sequence: int, boot: str = BOOT) -> Row:
        now = self.now()
        known = row(sequence)
        return Row(sequence, known.event_class, known.subject, known.body, Stamp(boot, now.boot_ns, now.wall_ns, now.quality))


def told(machine: Machine, rows: list[Row]) -> list[int]:
    return [each.sequence for each in machine.dating.tellable(rows)]


def test_for_ten_minutes_it_is_held_and_then_sent_as_it_is() -> None:
    machine = Machine(since_boot_s=20)
    rows = [machine.minted(1)]
    machine.since_boot_s = 20 + 599
    assert (told(machine, rows), machine.dating.holding) == ([], True)
    machine.since_boot_s = 20 + 600
    assert (told(machine, rows), machine.dating.holding) == ([1], False)
    assert machine.dating.dated(rows[0]) == rows[0]


def test_what_is_behind_it_waits_with_it_and_what_is_before_it_does_not() -> None:
    machine = Machine(since_boot_s=20)
    dated = Row(1, "bay", "bay/b1", "{}", Stamp(BOOT, 0, RIGHT_NS, TimeQuality.SYNCED))
    behind = Row(3, "bay", "bay/b1", "{}", Stamp(BOOT, 30 * SECOND, RIGHT_NS, TimeQuality.SYNCED))
    assert told(machine, [dated, machine.minted(2), behind]) == [1]


def test_what_an_earlier_boot_left_without_a_date_waits_from_this_start_on() -> None:
    machine = Machine(since_boot_s=5000)
    rows = [machine.minted(1, EARLIER)]
    machine.since_boot_s = 5599
    assert told(machine, rows) == []
    machine.since_boot_s = 5600
    assert told(machine, rows) == [1]


def test_a_date_that_comes_meanwhile_ends_the_wait_at_once() -> None:
    machine = Machine(since_boot_s=20)
    rows = [machine.minted(1)]
    machine.dating.learn([Anchor(BOOT, 60 * SECOND, RIGHT_NS, trusted=True)])
    assert told(machine, rows) == [1]


@pytest.mark.parametrize("wall_ns", [RIGHT_NS, RIGHT_NS + 56 * 365 * 86400 * SECOND])
def test_a_clock_that_may_be_right_holds_nothing(wall_ns: int) -> None:
    machine = Machine(since_boot_s=20)
    assert told(machine, [Row(1, "bay", "bay/b1", "{}", Stamp(BOOT, 20 * SECOND, wall_ns, TimeQuality.UNSYNCED))]) == [1]


async def test_the_journal_hands_on_what_is_held_only_to_who_asks_for_it_all_the_same(tmp_path: Path) -> None:
    machine = Machine(since_boot_s=20)
    async with opened(tmp_path) as journal:
        journal.dating = machine.dating
        await journal.append(Batch((machine.minted(1), machine.minted(2)), ()))
        assert await journal.after(0, 10) == ()
        assert len(await journal.after(0, 10, hold=False)) == 2
        machine.since_boot_s = 700
        assert [each.sequence for each in await journal.after(0, 10)] == [1, 2]
