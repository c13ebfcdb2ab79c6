"""Vehicles that are felt less than a neighbour's may be, over three axes once a second: told where they came as only a vehicle does."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind, Reason
from gateway.detection.drove_in import drove_in
from simulators.fleet import Fleet, bus_of, parked_of
from simulators.manoeuvres import passing_track, stay_track
from simulators.track import Track
from simulators.vehicle import Vehicle
from tests.gateway.field import EARTH
from tests.gateway.quick import told

Vector = tuple[float, float, float]
Felt = Callable[[float], Vector]
_COMES_S, _STANDS_S, _LEAVES_S, _GONE_S = 360.3, 365.1, 640.2, 643.0
_BESIDE_M = 2.6


def readings(felt: Felt, seed: int, end_s: int = 740, noise_ut: float = 0.25) -> Iterator[Reading]:
    random = Random(seed)
    for t in range(end_s):
        x, y, z = (earth + more + random.gauss(0.0, noise_ut) for earth, more in zip(EARTH, felt(float(t)), strict=True))
        yield Reading(device="d", t=float(t), x_ut=x, y_ut=y, z_ut=z)


def of(track: Track, across_m: float = 0.0) -> Felt:
    def felt(t: float) -> Vector:
        found = track.place(t) if t >= track.begins_s else None
        return (0.0, 0.0, 0.0) if found is None else track.felt(found[0][0], found[0][1] + across_m)

    return felt


def stay(vehicle: Vehicle) -> Track:
    return stay_track(vehicle, (_COMES_S, _STANDS_S, _LEAVES_S, _GONE_S), ())


def vehicles(least_ut: float, most_ut: float, count: int, across_m: float = 0.0) -> list[Track]:
    """That are felt so much once they stand, so far beside the sensor's bay."""
    found: list[Track] = []
    random = Random(7)
    while len(found) < count:
        track = stay(parked_of(random, Fleet(hidden_share=0.0, careless_share=0.0, motorcycles=0.0), random.uniform(0.0, 359.0)))
        x, y, z = of(track, across_m)(_STANDS_S + 1.0)
        if least_ut**2 <= x * x + y * y + z * z < most_ut**2:
            found.append(track)
    return found


def arrivals(changes: list[BayChange]) -> list[BayChange]:
    return [change for change in changes if change.kind is Kind.PARK_START]


def test_half_of_the_weak_vehicles_are_told_and_dated_by_how_they_came() -> None:
    heard = [told(readings(of(track), seed)) for seed, track in enumerate(vehicles(2.5, 4.8, 24))]
    right = [changes for changes in heard if [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]]
    assert len(right) >= 12
    for came, went in right:
        assert came.onset_s == pytest.approx(_COMES_S, abs=4.0)
        assert came.confirmed_s < _STANDS_S + 22.0
        assert went.onset_s == pytest.approx(_LEAVES_S, abs=4.0)


def test_who_has_not_seen_an_empty_bay_for_some_minutes_does_not_know_how_its_field_wanders_and_tells_no_weak_vehicle() -> None:
    """A hum whose alias takes a minute was one, twice, in the first four minutes of a quick sensor."""
    for seed, track in enumerate(vehicles(2.5, 4.8, 24)):
        later = of(track)
        assert told(readings(lambda t, felt=later: felt(t + 240.0), seed)) == []  # type: ignore[misc]


def test_what_stood_there_before_anything_stirred_did_not_drive_in() -> None:
    judged = 0
    for seed, track in enumerate(vehicles(2.5, 4.8, 6)):
        machine = BayMachine("b", BayDetection(), now=0.0)
        for reading in readings(of(track), seed, end_s=400):
            machine.feed(reading, reading.t)
            presence, plateau = machine.vacant.presence, machine.track.plateau
            if presence is None or drove_in(presence, plateau.mean, 30.0, machine.track) is None:
                continue
            judged += 1
            assert drove_in(replace(presence, since_s=plateau.since_s + 0.5), plateau.mean, 30.0, machine.track) is None
    assert judged


def test_what_is_told_of_a_weak_vehicle_is_not_as_sure_as_of_another() -> None:
    heard = [arrivals(told(readings(of(track), seed))) for seed, track in enumerate(vehicles(2.5, 3.8, 24))]
    weak = [change for changes in heard for change in changes]
    assert weak
    assert all(change.reason is Reason.BOTH and 0.7 < change.confidence < 0.99 for change in weak)


def test_a_vehicle_as_strong_as_those_that_comes_to_stand_beside_the_bay_is_none_in_it() -> None:
    assert [told(readings(of(track, _BESIDE_M), seed)) for seed, track in enumerate(vehicles(2.5, 4.2, 24, _BESIDE_M))] == [[]] * 24


def test_what_drives_over_an_empty_bay_is_none_though_a_neighbour_moves_half_a_minute_later() -> None:
    beside = vehicles(2.5, 4.0, 12, _BESIDE_M)
    for seed, track in enumerate(beside):
        over = of(passing_track(vehicles(20.0, 60.0, 1)[0].vehicle, _COMES_S - 30.0, _COMES_S - 27.5))
        neighbour = of(track, _BESIDE_M)

        def felt(t: float, over: Felt = over, neighbour: Felt = neighbour) -> Vector:
            (ax, ay, az), (bx, by, bz) = over(t), neighbour(t)
            return ax + bx, ay + by, az + bz

        assert told(readings(felt, seed)) == []


def test_a_bus_that_stops_beside_the_bay_for_a_quarter_of_a_minute_is_none_however_it_swung() -> None:
    """Its axles pass one after the other, in the lane."""
    random = Random(3)
    buses = [passing_track(bus_of(random, random.uniform(0.0, 359.0)), _COMES_S, _COMES_S + 5.0, 14.0) for _ in range(40)]
    weak = [track for track in buses if 2.5 <= sum(axis * axis for axis in of(track)(_COMES_S + 10.0)) ** 0.5 < 4.8]
    assert len(weak) >= 6
    assert [told(readings(of(track), seed)) for seed, track in enumerate(weak)] == [[]] * len(weak)


def told_of_the_middle(track: Track, across_m: float, seed: int) -> list[BayChange]:
    """Of three bays side by side that all have a sensor; `across_m`: where the vehicle's own bay is, from the middle one."""
    machines = [BayMachine(name, BayDetection(), now=0.0) for name in ("left", "middle", "right")]
    left, middle, right = machines
    middle.track.beside, middle.track.enclosed = (left.track, right.track), True
    felt = [readings(of(track, across_m - place), seed + number) for number, place in enumerate((-_BESIDE_M, 0.0, _BESIDE_M))]
    changes: list[BayChange] = []
    for together in zip(*felt, strict=True):
        for machine, reading in zip(machines, together, strict=True):
            told_now = machine.feed(reading, reading.t)
            if machine is middle:
                changes += told_now
    return changes


def test_between_two_bays_that_felt_nothing_most_weak_vehicles_are_told() -> None:
    weak = vehicles(3.6, 4.8, 16)
    alone = sum(bool(arrivals(told(readings(of(track), seed)))) for seed, track in enumerate(weak))
    between = [told_of_the_middle(track, 0.0, 10 * seed) for seed, track in enumerate(weak)]
    right = sum([change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END] for changes in between)
    assert alone <= 12
    assert right >= 14


def test_what_a_bay_beside_has_felt_far_more_is_no_vehicle_in_this_one() -> None:
    beside = vehicles(3.0, 4.8, 12, _BESIDE_M)
    assert [told_of_the_middle(track, _BESIDE_M, 10 * seed) for seed, track in enumerate(beside)] == [[]] * 12


def stepwise(parts: list[tuple[float, Vector]]) -> Felt:
    """Each from a moment on."""
    return lambda t: next((field for from_s, field in reversed(parts) if t >= from_s), (0.0, 0.0, 0.0))


@pytest.mark.parametrize("seed", [0, 3, 6])
def test_a_vehicle_that_was_told_to_have_left_when_it_was_parked_anew_is_none_that_comes_when_it_leaves(seed: int) -> None:
    swings, nothing = (5.3, -2.0, -3.6), (0.0, 0.0, 0.0)
    felt = stepwise([(100.0, (-2.5, 4.7, -11.5)), (3000.0, (-0.7, 3.2, 0.9)), (6000.0, swings), (6001.0, nothing)])
    assert [change.kind for change in told(readings(felt, seed, 6100, noise_ut=0.55))] == [Kind.PARK_START, Kind.PARK_END]


@pytest.mark.parametrize("seed", range(3))
def test_what_was_taken_for_a_neighbour_and_has_moved_a_little_since_is_no_vehicle_when_it_leaves(seed: int) -> None:
    swings, nothing = (5.3, 2.0, -3.6), (0.0, 0.0, 0.0)
    felt = stepwise([(100.0, (1.5, -1.3, 1.8)), (3000.0, (2.3, -2.0, 2.8)), (6000.0, swings), (6001.0, nothing)])
    assert told(readings(felt, seed, 6100)) == []
