"""Which kind a device is shows in its gaps: one that reports on change, or one that is polled and loses readings."""

from collections.abc import Iterable
from itertools import accumulate
from random import Random

import pytest

from gateway.detection.rhythm import Rhythm


def _rhythm(gaps_s: Iterable[float]) -> Rhythm:
    rhythm = Rhythm()
    for t in accumulate(gaps_s, initial=0.0):
        rhythm.feed(t, changed=True)
    return rhythm


def test_a_node_that_sends_one_report_a_vehicle_and_no_burst_reports_on_change() -> None:
    assert _rhythm([*[600.0] * 5, 6.0, 420.0, 7.0, 600.0]).on_change


def test_gaps_far_below_a_heartbeat_show_it_even_where_none_is_of_seconds() -> None:
    assert _rhythm([*[600.0] * 6, 90.0, 510.0, 120.0, 600.0]).on_change


@pytest.mark.parametrize("every_s", [1.0, 10.0, 60.0, 600.0])
@pytest.mark.parametrize("loss", [0.0, 0.1, 0.3])
def test_a_polled_device_that_loses_readings_does_not_report_on_change(every_s: float, loss: float) -> None:
    random = Random(f"{every_s}/{loss}")
    polls = [number * every_s for number in range(3000) if random.random() >= loss]
    rhythm = Rhythm()
    for t in polls:
        rhythm.feed(t, changed=random.random() < 0.05)
        assert not rhythm.on_change


def test_a_report_before_its_time_is_enough_where_it_tells_a_change() -> None:
    assert _rhythm([510.0, 6.0]).on_change


def test_a_device_that_is_asked_twice_tells_no_change_and_is_no_other_kind() -> None:
    rhythm = Rhythm()
    for t in accumulate([600.0, 5.0, 595.0, 600.0, 4.0, 596.0], initial=0.0):
        rhythm.feed(t, changed=False)
        assert not rhythm.on_change


def test_a_report_some_minutes_before_its_time_is_enough_after_three_that_came_in_time() -> None:
    """Until then the first departure of the day was told as if the device had been polled: ten minutes too early."""
    assert _rhythm([*[600.0] * 3, 425.0]).on_change
    assert not _rhythm([*[600.0] * 3, 300.0, 600.0]).on_change, "half of what three lost readings made of its rhythm"


def test_a_report_that_is_no_heartbeat_is_out_of_turn() -> None:
    """Whether its heartbeat begins anew with each report or goes on in its own time; losses put none out of turn."""
    for gaps_s, out in (
        ([*[600.0] * 4, 250.0], True),
        ([*[600.0] * 4, 250.0, 350.0], False),
        ([*[600.0] * 4, 250.0, 600.0], False),
        ([*[600.0] * 4, 1200.0], False),
        ([*[600.0] * 4, 250.0, 1550.0], False),
        ([600.0, 250.0, 350.0, 601.0, 80.0, 519.0, 600.0, 140.0], True),
        ([600.0], False),
    ):
        assert _rhythm(gaps_s).out_of_turn is out, gaps_s


def test_a_report_a_little_before_a_beat_that_has_come_twice_is_enough() -> None:
    """Its first hour: after two beats no loss makes a gap of 532 s."""
    assert _rhythm([410, 600, 600, 532]).on_change
    assert not _rhythm([410, 600, 532]).on_change, "a beat that has come once may be any gap"
    assert not _rhythm([410, 600, 600, 580]).on_change, "nor does a clock that wanders"


@pytest.mark.parametrize("gap_s", [300, 400, 450, 480, 500])
def test_a_gap_of_fewer_lost_readings_than_twice_before_is_no_report_of_a_change(gap_s: float) -> None:
    """Read each 50, 100, 120 or 150 s, and what is called the beat are readings that were lost in a row, as often twice."""
    assert not _rhythm([600, 600, gap_s]).on_change


@pytest.mark.parametrize("after_s", [310.0, 394.0, 405.0])
def test_what_the_site_says_of_a_heartbeat_makes_the_first_report_before_it_enough(after_s: float) -> None:
    """Two thirds of it are a gap of lost readings only where nobody has said what it is."""
    known = Rhythm(600.0)
    for t in (0.0, after_s):
        known.feed(t, changed=True)
    assert known.on_change
    assert known.beat_s == 600.0


@pytest.mark.parametrize("every_s", [90.0, 600.0])
def test_a_polled_device_whose_interval_is_known_does_not_report_on_change(every_s: float) -> None:
    random, rhythm = Random(every_s), Rhythm(every_s)
    for t in (number * every_s for number in range(3000) if random.random() >= 0.2):
        rhythm.feed(t, changed=random.random() < 0.05)
        assert not rhythm.on_change


def test_a_busy_hour_does_not_unlearn_the_heartbeat_until_another_gap_has_come_twice() -> None:
    busy = [250.0, 140.0, 75.0, 330.0, 45.0, 410.0, 190.0, 95.0, 520.0, 60.0, 280.0, 155.0, 365.0, 115.0]
    assert _rhythm([*[600.0] * 4, *busy]).beat_s == pytest.approx(600.0)
    assert _rhythm([*[600.0] * 4, *busy, *[900.0] * 2]).beat_s == pytest.approx(900.0)


@pytest.mark.parametrize(
    ("gaps_s", "sent_s"),
    [
        ([250.0, 608.0], 2658.0),
        ([250.0, 600.0], None),
        ([250.0, 640.0], None),
        ([250.0, 600.0, 608.0], None),
    ],
    ids=["eight seconds later than one beat", "to the second", "a change of its own", "after a heartbeat"],
)
def test_a_heartbeat_some_seconds_late_after_a_report_of_a_change_shows_that_the_next_report_was_lost(
    gaps_s: list[float], sent_s: float | None
) -> None:
    assert _rhythm([*[600.0] * 4, *gaps_s]).lost_s == sent_s


def test_of_a_polled_device_no_report_was_lost() -> None:
    assert _rhythm([30.0, 25.0, 42.0]).lost_s is None


def test_a_hum_that_makes_a_node_report_each_minute_is_not_its_heartbeat() -> None:
    """Two such gaps in a row are often alike; its departures were then dated by heartbeats that were none."""
    random, rhythm = Random(4), Rhythm()
    hum = [random.uniform(40.0, 90.0) for _ in range(2000)]
    for t in accumulate([*[600.0] * 4, *hum], initial=0.0):
        rhythm.feed(t, changed=True)
        assert t < 2400.0 or rhythm.beat_s is None or rhythm.beat_s == pytest.approx(600.0)


def test_a_shorter_beat_is_learned_where_it_comes_often_in_a_row() -> None:
    assert _rhythm([*[600.0] * 4, 250.0, *[300.0] * 14]).beat_s == pytest.approx(300.0)


def test_a_heartbeat_shows_by_what_follows_a_report_whether_it_goes_on_in_its_own_time() -> None:
    for gaps_s, goes_on in (
        ([*[600.0] * 4, 250.0, 350.0], True),
        ([*[600.0] * 4, 250.0, 600.0], False),
        ([*[600.0] * 4, 250.0, 350.0, 600.0, 130.0, 600.0, 80.0, 600.0], False),
        ([*[600.0] * 4, 250.0, 350.0, 600.0, 130.0, 470.0, 80.0, 520.0, 300.0, 600.0], True),
    ):
        assert _rhythm(gaps_s).goes_on is goes_on, gaps_s


def test_as_near_as_heartbeats_come_is_in_turn_and_what_comes_some_seconds_off_is_not() -> None:
    """Where they come to the second, four seconds off a whole number of beats is a report of a change."""
    assert _rhythm([*[600.0] * 20, 250.0, 354.0]).out_of_turn
    wandering = [600.0 + each for each in (3.0, -3.0, 2.0, -2.0) * 5]
    assert not _rhythm([*wandering, 250.0, 354.0]).out_of_turn


def test_where_heartbeats_begin_anew_with_each_report_one_that_comes_as_an_older_one_would_have_is_a_report() -> None:
    """A vehicle left ten minutes after the report before the last one: that it passed was told, for it was thought to be a heartbeat's."""
    anew = [*[600.0] * 4, *(250.0, 600.0) * 3, 600.0]
    assert _rhythm([*anew, 281.0, 319.0]).out_of_turn
    assert not _rhythm([*anew, 281.0, 600.0]).out_of_turn
