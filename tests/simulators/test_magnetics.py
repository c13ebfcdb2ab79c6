"""What a detector feels: calibrated by the numbers of real ones."""

from itertools import pairwise
from statistics import median, pstdev

from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.magnetics import EARTH_UT, Magnetics, norm
from simulators.plan import Plan, Span, Weather
from simulators.street import Street
from simulators.traffic import Stay
from tests.simulators.streets import BAYS, busy, moments, seeds

ALONE = Plan(bays=("only",), cars=busy(drive_overs_per_h=0, buses_per_h=0).cars)


def stays(street: Street, bay: str, count: int) -> list[Stay]:
    found, t = [], 0.0
    for _ in range(count):
        stay = street.next_stay(bay, t)
        assert stay is not None
        found.append(stay)
        t = stay.arrive_s
    return found


@given(seed=seeds, asked=st.lists(moments, min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_a_process_that_begins_in_the_middle_feels_the_same_field(seed: int, asked: list[float]) -> None:
    going = Magnetics(Street(seed, busy()), Weather())
    felt = [(bay, t, going.field(bay, t)) for t in asked for bay in BAYS]
    for bay, t, field in felt:
        assert Magnetics(Street(seed, busy()), Weather()).field(bay, t) == field


def test_what_is_remembered_of_a_still_bay_ends_when_it_or_a_neighbour_moves() -> None:
    plan = busy()
    going, street = Magnetics(Street(5, plan), Weather()), Street(5, plan)
    for t in range(1200):
        for bay in BAYS:
            assert going.change(bay, float(t)) == Magnetics(street, Weather()).change(bay, float(t))


def test_an_empty_bay_is_the_earth_its_own_iron_and_noise_of_a_real_sensor() -> None:
    street = Street(5, Plan(bays=BAYS, cars=busy(occupied_at_start=0, first_move_s=3000, drive_overs_per_h=0, buses_per_h=0).cars))
    magnetics = Magnetics(street, Weather())
    irons = set()
    for bay in BAYS:
        fields = [magnetics.field(bay, t / 10) for t in range(600)]
        empty = magnetics.empty_field(bay, 30.0)
        irons.add(round(empty[0] - EARTH_UT[0], 3))
        for axis in range(3):
            values = [field[axis] for field in fields]
            assert 0.15 < pstdev(values) < 0.5
            assert abs(sum(values) / len(values) - empty[axis]) < 0.15
    assert len(irons) == len(BAYS)


def test_drift_follows_the_temperature_by_one_to_three_microtesla_a_degree_on_the_worst_axis() -> None:
    magnetics = Magnetics(Street(5, busy()), Weather())
    hour = 3600.0
    for bay in BAYS:
        cold, warm, between = (magnetics.empty_field(bay, h * hour) for h in (0.0, 8.0, 4.0))
        degrees, half = (magnetics.temperature.warmer(h * hour) for h in (8.0, 4.0))
        slopes = [(after - before) / degrees for before, after in zip(cold, warm, strict=True)]
        assert 1.0 <= max(abs(slope) for slope in slopes) <= 3.0
        for axis, slope in enumerate(slopes):
            assert abs(between[axis] - cold[axis] - slope * half) < 1e-6, "not linear in the temperature"


def test_a_day_is_a_wave_of_the_given_swing_without_jumps() -> None:
    temperature = Magnetics(Street(5, busy()), Weather(daily_swing_c=12, clouds_c=0.6)).temperature
    day = [temperature.at(t * 60.0) for t in range(1440)]
    assert 11 < max(day) - min(day) < 14
    assert max(abs(after - before) for before, after in pairwise(day)) < 0.25


def test_parked_cars_change_the_field_as_real_ones_do_and_never_less_than_the_weakest() -> None:
    street = Street(5, ALONE)
    magnetics = Magnetics(street, Weather())
    felt = [norm(magnetics.parked_change(stay)) for stay in stays(street, "only", 400)]
    assert min(felt) >= 9.0 - 1e-9
    assert 12 < median(felt) < 40
    assert max(felt) < 150


def test_weak_cars_are_there_where_the_scenario_asks_for_them() -> None:
    street = Street(5, Plan(bays=("only",), cars=busy(weak_share=0.5).cars))
    magnetics = Magnetics(street, Weather())
    felt = [norm(magnetics.parked_change(stay)) for stay in stays(street, "only", 400)]
    assert 0.05 < sum(each < 9 for each in felt) / len(felt) < 0.5


def test_a_car_is_felt_from_the_moment_it_begins_to_move_in_until_it_is_out() -> None:
    street = Street(5, ALONE)
    magnetics = Magnetics(street, Weather())
    for stay in stays(street, "only", 60):
        parked = norm(magnetics.parked_change(stay))
        assert norm(magnetics.change("only", stay.arrive_s - 0.001)) == 0.0
        halfway = (stay.arrive_s + stay.parked_s) / 2
        assert max(norm(magnetics.change("only", t)) for t in (halfway, halfway + 0.3, halfway + 0.6)) > 1.8
        assert norm(magnetics.change("only", stay.parked_s + 0.001)) == parked
        assert norm(magnetics.change("only", stay.depart_s - 0.001)) == parked
        assert norm(magnetics.change("only", stay.gone_s + 0.001)) == 0.0


def test_a_field_in_motion_has_no_steps() -> None:
    street = Street(5, ALONE)
    magnetics = Magnetics(street, Weather())
    stay = stays(street, "only", 1)[0]
    track = [magnetics.change("only", stay.arrive_s - 0.5 + n * 0.01) for n in range(int((stay.gone_s - stay.arrive_s + 1) * 100))]
    steps = [norm((b[0] - a[0], b[1] - a[1], b[2] - a[2])) for a, b in pairwise(track)]
    assert max(steps) < 4.0
    assert sum(step > 0 for step in steps) > 200


def test_the_neighbours_car_is_felt_by_less_than_a_microtesla() -> None:
    street = Street(5, Plan(bays=BAYS, cars=busy(drive_overs_per_h=0, buses_per_h=0).cars))
    magnetics = Magnetics(street, Weather())
    coupled = []
    for t in range(0, 7200, 3):
        for bay, beside in pairwise(BAYS):
            own = street.stay(bay, t)
            if own is not None and t < own.gone_s:
                continue
            if street.parked(beside, t) is not None:
                coupled.append(norm(magnetics.change(bay, t)))
    assert 0.05 < max(coupled) < 1.2
    assert median(coupled) < 0.5


def test_a_bus_in_the_lane_disturbs_for_seconds_and_is_gone() -> None:
    rarely = Span(typical_s=9000, spread=0, shortest_s=9000)
    cars = busy(occupied_at_start=0, gap=rarely, buses_per_h=60, drive_overs_per_h=0).cars
    street = Street(6, Plan(bays=("only",), cars=cars))
    magnetics = Magnetics(street, Weather())
    peaks = []
    t = 0.0
    while (passing := street.next_passing("only", t)) is not None and passing.begins_s < 3000:
        t = passing.begins_s
        if street.passing("only", t) is None:
            continue
        middle = (passing.begins_s + passing.ends_s) / 2
        peaks.append(norm(magnetics.change("only", middle)))
        assert norm(magnetics.change("only", passing.ends_s + 0.001)) == 0.0
    assert len(peaks) > 5
    assert 1.0 < median(peaks) < 25
