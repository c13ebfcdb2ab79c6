"""The small machines beside the window: what a rate allows, what a message holds, which version, which certificate, whose name."""

from collections import deque

import pytest

from config.site import MqttVersion
from gateway.journal.row import Row
from gateway.uplink.batches import cut
from gateway.uplink.bucket import Bucket
from gateway.uplink.latest import BEHIND_S, SELDOM_S, Latest
from gateway.uplink.slots import Slot, Slots
from gateway.uplink.takeover import Takeover
from gateway.uplink.versions import Version, Versions


def _taken(bucket: Bucket, now: float) -> int:
    count = 0
    while bucket.take(now):
        count += 1
    return count


def test_a_seconds_worth_goes_at_once_and_then_the_rate() -> None:
    bucket = Bucket(20.0)
    assert _taken(bucket, 0.0) == 20
    sent, now = 0, 0.0
    while now < 10.0:
        now = bucket.ready_at(now)
        assert bucket.take(now), "what was promised for this moment is there"
        sent += 1
    assert 199 <= sent <= 201


def test_after_a_pause_no_more_than_a_seconds_worth_goes_at_once() -> None:
    bucket = Bucket(5.0)
    _taken(bucket, 0.0)
    assert _taken(bucket, 3600.0) == 5


def test_what_went_out_without_asking_is_paid_back() -> None:
    bucket = Bucket(10.0)
    bucket.spend(25, 0.0)
    assert not bucket.take(1.4)
    assert bucket.ready_at(1.4) == pytest.approx(1.6)
    assert bucket.take(1.6)


def test_a_slow_rate_still_lets_one_through_and_none_is_no_limit() -> None:
    assert _taken(Bucket(0.1), 0.0) == 1
    free = Bucket(0.0)
    assert all(free.take(0.0) for _ in range(10_000))
    assert free.ready_at(7.0) == 7.0


def _rows(*spec: tuple[str, int]) -> deque[Row]:
    return deque(Row(number, event_class, "x/y", "x" * size) for number, (event_class, size) in enumerate(spec, 1))


@pytest.mark.parametrize(
    ("rows", "alone", "expected"),
    [
        (_rows(("bay", 10)), set(), 1),
        (_rows(*[("bay", 10)] * 9), set(), 5),
        (_rows(("bay", 10), ("bay", 10), ("station", 10), ("bay", 10)), set(), 2),
        (_rows(*[("bay", 400)] * 5), set(), 2),
        (_rows(("bay", 5000), ("bay", 10)), set(), 1),
        (_rows(*[("bay", 10)] * 5), {1}, 1),
        (_rows(*[("bay", 10)] * 5), {3}, 2),
    ],
    ids=[
        "a lone one",
        "no more than asked",
        "one class",
        "no larger than asked",
        "one that is too large",
        "alone",
        "up to one that is alone",
    ],
)
def test_a_message_is_a_run_of_one_class(rows: deque[Row], alone: set[int], expected: int) -> None:
    assert cut(rows, 5, 1000, alone) == expected


def test_a_batch_of_chinese_is_measured_in_bytes() -> None:
    rows = deque(Row(number, "bay", "bay/x", "泊" * 100) for number in (1, 2, 3, 4))
    assert cut(rows, 50, 1000, set()) == 3


def test_mqtt_5_is_asked_for_again_later_where_the_broker_was_old() -> None:
    versions = Versions()
    assert versions.order(0) == (Version.V5, Version.V311)
    versions.refused(by_word=True)
    assert versions.order(0)[0] is Version.V5, "nothing is concluded before 3.1.1 stands"
    versions.stood(Version.V311, 10)
    assert versions.order(3700)[0] is Version.V311
    assert versions.order(10 + 86400)[0] is Version.V5


def test_a_broker_that_only_closed_is_asked_again_within_the_hour() -> None:
    versions = Versions()
    versions.refused(by_word=False)
    versions.stood(Version.V311, 0)
    assert versions.order(3599)[0] is Version.V311
    assert versions.order(3600)[0] is Version.V5
    versions.stood(Version.V5, 3600)
    assert versions.order(3600) == (Version.V5, Version.V311)


def test_a_broker_that_says_nothing_is_asked_in_the_other_version_at_the_next_attempt() -> None:
    versions = Versions()
    versions.silent(Version.V5)
    assert versions.order(0)[0] is Version.V311
    versions.silent(Version.V311)
    assert versions.order(1)[0] is Version.V5, "it may have been the network"
    versions.silent(Version.V5)
    versions.stood(Version.V311, 2)
    assert versions.order(3601)[0] is Version.V311
    assert versions.order(3602)[0] is Version.V5


def test_the_version_that_the_site_asks_for_is_the_only_one() -> None:
    assert Versions(MqttVersion.V311).order(0) == (Version.V311,)
    assert Versions(MqttVersion.V5).order(0) == (Version.V5,)


def test_the_next_certificate_is_tried_as_soon_as_it_is_there_and_again_when_it_changes() -> None:
    slots = Slots()
    assert slots.order(None, 0) == (Slot.PRESENT,)
    assert slots.order("a", 0) == (Slot.NEXT, Slot.PRESENT)
    slots.failed("a")
    assert slots.stood(Slot.PRESENT, 1)
    assert slots.order("a", 100) == (Slot.PRESENT,)
    assert slots.order("b", 100) == (Slot.NEXT, Slot.PRESENT)
    assert slots.order("a", 3700) == (Slot.NEXT, Slot.PRESENT)


def test_a_next_certificate_is_not_blamed_when_the_present_one_fails_too() -> None:
    slots = Slots()
    slots.order("a", 0)
    slots.failed("a")
    assert slots.order("a", 1) == (Slot.NEXT, Slot.PRESENT)
    assert not slots.stood(Slot.NEXT, 2)
    assert not slots.stood(Slot.PRESENT, 3), "another attempt has begun since"


def test_two_closings_within_a_minute_are_an_alarm_and_a_refusal_between_them_is_none() -> None:
    takeover = Takeover()
    assert not takeover.closed(0)
    assert takeover.closed(59)
    assert not takeover.closed(200)
    takeover.otherwise()
    assert not takeover.closed(201)


def test_the_present_state_is_told_again_soon_while_the_log_is_behind_and_seldom_otherwise() -> None:
    latest = Latest()
    assert latest.deadline(behind=True) is None
    latest.told(100)
    assert latest.deadline(behind=True) is None, "nothing has happened since"
    latest.changed()
    assert latest.deadline(behind=True) == 100 + BEHIND_S
    assert latest.deadline(behind=False) == 100 + SELDOM_S
    latest.told(105)
    assert latest.deadline(behind=True) is None
