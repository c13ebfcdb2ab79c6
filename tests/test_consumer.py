"""The reference consumer of docs/consumer: first of each id, in order a subject, acknowledged up to the first hole, alarmed by a hole."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from docs.consumer.consumer import Consumer, Hole

_EPOCH = "0000000001-abcd"


def event(sequence: int, subject: str = "bay/b", epoch: str = _EPOCH, gateway: str = "g", **data: object) -> dict[str, object]:
    kind = "kerbgate.gateway.gap" if "first_sequence" in data or "cause" in data else "kerbgate.bay.park_start"
    return {
        "id": f"{gateway}/{epoch}/{sequence:016d}",
        "type": kind,
        "subject": subject,
        "time": "2026-05-01T08:15:02.120Z",
        "sequence": f"{sequence:016d}",
        "data": data,
    }


def gap(sequence: int, first: int, last: int) -> dict[str, object]:
    return event(sequence, "gateway/g", first_sequence=first, last_sequence=last)


def message(*events: dict[str, object]) -> bytes:
    return json.dumps(events[0] if len(events) == 1 else events).encode()


@pytest.fixture
def consumer() -> Iterator[Consumer]:
    one = Consumer(":memory:")
    yield one
    one.close()


def _acknowledged(consumer: Consumer) -> dict[str, int]:
    return {gateway: int(identifier.rpartition("/")[2]) for gateway, identifier in consumer.acknowledged()}


def _used(consumer: Consumer, subject: str = "bay/b") -> list[int]:
    return [int(each["sequence"]) for each in consumer.in_order(subject)]


def test_one_and_many_are_told_from_each_other_and_an_empty_batch_is_nothing(consumer: Consumer) -> None:
    consumer.take(b"[]")
    assert _acknowledged(consumer) == {}
    consumer.take(message(event(1)))
    consumer.take(message(event(2), event(3)))
    assert _used(consumer) == [1, 2, 3]
    assert _acknowledged(consumer) == {"g": 3}


def test_an_event_that_comes_again_is_nothing(consumer: Consumer) -> None:
    for _ in range(3):
        consumer.take(message(event(1), event(2)))
        consumer.take(message(event(2)))
    assert _used(consumer) == [1, 2]


def test_a_subjects_events_are_used_in_order_whatever_the_order_of_their_coming(consumer: Consumer) -> None:
    numbers = list(range(2, 40))
    Random(3).shuffle(numbers)
    consumer.take(message(event(1)))
    for number in numbers:
        consumer.take(message(event(number, f"bay/{number % 2}")))
    assert _used(consumer, "bay/0") == list(range(2, 40, 2))
    assert _acknowledged(consumer) == {"g": 39}


def test_nothing_is_acknowledged_beyond_a_hole_and_the_hole_is_an_alarm(consumer: Consumer) -> None:
    consumer.take(message(event(1), event(2), event(5), event(6)))
    assert _acknowledged(consumer) == {"g": 2}
    assert consumer.holes(older_than_s=0) == [Hole("g", 3, 4)]
    assert consumer.holes(older_than_s=60) == [], "it may still be under way"
    consumer.take(message(event(4)))
    assert consumer.holes(older_than_s=0) == [Hole("g", 3, 3)]
    consumer.take(message(event(3)))
    assert (_acknowledged(consumer), consumer.holes(older_than_s=0)) == ({"g": 6}, [])


def test_a_gap_event_accounts_for_the_numbers_that_it_names_and_no_others(consumer: Consumer) -> None:
    consumer.take(message(event(1), event(4), gap(5, 2, 2), gap(6, 2, 2)))
    assert _acknowledged(consumer) == {"g": 1}
    assert consumer.holes(older_than_s=0) == [Hole("g", 2, 3)]
    consumer.take(message(gap(7, 3, 3)))
    assert (_acknowledged(consumer), consumer.holes(older_than_s=0)) == ({"g": 7}, [])


def test_a_gap_of_several_runs_says_nothing_of_what_stands_between_them(consumer: Consumer) -> None:
    runs = event(8, "gateway/g", first_sequence=2, last_sequence=6, ranges=[[2, 3], [6, 6]])
    consumer.take(message(event(1), event(4), event(7), runs))
    assert _acknowledged(consumer) == {"g": 4}
    assert consumer.holes(older_than_s=0) == [Hole("g", 5, 6)]
    consumer.take(message(event(5)))
    assert (_acknowledged(consumer), consumer.holes(older_than_s=0)) == ({"g": 8}, [])


def test_a_gap_event_that_comes_before_its_turn_lets_go_on(consumer: Consumer) -> None:
    consumer.take(message(event(1), event(3)))
    assert _acknowledged(consumer) == {"g": 1}
    consumer.take(message(gap(900, 2, 2)))
    assert _acknowledged(consumer) == {"g": 3}
    consumer.take(message(event(4)))
    assert _acknowledged(consumer) == {"g": 4}
    assert consumer.holes(older_than_s=60) == []


def test_a_gateway_begins_where_its_state_says_and_not_with_what_happens_to_come_first(consumer: Consumer) -> None:
    consumer.begins("g", b'{"online":true,"first_sequence":3,"last_sequence":9}')
    assert _acknowledged(consumer) == {}
    consumer.take(message(event(7), event(8)))
    assert _acknowledged(consumer) == {}, "3 to 6 are still to come"
    consumer.take(message(event(1), event(2)))
    assert _acknowledged(consumer) == {}, "sent again from before"
    consumer.take(message(event(3), event(4), event(5), event(6)))
    assert _acknowledged(consumer) == {"g": 8}
    consumer.begins("g", b'{"online":true,"first_sequence":1,"last_sequence":9}')
    consumer.take(message(event(9)))
    assert _acknowledged(consumer) == {"g": 9}, "said once, and known from then on"
    consumer.begins("g", b'{"online":false}')


def test_more_than_a_page_from_before_its_beginning_is_passed_over(consumer: Consumer) -> None:
    consumer.begins("g", b'{"online":true,"first_sequence":2001}')
    consumer.take(message(*(event(number) for number in range(1, 1201))))
    assert _acknowledged(consumer) == {}
    consumer.take(message(event(2001), event(2002)))
    assert _acknowledged(consumer) == {"g": 2002}


def test_a_platform_that_is_new_waits_from_where_the_gateway_says_last(consumer: Consumer) -> None:
    consumer.begins("g", b'{"online":true,"first_sequence":1}')
    consumer.take(message(event(7), event(8)))
    assert _acknowledged(consumer) == {}
    consumer.begins("g", b'{"online":true,"first_sequence":7}')
    assert _acknowledged(consumer) == {"g": 8}


def test_a_new_start_goes_on_and_a_rolled_back_disk_begins_again(consumer: Consumer) -> None:
    consumer.take(message(event(1), event(2)))
    consumer.take(message(event(3, epoch="0000000002-1111")))
    consumer.take(message(event(2, epoch="0000000003-2222"), event(3, epoch="0000000003-2222")))
    assert consumer.acknowledged() == [("g", "g/0000000003-2222/0000000000000003")]
    assert _used(consumer) == [1, 2, 3, 2, 3]
    assert consumer.holes(older_than_s=0) == []


def test_gateways_are_counted_each_by_itself(consumer: Consumer) -> None:
    consumer.take(message(event(7, gateway="a"), event(1, gateway="b"), event(3, gateway="b")))
    assert _acknowledged(consumer) == {"a": 7, "b": 1}


def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    first = Consumer(tmp_path / "events.db")
    first.take(message(event(1), event(2)))
    first.close()
    second = Consumer(tmp_path / "events.db")
    assert _acknowledged(second) == {"g": 2}
    second.take(message(event(2), event(3)))
    assert _used(second) == [1, 2, 3]
    second.close()
