"""Numbers, wall time, sessions."""

from gateway.clock import TimeQuality
from gateway.detection.change import BayChange, GatewayChange, Kind, Occupancy, Reason
from gateway.events import Epoch, event_id, sequence_of
from gateway.minting import Mint, Now

EPOCH = Epoch(17, "9f3a")
NOW = Now(1000.0, 1_777_593_600.0, TimeQuality.SYNCED)


def change(kind: Kind, onset_s: float = 990.0, bay: str = "b1") -> BayChange:
    state, previous = (Occupancy.OCCUPIED, Occupancy.VACANT) if kind is Kind.PARK_START else (Occupancy.VACANT, Occupancy.OCCUPIED)
    return BayChange(
        bay=bay, kind=kind, state=state, previous=previous, onset_s=onset_s, confirmed_s=998.0, confidence=0.9, reason=Reason.LEVEL
    )


def test_an_id_is_gateway_epoch_and_sequence_as_published() -> None:
    assert event_id("jj-0007", EPOCH, 18234) == "jj-0007/0000000017-9f3a/0000000000018234"
    assert sequence_of("jj-0007/0000000017-9f3a/0000000000018234") == 18234


def test_wall_time_is_the_onset_on_the_wall_clock() -> None:
    (event,) = Mint("g", EPOCH, 5).events([change(Kind.PARK_START)], NOW)
    assert (event.time_s, event.recorded_s) == (NOW.wall_s - 10.0, NOW.wall_s - 2.0)


def test_numbers_go_on_where_the_journal_ended() -> None:
    mint = Mint("g", EPOCH, 18234)
    events = mint.events([change(Kind.PARK_START), change(Kind.PARK_END)], NOW)
    assert [event.sequence for event in events] == [18234, 18235]
    assert mint.next_sequence == 18236


def test_a_session_ties_a_start_to_its_end_and_is_named_after_the_start() -> None:
    mint = Mint("g", EPOCH, 1)
    start, other, end, again = mint.events(
        [change(Kind.PARK_START), change(Kind.PARK_START, bay="b2"), change(Kind.PARK_END), change(Kind.PARK_START)], NOW
    )
    assert start.session == end.session == start.id
    assert other.session == other.id
    assert again.session == again.id
    assert [event.bay_sequence for event in (start, other, end, again)] == [1, 1, 2, 3]


def test_a_session_survives_a_restart() -> None:
    before = Mint("g", EPOCH, 1)
    changes = [change(Kind.PARK_START)]
    (start,) = before.events(changes, NOW)
    after = Mint("g", Epoch(18, "0000"), before.next_sequence)
    assert all(after.restore(kept) for kept in before.states(changes))
    (end,) = after.events([change(Kind.PARK_END)], NOW)
    assert (end.session, end.bay_sequence, end.sequence) == (start.id, 2, 2)
    assert end.id != start.id


def test_the_gateways_own_events_have_the_gateway_for_a_subject() -> None:
    started = GatewayChange(kind=Kind.GATEWAY_STARTED, onset_s=1.0, confirmed_s=1.0, cause="start")
    (event,) = Mint("jj-0007", EPOCH, 1).events([started], NOW)
    assert event.subject == "gateway/jj-0007"
