"""The simulation's short form, that an hour can be repeated, and the oracle: it must see each of the faults that it is there for."""

import json
import os
from math import inf

import pytest

from tests.faults.simulation.__main__ import run
from tests.faults.simulation.delivery import Body, judge_delivery
from tests.faults.simulation.schedule import drawn
from tests.faults.simulation.street import scenario
from tests.faults.simulation.truth import Fact, Told, Tolerance, TruthVerdict, judge_truth
from tests.faults.simulation.unseen import unseen

SEEDS = 4
"""Some five seconds a seed on a busy core; two hundred by `python -m tests.faults.simulation --hours 200 --seed 1`."""
TOLERANCE = Tolerance(well_seen_s=10.0, poorly_seen_s=60.0)


def test_seeds_of_an_hour_find_nothing() -> None:
    total = run(first_seed=1, runs=SEEDS, jobs=os.cpu_count() or 1)
    print(total.text())
    assert total.runs == SEEDS
    assert not total.findings, total.text()
    assert total.events > 40 * SEEDS
    assert total.facts > 30 * SEEDS
    assert {"kill between two calls", "reboot", "network cut at a byte", "line unplugged"} <= total.faults.keys()


def test_a_seed_draws_the_same_hour_each_time() -> None:
    assert drawn(7) == drawn(7) != drawn(8)


@pytest.mark.parametrize("day", [False, True])
def test_the_last_minutes_of_an_hour_or_a_day_are_quiet(*, day: bool) -> None:
    for seed in range(300):
        schedule = drawn(seed, day=day)
        ends = [span.to_s for span in (*schedule.disks, *schedule.brokers, *schedule.outages, *schedule.lines)]
        assert all(end <= schedule.stretch.last_s + 2.0 < schedule.stretch.length_s for end in ends)


# The oracle of what was delivered.


def event(number: int, subject: str = "bay/b1", epoch: str = "0000000001-aaaa", **data: object) -> Body:
    return {
        "id": f"g/{epoch}/{number:016d}",
        "type": "kerbgate.gateway.gap" if "first_sequence" in data else "kerbgate.bay.park_start",
        "sequence": f"{number:016d}",
        "subject": subject,
        "time": "2026-05-01T00:00:00.000Z",
        "recordedtime": "2026-05-01T00:00:05.000Z",
        "data": {"time_quality": "synced", "time_min": None, "time_max": None, "replayed": False, **data},
    }


def delivered(*events: Body, journal: list[Body] | None = None, confirmed: list[Body] | None = None) -> list[str]:
    kept = list(events) if journal is None else journal
    promised = kept if confirmed is None else confirmed
    telemetry = [each["id"] for each in promised if each["subject"].startswith("device/")]
    sent = [json.dumps(each).encode() for each in events]
    verdict = judge_delivery([each["id"] for each in promised], {each["id"]: each for each in kept}, sent, 1000, telemetry=telemetry)
    return [name for name in ("lost", "doubled", "reordered", "invented") if getattr(verdict, name)]


def test_what_comes_once_or_again_and_in_order_is_good() -> None:
    assert delivered(event(1), event(2), event(1, replayed=True), event(3)) == []


def test_an_event_of_the_journal_that_never_came_is_lost() -> None:
    assert delivered(event(1), journal=[event(1), event(2)]) == ["lost"]


def test_a_confirmed_event_that_neither_the_journal_nor_the_platform_has_is_lost() -> None:
    assert delivered(event(1), journal=[event(1)], confirmed=[event(1), event(2)]) == ["lost"]


def test_telemetry_may_give_way_where_a_gap_tells_of_it_and_a_bays_event_never_may() -> None:
    gap = event(3, "gateway/g", first_sequence=2, last_sequence=2)
    for subject, verdict in (("device/d", []), ("bay/b1", ["lost"])):
        gone = event(2, subject)
        assert delivered(event(1), gap, journal=[event(1), gap], confirmed=[event(1), gone, gap]) == verdict
    gone = event(2, "device/d")
    assert delivered(event(1), event(3), journal=[event(1), event(3)], confirmed=[event(1), gone, event(3)]) == ["lost"], (
        "nobody tells of it"
    )


def test_a_hole_in_the_numbers_is_a_loss() -> None:
    assert delivered(event(1), event(3)) == ["lost"]


def test_an_event_that_nobody_committed_is_invented() -> None:
    assert delivered(event(1), event(2), journal=[event(1)]) == ["invented"]


def test_one_number_for_two_events_is_a_double() -> None:
    twice = [event(1), event(1, subject="bay/b2", epoch="0000000002-bbbb")]
    assert delivered(*twice) == ["doubled"]


def test_one_id_with_two_contents_is_a_double() -> None:
    assert delivered(event(1), event(1, reason="level"), journal=[event(1)]) == ["doubled"]


def test_a_date_that_was_not_known_may_be_put_right_and_one_that_was_known_may_not() -> None:
    repaired = {**event(1), "time": "2026-05-01T09:00:00.000Z"}
    assert delivered(repaired, journal=[event(1, time_quality="unsynced")]) == []
    assert delivered(repaired, journal=[event(1)]) == ["doubled"]


def test_two_events_of_a_subject_in_the_wrong_order_are_seen_and_those_of_two_subjects_have_no_order() -> None:
    assert delivered(event(2), event(1)) == ["reordered"]
    assert delivered(event(2), event(1, subject="bay/b2")) == []


# The oracle of the street.


def seen(what: str, t: float, number: int = 1) -> Told:
    return Told("bay/b1", what, t, t, None, None, bounded=False, recorded=t, id=str(number), reason="level")


def bounded(what: str, earliest: float | None, latest: float | None) -> Told:
    return Told("bay/b1", what, latest, None, earliest, latest, bounded=True, recorded=latest, id="1", reason="restart")


FACTS = [Fact("bay/b1", "arrived", 100.0), Fact("bay/b1", "left", 300.0), Fact("bay/b1", "arrived", 400.0), Fact("bay/b1", "left", 900.0)]
WHOLE = [seen("arrived", 101.0), seen("left", 299.0), seen("arrived", 401.0), seen("left", 899.0)]


def street(told: list[Told], *unseen: tuple[float, float]) -> TruthVerdict:
    return judge_truth(FACTS, told, {"bay/b1": unseen}, 1000.0, TOLERANCE)


def test_a_street_that_was_told_whole_is_good() -> None:
    assert street(WHOLE) == TruthVerdict(facts=4)


def test_a_swap_that_nobody_could_see_may_be_missing_and_one_that_could_be_seen_may_not() -> None:
    short = [WHOLE[0], WHOLE[3]]
    assert street(short, (250.0, 450.0)) == TruthVerdict(facts=4, cancelled=2)
    assert street(short).lost


def test_who_stood_there_before_the_first_start_and_was_hardly_looked_at_before_he_left_may_be_missing() -> None:
    """Read every five minutes, by a gateway that was killed a minute after its first start and was away until the vehicle had gone."""
    schedule = drawn(5027, day=True)
    of = unseen(schedule, scenario(schedule.seed, schedule.lines, schedule.stretch), [(89.6, 1148.3)])["bay/350582-0123-005"]
    before, gone = Fact("bay/b1", "arrived", -2357.5), Fact("bay/b1", "left", 1125.0)
    assert of[0][0] < before.t < gone.t < of[0][1]
    assert judge_truth([before, gone], [], {"bay/b1": of}, 9000.0, TOLERANCE) == TruthVerdict(facts=2, cancelled=2)
    # One that was there at the start, and for long enough, must be told.
    assert judge_truth([before], [], {"bay/b1": [(-inf, 0.0)]}, 9000.0, TOLERANCE).lost


def test_a_change_is_never_cancelled_by_one_of_another_outage() -> None:
    verdict = street([WHOLE[0], WHOLE[3]], (290.0, 310.0), (390.0, 410.0))
    assert verdict.lost


@pytest.mark.parametrize(
    ("earliest", "latest", "good"), [(250.0, 350.0, True), (None, 350.0, True), (320.0, 350.0, False), (200.0, 280.0, False)]
)
def test_bounds_must_enclose_the_change(earliest: float | None, latest: float | None, good: bool) -> None:
    verdict = street([WHOLE[0], bounded("left", earliest, latest), *WHOLE[2:]], (200.0, 360.0))
    assert (not verdict.wrongly_dated) is good


def test_a_change_that_was_seen_must_be_dated_and_one_that_was_seen_poorly_as_well_as_it_can_be() -> None:
    late = [WHOLE[0], seen("left", 340.0), *WHOLE[2:]]
    assert street(late).wrongly_dated
    assert not street(late, (280.0, 360.0)).wrongly_dated


def test_an_event_without_a_date_tells_the_fact_that_leaves_the_least_wrong() -> None:
    undated = Told("bay/b1", "arrived", None, None, None, None, bounded=True, recorded=450.0, id="1", reason="restart")
    assert street([undated, WHOLE[3]], (90.0, 310.0)) == TruthVerdict(facts=4, cancelled=2)
    assert len(street([undated, WHOLE[3]]).lost) == 2


def test_an_event_that_tells_no_fact_is_invented() -> None:
    assert street([*WHOLE, seen("arrived", 950.0)]).invented
