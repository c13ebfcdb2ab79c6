"""How long the platform's word is waited for."""

from gateway.uplink.patience import Patience


def test_each_time_in_vain_is_followed_by_twice_the_wait_up_to_eight_times() -> None:
    patience, waits = Patience(10.0), []
    for _ in range(5):
        patience.sent(0.0)
        assert patience.due is not None
        waits.append(patience.due)
        assert patience.is_over(patience.due)
        patience.was_in_vain()
        patience.forget()
    assert waits == [10.0, 20.0, 40.0, 80.0, 80.0]


def test_what_is_sent_later_gives_no_more_time_to_what_was_sent_first() -> None:
    patience = Patience(10.0)
    patience.sent(0.0)
    patience.sent(9.0)
    assert (patience.due, patience.is_over(9.9), patience.is_over(10.0)) == (10.0, False, True)


def test_a_word_that_says_nothing_new_shortens_a_long_wait_and_never_makes_one_longer() -> None:
    patience = Patience(10.0)
    patience.was_in_vain()
    patience.sent(0.0)
    patience.heard(1.0, news=False, still_open=True)
    assert patience.due == 11.0
    patience.heard(8.0, news=False, still_open=True)
    assert patience.due == 11.0, "who repeats himself for ever is not waited for for ever"


def test_news_gives_what_is_still_open_its_time_and_ends_the_wait_where_nothing_is() -> None:
    patience = Patience(10.0)
    patience.sent(0.0)
    patience.heard(5.0, news=True, still_open=True)
    assert patience.due == 15.0
    patience.heard(6.0, news=True, still_open=False)
    assert patience.due is None
