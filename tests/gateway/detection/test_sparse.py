"""A bay whose samples are ten seconds to ten minutes apart: what may have happened between two of them is weighed, not guessed."""

from collections.abc import Iterable
from math import exp, pi
from random import Random

import pytest

from config.site import BayDetection
from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind
from gateway.detection.explaining import posterior
from gateway.detection.kept_bay import KeptBay
from gateway.detection.phase import Phase
from gateway.detection.vehicle_prior import log_density

EMPTY = (30.0, -5.0, 35.0)
CAR, OTHER = (18.0, -9.0, 12.0), (-14.0, 16.0, -16.0)
NOTHING = (0.0, 0.0, 0.0)
Felt = tuple[float, float, float]


def fields(felt: Iterable[tuple[float, Felt]], *, wobble: float = 0.2) -> list[Reading]:
    """`felt` beside the empty bay, with a little noise that is always the same."""
    readings = []
    for number, (t, (x, y, z)) in enumerate(felt):
        off = wobble * ((number * 7) % 5 - 2) / 2
        readings.append(
            Reading(device="d", t=t, x_ut=EMPTY[0] + x + off, y_ut=EMPTY[1] + y - off, z_ut=EMPTY[2] + z + off, temperature_c=15.0)
        )
    return readings


def heard(machine: BayMachine, readings: Iterable[Reading], until_s: float | None = None) -> list[BayChange]:
    """All that it tells of them, and of the time until then."""
    changes: list[BayChange] = []
    for reading in readings:
        while (due := machine.deadline()) is not None and due < reading.t:
            changes += machine.tick(due)
        changes += machine.feed(reading, reading.t)
    while until_s is not None and (due := machine.deadline()) is not None and due <= until_s:
        changes += machine.tick(due)
    return changes


def told(readings: Iterable[Reading], machine: BayMachine | None = None, until_s: float | None = None) -> list[BayChange]:
    changes = heard(machine or BayMachine("b", BayDetection(), now=0.0), readings, until_s)
    return [change for change in changes if change.kind in (Kind.PARK_START, Kind.PARK_END, Kind.CORRECTION)]


def every(seconds: float, *spans: tuple[float, Felt]) -> list[tuple[float, Felt]]:
    """Samples from zero on; each span lasts until its moment."""
    samples, t = [], 0.0
    for until_s, felt in spans:
        while t < until_s:
            samples.append((t, felt))
            t += seconds
    return samples


@pytest.mark.parametrize("apart_s", [10.0, 60.0, 600.0])
def test_a_stay_is_told_with_the_samples_that_enclose_its_begin_and_end(apart_s: float) -> None:
    samples = every(apart_s, (20 * apart_s, NOTHING), (40 * apart_s, CAR), (50 * apart_s, NOTHING))
    start, end = told(fields(samples))
    assert (start.kind, end.kind) == (Kind.PARK_START, Kind.PARK_END)
    assert (start.earliest_s, start.latest_s) == (19 * apart_s, 20 * apart_s)
    assert (end.earliest_s, end.latest_s) == (39 * apart_s, 40 * apart_s)
    assert start.onset_s == 20 * apart_s, "billed from the later bound"
    assert 39 * apart_s <= end.onset_s < 39 * apart_s + 1, "and to the earlier one"


@pytest.mark.parametrize("apart_s", [10.0, 600.0])
def test_one_sample_of_something_that_passes_is_no_stay(apart_s: float) -> None:
    samples = [*every(apart_s, (20 * apart_s, NOTHING)), (20 * apart_s, CAR), *[(n * apart_s, NOTHING) for n in range(21, 40)]]
    assert told(fields(samples)) == []


def test_a_vehicle_that_took_the_place_of_another_between_two_samples_is_another_stay() -> None:
    samples = every(600.0, (12000.0, NOTHING), (20400.0, CAR), (30000.0, OTHER), (34200.0, NOTHING))
    assert [change.kind for change in told(fields(samples))] == [Kind.PARK_START, Kind.PARK_END] * 2


def test_a_small_step_beside_the_bay_is_no_vehicle_and_its_end_is_no_departure() -> None:
    step = (1.5, 1.0, -1.5)
    samples = every(60.0, (2400.0, NOTHING), (4800.0, step), (7200.0, NOTHING), (9000.0, CAR), (12000.0, NOTHING))
    assert [change.kind for change in told(fields(samples))] == [Kind.PARK_START, Kind.PARK_END]


def test_drift_while_a_vehicle_stands_there_does_not_hide_that_it_leaves() -> None:
    """Half a µT each ten minutes for five hours, without a thermometer that would explain it."""
    readings = [
        Reading(device="d", t=t, x_ut=EMPTY[0] + x + t / 1200, y_ut=EMPTY[1] + y, z_ut=EMPTY[2] + z)
        for t, (x, y, z) in every(600.0, (9000.0, NOTHING), (27000.0, CAR), (33000.0, NOTHING))
    ]
    start, end = told(readings)
    assert (start.latest_s, end.latest_s) == (9000.0, 27000.0)


def test_a_detector_that_was_put_into_service_below_a_vehicle_finds_out_what_the_empty_bay_is() -> None:
    """What it takes for an empty bay never comes back, and what it takes for a vehicle is always the same."""
    spans = [(3000.0, CAR)]
    for number in range(1, 7):
        vehicle = (10.0 + 7 * number, -20.0 + 5 * number, 9.0 - 6 * number)
        spans += [(6000.0 * number, NOTHING), (6000.0 * number + 3000.0, vehicle)]
    late = [change for change in told(fields(every(600.0, *spans, (42000.0, NOTHING)))) if change.onset_s > 9600]
    assert [change.kind for change in late] == [Kind.PARK_START, Kind.PARK_END] * 5
    assert [change.latest_s for change in late] == [3000.0 * number for number in range(4, 14)]


def test_what_is_possible_is_explained_with_its_probability() -> None:
    machine = BayMachine("b", BayDetection(), now=0.0)
    told(fields(every(600.0, (12000.0, NOTHING), (12300.0, CAR))), machine)
    shares = dict(posterior(machine))
    assert 0.1 < shares[Phase.ENTERING] < 0.99, "one sample is not enough"
    assert sum(shares.values()) == pytest.approx(1.0)
    assert machine.phase is Phase.ENTERING


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_small_departures_are_improbable_vehicles_and_usual_ones_are_not(axes: int) -> None:
    def within(step: int) -> float:
        """The probability of the shell from step to step + 1, each of 0.05 µT."""
        size = 0.05 * step
        around = 2.0 if axes == 1 else 2.0 * pi * size if axes == 2 else 4.0 * pi * size * size
        return exp(log_density(size * size, axes, 1.0)) * around * 0.05

    assert sum(map(within, range(1, 20000))) == pytest.approx(1.0, abs=0.03), "a density"
    if axes == 3:
        assert sum(map(within, range(1, 60))) < 0.01, "of below 3 µT"


def test_samples_a_day_apart_are_judged_like_any_others() -> None:
    samples = every(86400.0, (20 * 86400.0, NOTHING), (30 * 86400.0, CAR), (40 * 86400.0, NOTHING))
    machine = BayMachine("b", BayDetection(), now=0.0, interval_s=86400.0)
    assert [change.kind for change in told(fields(samples), machine)] == [Kind.PARK_START, Kind.PARK_END]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_learned_of_a_vehicle_as_it_settles_is_not_taken_for_drift_of_the_empty_bay(seed: int) -> None:
    """It was, and after it had left an arrival was told that never was: the empty bay was believed to look otherwise, and surely so."""
    random = Random(seed)

    def noisy(felt: Felt) -> Felt:
        x, y, z = felt
        return x + random.gauss(0.0, 0.4), y + random.gauss(0.0, 0.4), z + random.gauss(0.0, 0.4)

    car = (10.0, -5.0, 6.0)
    samples = every(8.0, (800.0, NOTHING), (1200.0, car), (3200.0, NOTHING), (3600.0, car), (6000.0, NOTHING))
    changes = told(fields([(t, noisy(felt)) for t, felt in samples], wobble=0.0))
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END] * 2


def noisy(felt: Iterable[tuple[float, Felt]], seed: int) -> list[Reading]:
    random = Random(seed)
    readings = []
    for t, there in felt:
        x, y, z = (empty + each + random.gauss(0.0, 0.4) for empty, each in zip(EMPTY, there, strict=True))
        readings.append(Reading(device="d", t=t, x_ut=x, y_ut=y, z_ut=z, temperature_c=15.0))
    return readings


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("silent", [False, True])
def test_a_car_that_stood_for_long_is_no_empty_bay_behind_a_restart_or_a_silence(seed: int, *, silent: bool) -> None:
    """The shared baseline wanders while a vehicle stands there; only the account knew by how much, and it was dropped."""
    readings = noisy(every(7.3, (200, NOTHING), (3000, CAR), (3400, NOTHING)), seed)
    before = [reading for reading in readings if reading.t < 2800]
    behind = [reading for reading in readings if reading.t > (2950 if silent else 2830)]
    machine = BayMachine("b", BayDetection(), now=0.0, interval_s=7.3)
    changes = told(before, machine)
    if not silent:
        again = BayMachine("b", BayDetection(), now=2830.0, interval_s=7.3)
        again.restore(KeptBay.from_text(machine.kept().as_text(), 0.0))
        machine = again
    changes += told(behind, machine)
    assert [change.kind for change in changes] == [Kind.PARK_START, Kind.PARK_END]


def test_another_and_weaker_vehicle_behind_a_restart_is_no_drift_of_the_empty_bay() -> None:
    """It is within a third of what stood there before, and yet far beyond all that drift is known to do in five minutes."""
    strong, weak = (-3.0, 1.0, 34.2), (-14.3, -2.0, 0.9)
    before = BayMachine("b", BayDetection(), now=0.0, interval_s=8.0)
    told(fields(every(8.0, (1600.0, NOTHING), (1760.0, strong))), before)
    after = BayMachine("b", BayDetection(), now=2060.0, interval_s=8.0)
    after.restore(KeptBay.from_text(before.kept().as_text(), 0.0))
    later = [(2060.0 + t, felt) for t, felt in every(8.0, (400.0, weak), (600.0, NOTHING))]
    end, start, left = told(fields(later), after)
    assert [end.kind, start.kind, left.kind] == [Kind.PARK_END, Kind.PARK_START, Kind.PARK_END]
    assert left.onset_s == pytest.approx(2456.0, abs=8.1)
