"""How large a message may be, as learned from those that vanish."""

from gateway.uplink.sizing import Sizing


def _vain(sizing: Sizing, octets: int, times: int = 3) -> None:
    for _ in range(times):
        sizing.vanished(octets)


def _grown(sizing: Sizing, octets: int) -> int:
    """How many must get through until it is as large as that."""
    for number in range(1, 100_000):
        sizing.passed()
        if sizing.octets >= octets:
            return number
    raise AssertionError(sizing.octets)


def test_a_message_that_vanishes_once_or_twice_says_nothing_about_its_size() -> None:
    sizing = Sizing(32_000)
    for _ in range(10):
        _vain(sizing, 30_000, 2)
        sizing.passed()
    assert sizing.octets == 32_000


def test_what_vanishes_three_times_is_cut_in_half_until_single_events_are_left() -> None:
    sizing = Sizing(32_000)
    sizes = []
    for _ in range(8):
        _vain(sizing, sizing.octets)
        sizes.append(sizing.octets)
    assert sizes == [16_000, 8_000, 4_000, 2_000, 1_000, 512, 512, 512]


def test_what_the_broker_took_and_the_platform_never_mentions_is_cut_in_half_at_once() -> None:
    sizing = Sizing(32_000)
    sizing.unheard(20_000)
    assert sizing.octets == 10_000


def test_it_is_half_of_what_vanished_where_that_was_smaller_than_it_might_have_been() -> None:
    sizing = Sizing(32_000)
    _vain(sizing, 3_000)
    assert sizing.octets == 1_500


def test_what_gets_through_lets_it_grow_and_ever_more_rarely_where_that_is_wrong() -> None:
    sizing = Sizing(32_000)
    waits = []
    for _ in range(4):
        _vain(sizing, 32_000)
        waits.append(_grown(sizing, 32_000))
    assert waits == [16, 64, 256, 1024]


def test_who_was_away_for_long_is_soon_sent_whole_messages_again() -> None:
    sizing = Sizing(32_000)
    _vain(sizing, 32_000, 300)
    assert sizing.octets == 512
    assert _grown(sizing, 32_000) <= 6 * 16
