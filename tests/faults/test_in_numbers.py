"""The short forms of the long runs; each room's head tells how to run the long one."""

from pathlib import Path

import pytest

from tests.faults import clocks, corruption, power_cut, wear
from tests.programs import program

_TOLD = {"states", "states with a loss", "whole starts forgotten", "set aside"}


@pytest.fixture(autouse=True)
def _strace() -> None:
    program("strace")


def test_a_power_cut_on_an_honest_disk_loses_doubles_and_disorders_nothing() -> None:
    found = power_cut.run(400, seed=1)
    assert found == {"states": 400}


def test_the_same_cuts_without_the_sync_at_a_commit_lose_events() -> None:
    """Otherwise the test above shows nothing."""
    found = power_cut.run(100, seed=1, synchronous="NORMAL")
    assert found["lost"] > 30


def test_a_disk_that_forgets_what_it_synced_never_stops_a_start_nor_makes_an_id_twice_nor_loses_in_silence() -> None:
    found = power_cut.run(300, seed=1, is_lying=True)
    assert set(found) <= _TOLD
    assert found["states with a loss"] > 100


def test_damaged_files_start_tell_what_is_lost_and_give_back_the_good_rows() -> None:
    found, longest_s = corruption.run(60, seed=1)
    assert found["files"] == 60
    assert not [what for what in found if what.startswith("failed start")]
    assert {what: found[what] for what in corruption.FAULTS} == dict.fromkeys(corruption.FAULTS, 0)
    assert found["damaged rows"] > 1000
    assert found["good rows saved"] / found["good rows"] >= corruption.SAVED_LEAST
    assert longest_s <= corruption.LONGEST_S


def test_clocks_that_lie_lose_nothing_and_misdate_nothing_that_they_are_sure_of() -> None:
    found = clocks.run(60, seed=1)
    assert {what: found[what] for what in clocks.FAULTS} == dict.fromkeys(clocks.FAULTS, 0)
    assert min(found["events"], found["synced"], found["estimated"], found["unsynced"]) > 10


@pytest.mark.parametrize(("group", "bytes_most", "syncs_most"), [(1, 8192, 1.2), (10, 2048, 0.25)])
def test_what_an_event_costs_the_flash(tmp_path: Path, group: int, bytes_most: int, syncs_most: float) -> None:
    found = wear.measured(tmp_path, group, 300)
    assert 1000 < found.given_bytes <= bytes_most
    assert found.syncs <= syncs_most
    # The kernel's own count says the same.
    assert found.wchar_bytes == pytest.approx(found.given_bytes, rel=0.02)
