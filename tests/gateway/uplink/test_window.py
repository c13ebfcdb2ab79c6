"""Which events may go out now, by hand-played connections."""

import pytest

from config.site import Acknowledgement
from gateway.uplink.moves import Connected, Disconnected, PlatformAck, PubAck, Read, Send
from gateway.uplink.window import HOLD_S, Window
from tests.gateway.uplink.played import Played, T, broker, platform, row


def test_as_many_go_out_as_the_window_is_wide_and_in_order() -> None:
    played = broker(rows=10)
    assert played.connect() == [1, 2, 3, 4]
    assert played.window.in_flight == 4
    assert played.window.waiting > 0


def test_each_puback_frees_one_place_at_once() -> None:
    played = broker(rows=10)
    played.connect()
    assert played.feed(PubAck(1)) == ["<=1", 5]
    assert played.feed(PubAck(2)) == ["<=2", 6]


def test_a_puback_out_of_order_frees_a_place_and_releases_nothing_before_its_time() -> None:
    played = broker(rows=10)
    played.connect()
    assert played.feed(PubAck(3)) == [5]
    assert played.feed(PubAck(2)) == [6]
    assert played.feed(PubAck(1)) == ["<=3", 7]


def test_one_puback_that_never_comes_does_not_let_the_log_run_on_without_end() -> None:
    played = broker(rows=1000)
    sent = played.connect()
    for sequence in range(2, 1001):
        sent += played.feed(PubAck(sequence))
    assert sent == list(range(1, 33))


def test_a_puback_nobody_waits_for_is_nothing() -> None:
    played = broker(rows=10)
    played.connect()
    assert played.feed(PubAck(9)) == []
    assert played.feed(PubAck(1)) == ["<=1", 5]
    assert played.feed(PubAck(1)) == []


def test_after_a_reconnect_it_begins_again_at_the_first_that_is_not_released() -> None:
    played = broker(rows=10)
    played.connect()
    played.feed(PubAck(1))
    played.feed(PubAck(3))
    assert played.feed(Disconnected()) == []
    assert played.feed(PubAck(2)) == []
    assert played.window.in_flight == 0
    assert played.connect() == [2, 3, 4, 5]


def test_nothing_goes_out_without_a_connection() -> None:
    played = broker(rows=10)
    assert played.window.wanted() is None
    assert played.until(100) == []


def test_what_was_journalled_before_the_connection_is_late_and_what_comes_after_is_not() -> None:
    window = Window(4, Acknowledgement.BROKER, T, released=0, sent=0)
    window.feed(Connected(2), 0)
    sent = [send for send in window.feed(Read(0, [row(n) for n in (1, 2, 3)]), 0) if isinstance(send, Send)]
    assert [(send.first, send.first <= send.late_upto) for send in sent] == [(1, True), (2, True), (3, False)]


def test_rows_read_for_an_earlier_connection_are_asked_for_again() -> None:
    window = Window(4, Acknowledgement.BROKER, T, released=0, sent=0)
    window.feed(Connected(0), 0)
    window.feed(Read(0, [row(n) for n in (1, 2)]), 0)
    window.feed(PubAck(1), 0)
    window.feed(Disconnected(), 0)
    assert window.feed(Read(2, [row(3)]), 0) == []
    window.feed(Connected(3), 0)
    assert window.feed(Read(2, [row(3)]), 0) == []
    wanted = window.wanted()
    assert wanted is not None
    assert wanted.after == 1


def test_the_platforms_word_releases_and_a_puback_only_frees_a_place() -> None:
    played = platform(rows=10)
    assert played.connect() == [1, 2, 3, 4]
    assert played.feed(PubAck(1)) == [5]
    assert played.feed(PlatformAck(3)) == ["<=3"]
    assert played.feed(PubAck(2)) == [6]
    assert played.window.released == 3


def test_a_broker_mode_gateway_does_not_listen_to_a_platform() -> None:
    played = broker(rows=10)
    played.connect()
    assert played.feed(PlatformAck(3)) == []


def test_what_the_platform_does_not_acknowledge_in_time_is_sent_again_in_order() -> None:
    played = platform(rows=3)
    assert played.connect() == [1, 2, 3]
    for sequence in (1, 2, 3):
        played.feed(PubAck(sequence))
    assert played.window.deadline(played.now) == T
    assert played.until(T - 0.1) == []
    assert played.until(T) == [1, 2, 3]


def test_it_is_sent_again_as_a_replay() -> None:
    window = Window(4, Acknowledgement.PLATFORM, T, released=0, sent=0)
    window.feed(Connected(0), 0)
    assert window.feed(Read(0, [row(1)]), 0) == [Send((row(1),), late_upto=0)]
    window.feed(PubAck(1), 0)
    window.tick(T)
    assert window.feed(Read(0, [row(1)]), T) == [Send((row(1),), late_upto=1)]


def test_a_platform_that_stays_silent_is_asked_less_and_less_often() -> None:
    played = platform(rows=1)
    played.connect()
    gaps = []
    for _ in range(6):
        played.feed(PubAck(1))
        due = played.window.deadline(played.now)
        assert due is not None
        gaps.append(due - played.now)
        assert played.until(due) == [1]
    assert gaps == [T, 2 * T, 4 * T, 8 * T, 8 * T, 8 * T]


def test_a_word_from_the_platform_gives_the_rest_its_time_again() -> None:
    played = platform(rows=3)
    played.connect()
    for sequence in (1, 2, 3):
        played.feed(PubAck(sequence))
    played.until(T - 1)
    assert played.feed(PlatformAck(1)) == ["<=1"]
    assert played.until(T) == []
    assert played.window.deadline(played.now) == T - 1 + T


def test_a_platform_that_comes_back_and_repeats_what_it_has_is_not_kept_waiting() -> None:
    played = platform(rows=2)
    played.connect()
    for _ in range(5):
        played.feed(PubAck(1))
        played.feed(PubAck(2))
        due = played.window.deadline(played.now)
        assert due is not None
        played.until(due)
    played.feed(PubAck(1))
    played.feed(PubAck(2))
    assert played.feed(PlatformAck(0)) == []
    assert played.window.deadline(played.now) == played.now + T
    played.until(played.now + 1)
    assert played.feed(PlatformAck(0)) == []
    assert played.window.deadline(played.now) == played.now - 1 + T, "nor is it ever put off by saying so again"


def test_it_goes_back_only_when_the_broker_has_answered_for_all_under_way() -> None:
    played = platform(rows=3)
    played.connect()
    played.feed(PubAck(1))
    played.feed(PubAck(2))
    assert played.until(T) == []
    assert played.window.deadline(played.now) is None
    assert played.feed(PubAck(3)) == [1, 2, 3]


def test_a_silent_platform_does_not_let_the_whole_log_go_out() -> None:
    played = platform(rows=1000)
    sent = played.connect()
    for sequence in range(1, 1001):
        sent += played.feed(PubAck(sequence))
    assert sent == list(range(1, 33))
    assert played.feed(PlatformAck(10)) == ["<=10", 33, 34, 35, 36]


def test_after_a_reconnect_the_platform_is_given_a_moment_to_say_what_it_has() -> None:
    played = platform(rows=6)
    played.connect()
    played.feed(PubAck(1))
    played.feed(Disconnected())
    assert played.connect() == []
    assert played.window.deadline(played.now) == HOLD_S
    assert played.feed(PlatformAck(2)) == ["<=2", 3, 4, 5, 6]


def test_and_no_longer_than_a_moment() -> None:
    played = platform(rows=6)
    played.connect()
    played.feed(Disconnected())
    played.connect()
    assert played.until(HOLD_S - 0.1) == []
    assert played.until(HOLD_S) == [1, 2, 3, 4]


def test_a_word_that_says_nothing_new_ends_the_wait_too() -> None:
    played = platform(rows=2)
    played.connect()
    played.feed(Disconnected())
    played.connect()
    assert played.feed(PlatformAck(0)) == [1, 2]


def test_what_an_earlier_start_may_have_sent_is_waited_for_and_what_is_new_is_not() -> None:
    played = platform(rows=8, released=3, sent=6)
    assert played.connect() == []
    assert played.feed(PlatformAck(6)) == ["<=6", 7, 8]
    assert platform(rows=8, released=3, sent=3).connect() == [4, 5, 6, 7]


def test_a_word_about_what_was_never_sent_is_nothing() -> None:
    played = platform(rows=3)
    played.connect()
    assert played.feed(PlatformAck(4)) == []
    assert played.window.released == 0


def test_a_lone_event_goes_alone_and_a_backlog_in_batches() -> None:
    played = broker(rows=1, batch=3)
    window = played.window
    assert played.connect() == [1]
    played.feed(PubAck(1))
    played.rows = 9
    assert [each.first for each in window.feed(Read(1, [row(n) for n in range(2, 10)]), 0) if isinstance(each, Send)] == [2, 5, 8]
    assert window.in_flight == 3


def test_a_puback_of_a_batch_releases_all_of_it() -> None:
    played = broker(rows=7, batch=3)
    assert played.connect() == [1, 2, 3, 4, 5, 6, 7]
    assert played.feed(PubAck(4)) == []
    assert played.feed(PubAck(1)) == ["<=6"]
    assert played.feed(PubAck(7)) == ["<=7"]


def test_the_end_of_a_page_is_no_reason_for_a_small_message() -> None:
    window = Window(4, Acknowledgement.BROKER, T, released=0, sent=0, batch=3)
    window.feed(Connected(9), 0)
    assert [each.first for each in window.feed(Read(0, [row(n) for n in (1, 2, 3, 4)], more=True), 0) if isinstance(each, Send)] == [1]
    sent = window.feed(Read(4, [row(n) for n in (5, 6, 7)]), 0)
    assert [[each.sequence for each in send.rows] for send in sent if isinstance(send, Send)] == [[4, 5, 6], [7]]


def test_the_platform_may_acknowledge_the_middle_of_a_batch() -> None:
    played = platform(rows=6, batch=3)
    played.connect()
    assert played.feed(PlatformAck(2)) == ["<=2"]
    played.feed(Disconnected())
    assert played.connect() == []
    assert played.feed(PlatformAck(2)) == [3, 4, 5, 6]


def test_what_a_rate_holds_back_goes_when_its_time_has_come() -> None:
    played = Played(Acknowledgement.BROKER, rows=9, size=8)
    played.window = Window(8, Acknowledgement.BROKER, T, released=0, sent=0, rate_per_s=2.0)
    assert played.connect() == [1, 2]
    due = played.window.deadline(played.now)
    assert due == pytest.approx(0.5)
    assert due is not None
    assert played.until(due) == [3]


def test_a_broker_that_bears_few_in_flight_is_given_few() -> None:
    played = broker(rows=9, size=8)
    assert played.feed(Connected(9, window_max=2)) == [1, 2]
