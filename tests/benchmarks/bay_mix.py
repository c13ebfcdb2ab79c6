"""Which bay-days a detector is measured on: the shares of everything that makes one differ from another, drawn from a seed.

Each is the middle one of three bays of 2.5 to 3 m, empty at its begin, at midnight. The drift is 1 to 3 µT/°C on the worst axis,
always. Shares:

    reports    1 Hz 65 %, every 10 s 15 %, every 10 minutes and on change 15 %, 10 Hz 5 % (three hours from nine o'clock each)
    values     three axes and temperature
    loss       10 % for 60 %, 5 % for 15 %, 2.6 % for 15 %, 17 % for 10 %; a silence of 0.5 to 3.6 h every seventh day
    sensors    a fault every hundredth day: tampered, re-seated, frozen, saturated or flooded; six chips
    hum        none 75 %, 0.1 to 0.8 µT 20 %, 0.8 to 2 µT 5 %
    vehicles   of 8 / 28 / 83 µT, 0.7 % of them below 3; 0.2 % hidden, 0.5 % parked badly, 0.5 % motorcycles; one departure in eight is
               a swap; shuffling every ten hours parked; 4 drive-overs an empty hour, 8 buses an hour that do not stop; a charger at one
               bay in twenty
    stays      Melbourne's

The wide mix is for what the usual one leaves out: two axes, one, or their norm, level only, decided by the device, each a fifth of
it; 1 Hz and 10 s by turns, irregular, 20 Hz, 11.6 Hz with 1.3 to 5.8 µT of hum; 1 % hidden cars, 6 % bad parkers, and one bus in fifty
stops for 5 to 20 s beside the bay.

The usual mix is 63,000 readings a bay-day: with a detector of 15 µs a reading, 2,000 bay-days are 32 minutes of it on one core, and
about as much again for the street and the readings. 2,000 bay-days count real time: three hours at 10 Hz are an eighth of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

from simulators.bay_day import BayDay, TraceStreet
from simulators.fleet import Fleet
from simulators.plan import Cars, Plan, Span, Weather
from simulators.sampling import Form, Sampling
from simulators.sensing import Chip, Sensing

T = TypeVar("T")
BAYS = ("bay-1", "bay-2", "bay-3")
WATCHED = BAYS[1]
_DAY_S, _FAST_S = 86400.0, 3 * 3600.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One bay-day to be simulated."""

    seed: int
    begins_at_h: float
    lasts_s: float
    sensing: Sensing
    sampling: Sampling
    cars: Cars
    weather: Weather

    def day(self) -> BayDay:
        """The middle bay's."""
        return self.days((WATCHED,))[0]

    def days(self, bays: Sequence[str] = BAYS) -> list[BayDay]:
        """Those of the street's bays that have a sensor."""
        street = TraceStreet(self.seed, Plan(bays=BAYS, cars=self.cars), self.weather, self.sensing)
        return [street.day(bay, bay, (0.0, self.lasts_s), self.sampling) for bay in bays]


def _street(fleet: Fleet, bus_stop_share: float) -> Cars:
    return Cars(
        stay="melbourne",
        gap="melbourne",
        occupied_at_start=0,
        first_move_s=300,
        arrival=Span(typical_s=4.5, spread=0.65, shortest_s=0.8),
        departure=Span(typical_s=2.25, spread=0.79, spread_below=0.98, shortest_s=0.25),
        drive_over=Span(typical_s=2.4, spread=0.29, shortest_s=0.8),
        slowest_move_s=30,
        calm_s=0,
        drive_overs_per_h=4,
        buses_per_h=8,
        fleet=fleet,
        bay_width_m=2.5,
        swap_share=0.125,
        shuffles_per_h=0.1,
        bus_stop_share=bus_stop_share,
    )


class Mix(StrEnum):
    USUAL = "usual"
    WIDE = "wide"


def drawn(seed: int, mix: Mix = Mix.USUAL) -> Drawn:
    random = Random(f"bay-day/{mix}/{seed}")
    reports = _one_of(random, _REPORTS[mix])
    fast = reports.every_s < 0.5
    hum_ut = random.uniform(*_one_of(random, _HUM))
    if reports.every_s == _ALIASED_S:
        hum_ut = random.uniform(1.3, 5.8)
    form = _one_of(random, _FORMS[mix])
    sampling = reports.model_copy(update={"form": form, "loss": _one_of(random, _LOSS), "silences_per_day": 1 / 7, "wake_ut": 10.0})
    sensing = Sensing(
        chip=_one_of(random, _CHIPS),
        lag_s=random.uniform(0.0, 300.0),
        curve_ut_per_c2=0.01,
        turned_deg=180,
        hum_ut=hum_ut,
        spikes_per_h=random.choice((0.0, 0.0, 0.3, 1.0)),
        faults_per_day=0.01,
    )
    weather = Weather(
        mean_c=random.uniform(8.0, 28.0),
        daily_swing_c=random.uniform(6.0, 16.0),
        clouds_c=random.uniform(0.3, 1.5),
        begins_at_h=9.0 if fast else 0.0,
        sun_c=random.uniform(0.0, 8.0),
    )
    site = {
        "heading_deg": random.uniform(0.0, 359.0),
        "charger_share": float(random.random() < 0.05),
        "bay_width_m": random.uniform(2.5, 3.0),
    }
    cars = STREET[mix].model_copy(update=site)
    return Drawn(seed, weather.begins_at_h, _FAST_S if fast else _DAY_S, sensing, sampling, cars, weather)


def rhythms(mix: Mix) -> tuple[float, ...]:
    """Each how many seconds its sensors are read."""
    return tuple(dict.fromkeys(reports.every_s for reports, _ in _REPORTS[mix]))


_FLEETS = {
    Mix.USUAL: Fleet(hidden_share=0.002, careless_share=0.005, motorcycles=0.005),
    Mix.WIDE: Fleet(hidden_share=0.01, careless_share=0.06, motorcycles=0.02),
}
STREET = {Mix.USUAL: _street(_FLEETS[Mix.USUAL], 0.0), Mix.WIDE: _street(_FLEETS[Mix.WIDE], 0.02)}
_ALIASED_S = 1 / 11.64
_REPORTS = {
    Mix.USUAL: (
        (Sampling(every_s=1.0), 65),
        (Sampling(every_s=10.0), 15),
        (Sampling(every_s=600.0, on_change_ut=3.0), 15),
        (Sampling(every_s=0.1), 5),
    ),
    Mix.WIDE: (
        (Sampling(every_s=1.0), 40),
        (Sampling(every_s=1.0, then_every_s=10.0), 20),
        (Sampling(every_s=2.0, irregular=True), 20),
        (Sampling(every_s=_ALIASED_S), 10),
        (Sampling(every_s=0.05), 10),
    ),
}
_FORMS = {
    Mix.USUAL: ((Form.XYZ, 1),),
    Mix.WIDE: ((Form.XYZ, 1), (Form.XY, 2), (Form.X, 2), (Form.SCALAR, 2), (Form.LEVEL, 2), (Form.DECISION, 2)),
}
_LOSS = ((0.10, 60), (0.05, 15), (0.026, 15), (0.17, 10))
_HUM = (((0.0, 0.0), 75), ((0.1, 0.8), 20), ((0.8, 2.0), 5))
_CHIPS = ((Chip.DEPLOYED, 50), (Chip.QMC5883L, 15), (Chip.LIS3MDL, 10), (Chip.LIS2MDL, 5), (Chip.MMC5983MA, 10), (Chip.RM3100, 10))


def _one_of(random: Random, choices: Sequence[tuple[T, int]]) -> T:
    return random.choices([each for each, _ in choices], [weight for _, weight in choices])[0]
