"""How long ago a kept moment was."""

import pytest

from gateway.clock import TimeQuality
from gateway.kept_times import Moment, is_known, moved_s
from gateway.minting import Now

THEN = Moment(monotonic_s=500.0, wall_s=10_000.0, boot="aaaaaaaa", since_boot_s=520.0, trusted=True)


def now(boot: str, wall_s: float, since_boot_s: float, quality: TimeQuality = TimeQuality.SYNCED) -> Now:
    return Now(7.0, wall_s, quality, f"{boot}-0000", round(since_boot_s * 1e9))


def test_within_one_boot_the_clock_since_the_boot_measures_it() -> None:
    assert is_known(THEN, now("aaaaaaaa", 0.0, 560.0, TimeQuality.UNSYNCED))
    assert moved_s(THEN, now("aaaaaaaa", 0.0, 560.0)) == 7.0 - 40.0 - 500.0


def test_across_boots_two_wall_clocks_that_are_right_measure_it() -> None:
    assert is_known(THEN, now("bbbbbbbb", 10_300.0, 20.0))
    assert moved_s(THEN, now("bbbbbbbb", 10_300.0, 20.0)) == 7.0 - 300.0 - 500.0


@pytest.mark.parametrize(
    "later",
    [
        now("bbbbbbbb", 300.0, 20.0, TimeQuality.UNSYNCED),
        # The clock of then lay in the future: it says that no time has passed, although the machine was started meanwhile.
        now("bbbbbbbb", 9_000.0, 20.0),
    ],
)
def test_nothing_measures_it_where_one_of_the_clocks_was_wrong(later: Now) -> None:
    assert not is_known(THEN, later)
    assert moved_s(THEN, later) == 7.0 - 20.0 - 500.0, "at least as long ago as this boot has lasted"
