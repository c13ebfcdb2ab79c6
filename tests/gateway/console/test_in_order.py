"""A recording stands in the order of t, whichever bus told its reading first."""

from gateway.console.in_order import InOrder

HEAD = '{"trace":"kerbgate.readings/1","wall":"2026-11-27T00:00:00Z"}'


def reading(t: float, device: str = "d") -> str:
    return f'{{"t":{t},"device":"{device}","values":{{}}}}'


def test_a_reading_that_is_told_late_stands_before_the_later_one() -> None:
    lines = InOrder()
    for line, now in ((HEAD, 0.0), (reading(43137.920175), 7.0), (reading(43137.92), 7.001)):
        lines.add(line, now)
    assert lines.ready(7.4) == [HEAD]
    assert lines.ready(7.501) == [reading(43137.92), reading(43137.920175)]


def test_no_line_waits_longer_than_half_a_second_where_nothing_else_comes() -> None:
    lines = InOrder()
    assert lines.due_in_s(0.0) is None
    lines.add(reading(600.0), 600.1)
    assert lines.due_in_s(600.1) == 0.5
    assert lines.ready(600.5) == []
    assert lines.ready(600.6) == [reading(600.0)]
    assert lines.due_in_s(600.6) is None


def test_what_waits_when_the_recording_ends_is_written_in_order_and_as_it_came_where_it_is_of_one_moment() -> None:
    lines = InOrder()
    for t, device in ((3.0, "b"), (1.0, "b"), (3.0, "a"), (2.0, "b")):
        lines.add(reading(t, device), 3.0)
    assert lines.rest() == [reading(1.0, "b"), reading(2.0, "b"), reading(3.0, "b"), reading(3.0, "a")]
    assert lines.rest() == []
