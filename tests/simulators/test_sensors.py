"""Sensors themselves: their chips, what happens to them, and a charger beside them."""

import numpy as np
import pytest

from simulators.bay_day import TraceStreet
from simulators.plan import Cars, Plan, Weather
from simulators.sampling import Sampling
from simulators.sensing import Chip, Sensing
from simulators.street import Street
from simulators.troubles import TroubleKind
from simulators.truth import FactKind
from simulators.vehicle import Kind
from tests.simulators.hard_streets import BAYS, HARD, hard_street

EMPTY = Cars(occupied_at_start=0, first_move_s=1e7, drive_overs_per_h=0, buses_per_h=0)


def test_chips_make_their_own_noise_and_steps() -> None:
    for chip, noise_ut, step_ut in ((Chip.DEPLOYED, 0.3, 0.1), (Chip.LIS3MDL, 0.36, 1 / 68.42), (Chip.RM3100, 0.016, 1 / 75)):
        street = TraceStreet(3, Plan(bays=BAYS, cars=EMPTY), Weather(daily_swing_c=0, clouds_c=0), Sensing(chip=chip))
        x, _, _ = street.magnetics.fields_over("bay-2", np.arange(0.0, 2000.0))
        assert np.std(x) == pytest.approx(noise_ut, rel=0.45)
        assert np.abs(x / step_ut - np.round(x / step_ut)).max() < 1e-6


def test_sensors_come_to_every_harm_and_tell_of_it() -> None:
    harms = set()
    for seed in range(4):
        street = hard_street(seed, cars=EMPTY, sensing=Sensing(faults_per_day=12, chip=Chip.DEPLOYED))
        day = street.day("bay-2", "geo", (0.0, 86400.0), Sampling(every_s=5))
        field = np.array([column.values for column in day.columns[:3]])
        begins = [fact for fact in day.facts if fact.what is FactKind.FAULT_FROM]
        ends = [fact for fact in day.facts if fact.what is FactKind.FAULT_TO]
        for began, ended in zip(begins, ends, strict=False):
            during = field[:, (day.times >= began.t) & (day.times < ended.t)]
            harms.add(began.cause)
            if began.cause == TroubleKind.FROZEN:
                assert np.ptp(during, axis=1).max() == 0
            elif began.cause == TroubleKind.SATURATED:
                assert (during[2] > 3000).all()
            elif began.cause == TroubleKind.FLOODED:
                assert np.std(np.diff(during[0])) > 1.0
    assert harms == set(TroubleKind)


def test_a_reseated_sensor_feels_the_same_strength_from_another_side() -> None:
    street = hard_street(0, cars=EMPTY, weather=Weather(daily_swing_c=0, clouds_c=0), sensing=Sensing(faults_per_day=6))
    trouble = next(each for each in street.magnetics.troubles("bay-2", 0, 1e6) if each.kind is TroubleKind.RESEATED)
    before, after = (
        np.array(street.magnetics.fields_over("bay-2", np.arange(t, t + 60.0))).mean(axis=1)
        for t in (trouble.begins_s - 61, trouble.ends_s + 1)
    )
    assert np.linalg.norm(before) == pytest.approx(np.linalg.norm(after), abs=0.3)
    assert np.linalg.norm(before - after) > 3.0


def test_a_charger_is_felt_in_steps_while_an_electric_car_stands_there() -> None:
    cars = HARD.model_copy(update={"charger_share": 1.0, "buses_per_h": 0, "drive_overs_per_h": 0, "shuffles_per_h": 0})
    street = TraceStreet(6, Plan(bays=("bay-2",), cars=cars), Weather(), Sensing())
    steps = dict.fromkeys((Kind.ELECTRIC, Kind.CAR), 0.0)
    for stay in Street(6, Plan(bays=("bay-2",), cars=cars)).stays("bay-2", 0, 3 * 86400):
        if stay.vehicle.kind in steps and stay.depart_s - stay.parked_s > 1800:
            x, _, _ = street.magnetics.changes_over("bay-2", np.arange(stay.parked_s + 60, stay.depart_s - 30))
            steps[stay.vehicle.kind] += float(np.count_nonzero(np.abs(np.diff(x)) > 0.05))
    assert steps[Kind.ELECTRIC] > 20
    assert steps[Kind.CAR] == 0
