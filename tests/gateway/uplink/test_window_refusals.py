"""What a broker refuses, and what the platform waits for in vain, by hand-played connections."""

import itertools

from config.site import Acknowledgement
from gateway.journal.row import Missing, Row
from gateway.uplink.moves import (
    Accounts,
    Buried,
    Connected,
    Disconnected,
    PlatformAck,
    PubAck,
    Read,
    Refused,
)
from gateway.uplink.window import Window
from tests.gateway.uplink.played import T, broker, platform, row, told


def test_a_platform_that_waits_at_a_hole_is_told_of_it_once_all_else_is_there() -> None:
    window = Window(1, Acknowledgement.PLATFORM, T, released=0, sent=0)
    window.feed(Connected(99), 0)
    rows = [row(number) for number in range(1, 12) if number not in {3, 4, 6}]
    assert told(window.feed(Read(0, rows), 0)) == [1]
    for sent, following in itertools.pairwise([1, 2, 5, 7, 8, 9, 10, 11]):
        assert window.waited_for() == (), "it may still say so by itself"
        assert told(window.feed(PubAck(sent), 0)) == [following]
    window.feed(PubAck(11), 0)
    assert window.waited_for() == (Missing(3, 4), Missing(6, 6))
    gap = row(90, "gateway")
    assert told(window.feed(Accounts([gap]), 0)) == [90]
    assert (window.waited_for(), window.released) == ((), 0)
    window.feed(PubAck(90), 0)
    assert window.waited_for() == (), "said once"
    assert told(window.feed(PlatformAck(11), 0)) == ["<=11"]


def test_what_is_refused_for_ever_is_released_by_the_platforms_word_alone() -> None:
    played = platform(rows=4)
    played.connect()
    assert played.feed(Buried(1)) == []
    for sequence in (1, 2, 3, 4):
        assert played.feed(PubAck(sequence)) == []
    assert played.feed(PlatformAck(4)) == ["<=4"]


def test_a_refused_batch_comes_again_event_by_event_and_the_bad_one_is_given_up_after_three_times() -> None:
    played = broker(rows=4, batch=3)
    assert played.connect() == [1, 2, 3, 4]
    assert played.feed(Refused(1, "0x99", whole_broker=False)) == []
    assert played.feed(PubAck(4)) == [1, 2, 3, 4]
    played.feed(PubAck(1))
    for _ in range(2):
        played.feed(Refused(2, "0x99", whole_broker=False))
        played.feed(PubAck(3))
        played.feed(PubAck(4))
        due = played.window.deadline(played.now)
        assert due is not None
        assert due <= played.now + 8
        assert played.until(due) == [2, 3, 4]
    assert played.feed(Refused(2, "0x99", whole_broker=False)) == ["+2"]
    played.feed(PubAck(3))
    played.feed(PubAck(4))
    assert played.feed(Buried(2)) == ["<=2", 3, 4]
    assert played.feed(PubAck(3)) == ["<=4"], "the good ones share a message again"


def test_a_broker_that_refuses_everything_says_nothing_about_an_event() -> None:
    played = broker(rows=1)
    assert played.connect() == [1]
    for _ in range(20):
        assert played.feed(Refused(1, "0x80", whole_broker=False)) == []
        due = played.window.deadline(played.now)
        assert due is not None
        assert played.until(due) == [1]
    # Another event is taken: now it is known.
    played.rows = 2
    assert played.until(played.now) == [2]
    played.feed(PubAck(2))
    assert played.feed(Refused(1, "0x80", whole_broker=False)) == ["+1"]


def test_a_refused_topic_or_a_spent_quota_is_never_an_events_fault() -> None:
    played = broker(rows=3)
    played.connect()
    for _ in range(10):
        assert played.feed(Refused(1, "0x87", whole_broker=True)) == []
        played.feed(PubAck(2))
        played.feed(PubAck(3))
        due = played.window.deadline(played.now)
        assert due is not None
        assert played.until(due) == [1, 2, 3]


def test_who_counts_by_the_highest_number_does_not_release_what_the_broker_refused() -> None:
    played = platform(rows=3)
    played.connect()
    played.feed(Refused(2, "0x97", whole_broker=True))
    assert played.feed(PlatformAck(3)) == ["<=1"]


def test_one_that_ends_the_connection_is_found_with_one_message_at_a_time() -> None:
    played = broker(rows=4, batch=2)
    assert played.connect() == [1, 2, 3, 4]
    played.feed(Disconnected("packet too large"))
    assert played.connect() == [1]
    assert played.feed(PubAck(1)) == ["<=1", 2]
    played.feed(Disconnected("packet too large"))
    assert played.connect() == [2]
    played.feed(Disconnected("packet too large"))
    assert played.connect() == [2]
    played.feed(Disconnected("packet too large"))
    assert played.connect() == ["+2"]
    assert played.feed(Buried(2)) == ["<=2", 3]
    assert played.feed(PubAck(3)) == ["<=3", 4]


def test_a_connection_that_ends_without_blame_says_nothing_about_an_event() -> None:
    played = broker(rows=2)
    for _ in range(50):
        assert played.connect() == [1, 2]
        played.feed(Disconnected())


def test_an_event_that_no_broker_takes_is_put_aside_before_it_is_sent() -> None:
    played = broker(rows=1)
    played.feed(Connected(0, bytes_max=100))
    huge = Row(2, "bay", "bay/x", "x" * 200)
    assert told(played.window.feed(PubAck(1), 0)) == ["<=1"]
    assert told(played.window.feed(Read(1, [huge, row(3)]), 0)) == ["+2"]
    assert told(played.window.feed(Buried(2), 0)) == ["<=2", 3]
