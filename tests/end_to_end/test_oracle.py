"""The oracle itself: it must see each of the faults that it is there for."""

import json

from tests.end_to_end.oracle import Fact, judge, told


def event(sequence: int, kind: str, t: float, bay: str = "b1", reason: str = "level", **data: object) -> str:
    return json.dumps(
        {
            "id": f"g/0000000001-0000/{sequence:016d}",
            "type": f"kerbgate.bay.{kind}",
            "subject": f"bay/{bay}",
            "time": f"2026-05-01T00:{int(t) // 60:02d}:{int(t) % 60:02d}Z",
            "sequence": f"{sequence:016d}",
            "data": {"reason": reason, **data},
        }
    )


ZERO = 1_777_593_600.0
FACTS = [Fact("bay/b1", "arrived", ZERO + 60), Fact("bay/b1", "left", ZERO + 300), Fact("bay/b1", "arrived", ZERO + 400)]
GOOD = [event(1, "park_start", 61), event(2, "park_end", 299), event(3, "park_start", 401)]


def test_a_street_told_rightly_is_good() -> None:
    assert judge(FACTS, told(GOOD), ZERO + 500).good


def test_an_event_told_again_under_its_own_id_counts_once() -> None:
    assert judge(FACTS, told([*GOOD, GOOD[0], GOOD[2]]), ZERO + 500).good


def test_a_fact_that_no_event_tells_is_lost() -> None:
    assert judge(FACTS, told(GOOD[:2]), ZERO + 500).lost == [FACTS[2]]


def test_a_fact_told_twice_under_two_ids_is_invented() -> None:
    assert judge(
        FACTS, told([GOOD[0], event(2, "park_start", 61), event(3, "park_end", 299), event(4, "park_start", 401)]), ZERO + 500
    ).invented


def test_an_event_that_tells_no_fact_is_invented() -> None:
    verdict = judge(FACTS, told([*GOOD, event(4, "park_end", 450)]), ZERO + 500)
    assert [each.sequence for each in verdict.invented] == [4]


def test_a_late_onset_is_not_the_fact() -> None:
    assert not judge(FACTS, told([event(1, "park_start", 70.0), *GOOD[1:]]), ZERO + 500).good


def test_events_out_of_order_are_seen() -> None:
    assert judge(FACTS, told([GOOD[1], GOOD[0], GOOD[2]]), ZERO + 500).disordered


def test_an_unseen_change_is_told_rightly_when_its_bounds_enclose_the_fact() -> None:
    unseen = event(2, "park_end", 100, reason="restart", time_min="2026-05-01T00:01:40Z", time_max="2026-05-01T00:05:10Z")
    assert judge(FACTS, told([GOOD[0], unseen, GOOD[2]]), ZERO + 500).good
    wrong = event(2, "park_end", 100, reason="restart", time_min="2026-05-01T00:01:40Z", time_max="2026-05-01T00:04:10Z")
    assert not judge(FACTS, told([GOOD[0], wrong, GOOD[2]]), ZERO + 500).good
