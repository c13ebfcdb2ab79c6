"""The truth: a function of the seed and the plan, the same for whoever asks when."""

from collections import defaultdict
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.plan import Plan, Span
from simulators.street import Street, TruthEvent, What
from tests.simulators.streets import BAYS, PILES, STATION, busy, moments, seeds


def by_who(events: tuple[TruthEvent, ...]) -> dict[str, list[TruthEvent]]:
    found = defaultdict(list)
    for event in events:
        found[event.who].append(event)
    return found


@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_the_same_seed_is_the_same_street_and_another_is_another(seed: int) -> None:
    truth = Street(seed, busy()).truth(3600)
    assert truth == Street(seed, busy()).truth(3600)
    assert truth != Street(seed + 1, busy()).truth(3600)
    assert len(truth) > 100


@given(seed=seeds, asked=st.lists(moments, min_size=1, max_size=20))
@settings(max_examples=25, deadline=None)
def test_who_asks_when_and_in_which_order_changes_nothing(seed: int, asked: list[float]) -> None:
    street = Street(seed, busy())
    answers = [(street.parked(bay, t), street.passing(bay, t), street.bikes_at(PILES[0], t)) for t in asked for bay in BAYS]
    for (t, bay), answer in zip([(t, bay) for t in asked for bay in BAYS], answers, strict=True):
        fresh = Street(seed, busy())
        assert (fresh.parked(bay, t), fresh.passing(bay, t), fresh.bikes_at(PILES[0], t)) == answer


@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_arrivals_and_departures_take_turns_and_keep_their_shortest_times(seed: int) -> None:
    plan = busy()
    assert isinstance(plan.cars.stay, Span)
    assert isinstance(plan.cars.gap, Span)
    for who, events in by_who(Street(seed, plan).truth(7200)).items():
        assert [event.what for event in events] == [What.ARRIVED if n % 2 == 0 else What.LEFT for n in range(len(events))]
        spans = (plan.cars.stay, plan.cars.gap) if who.startswith("bay/") else (plan.bikes.stay, plan.bikes.gap)
        for before, after in pairwise(events):
            shortest = spans[0 if before.what is What.ARRIVED else 1].shortest_s
            assert after.t - before.t >= shortest - 1e-6 or before.t < 0


@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_the_list_and_the_look_at_one_moment_agree(seed: int) -> None:
    street = Street(seed, busy())
    for who, events in by_who(street.truth(3600)).items():
        if not who.startswith("bay/"):
            continue
        bay = who.removeprefix("bay/")
        for event in events:
            assert (street.parked(bay, event.t) is not None) is (event.what is What.ARRIVED)
            assert (street.parked(bay, event.t - 1e-6) is None) is (event.what is What.ARRIVED)


@given(seed=seeds, cut=st.floats(1, 3599))
@settings(max_examples=30, deadline=None)
def test_windows_of_the_truth_put_together_are_the_whole(seed: int, cut: float) -> None:
    street = Street(seed, busy())
    assert street.truth(cut) + street.truth(3600, after_s=cut) == street.truth(3600)


def test_nothing_moves_before_the_first_move_and_what_stood_there_has_come_before_zero() -> None:
    street = Street(3, busy(occupied_at_start=1.0, first_move_s=60))
    events = street.truth(3600)
    assert not [event for event in events if 0 <= event.t < 30]
    assert not [event for event in events if event.bay and 0 <= event.t < 60]
    assert all(street.parked(bay, 0.0) is not None for bay in BAYS)
    assert all(street.stay(bay, 0.0).parked_s <= 0.0 for bay in BAYS)  # type: ignore[union-attr]
    empty = Street(3, busy(occupied_at_start=0.0))
    assert all(empty.parked(bay, 0.0) is None for bay in BAYS)


@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_passers_by_keep_clear_of_manoeuvres_and_cross_empty_bays_only(seed: int) -> None:
    plan = busy()
    street = Street(seed, plan)
    seen = set()
    for tenth in range(0, 36000, 5):
        t = tenth / 10
        for bay in BAYS:
            passing = street.passing(bay, t)
            if passing is None:
                continue
            seen.add(passing.begins_s)
            assert 1.5 <= passing.ends_s - passing.begins_s <= 4.0
            stay, following = street.stay(bay, t), street.next_stay(bay, t)
            moves = [] if stay is None else [(stay.arrive_s, stay.parked_s), (stay.depart_s, stay.gone_s)]
            moves += [] if following is None else [(following.arrive_s, following.parked_s)]
            for begins, ends in moves:
                assert passing.ends_s + plan.cars.calm_s <= begins or ends + plan.cars.calm_s <= passing.begins_s
            if abs(passing.vehicle.across_m) < 1:
                assert street.parked(bay, t) is None
    assert len(seen) > 5


def test_a_manoeuvre_never_fills_its_stay_or_its_gap() -> None:
    short = Span(typical_s=2, spread=0.5, shortest_s=1)
    street = Street(1, busy(slowest_move_s=60, stay=short, gap=short))
    for bay in BAYS:
        t = 0.0
        for _ in range(200):
            stay = street.next_stay(bay, t)
            assert stay is not None
            following = street.next_stay(bay, stay.arrive_s)
            assert following is not None
            assert stay.arrive_s < stay.parked_s < stay.depart_s < stay.gone_s < following.arrive_s
            t = stay.arrive_s


def test_bikes_carry_their_operators_prefix_and_one_bike_is_at_one_place() -> None:
    plan = busy()
    street = Street(11, plan)
    prefixes = {operator.name: operator.tag_prefix for operator in plan.bikes.operators}
    tags = set()
    for t in range(0, 7200, 7):
        bikes = street.bikes_at_station(STATION, t)
        assert len({bike.tag for bike in bikes}) == len(bikes)
        for bike in bikes:
            assert len(bike.tag) == 16
            assert bike.tag.startswith(prefixes[bike.operator])
            tags.add(bike.tag)
    assert len(tags) > 50


def test_some_bikes_come_back() -> None:
    events = Street(11, busy()).truth(36000)
    arrivals = [event.tag for event in events if event.what is What.ARRIVED and event.tag is not None]
    assert 0.05 < 1 - len(set(arrivals)) / len(arrivals) < 0.3


def test_a_day_of_a_busy_street_is_made_in_no_time_and_looked_up_by_halving() -> None:
    street = Street(1, Plan(bays=tuple(f"bay-{n}" for n in range(8)), cars=busy().cars))
    assert len(street.truth(86400)) > 7_000
    assert street.parked("bay-3", 1e9) is None, "a timeline has an end"
