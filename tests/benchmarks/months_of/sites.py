"""Nine bays as a city deploys them, by what is known of such nodes: how they are used, how they drift, how they lose packets.

used      1.0 to 4.8 stays a bay-day; medians of 5 to 7 min (forbidden area), about an hour (normal), 2.4 to 6.5 h (chargers, office)
sensor    hard iron that makes |B| 62 to 160 µT, 0.2 to 0.4 µT of noise in counts of 0.1, drift of -1.8 to +3.5 µT/°C, a thermometer
          of 0.1 or of whole degrees that leads or lags what drifts
line      2.6 to 17 % of the packets lost, silences of 0.5 to 3.6 h, one bay that is off for more than a day
trouble   one charger that switches fields of tens of counts 128 times a day; one node that is re-seated; two bays that a vehicle
          stands in when the rows begin, one of them for days
"""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Use(StrEnum):
    NORMAL = "normal"
    FORBIDDEN = "forbidden"
    CHARGER = "charger"
    OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaySite:
    name: str
    use: Use
    stays_a_day: float
    stay_median_s: float
    stay_spread: float
    regulars: int
    """Vehicles that come again and again; strangers come as well."""
    for_days: float
    """Share of stays that last for days."""
    occupied_for_s: float | None
    """A vehicle stands there when the rows begin, for so long."""
    drift_ut_per_c: tuple[float, float, float]
    curve_ut_per_c2: float
    inside_lag_s: float
    """Of what drifts, behind the street."""
    thermometer_lag_s: float
    thermometer_step_c: float
    sun_c: float
    loss: float
    silences_per_day: float
    silence_s: float
    off_for_s: float | None
    """Once, in the middle."""
    disturbed_per_day: float
    """How often a charger switches what is felt."""
    reseated: bool
    noise_ut: float


def sites(seed: int) -> list[BaySite]:
    """Use and trouble are those above, always; the figures within their ranges are drawn."""
    kinds = [Use.NORMAL] * 2 + [Use.CHARGER] * 3 + [Use.FORBIDDEN] * 2 + [Use.OFFICE] * 2
    return [_site(Random(f"{seed}/site/{number}"), number, use) for number, use in enumerate(kinds)]


_USED = {
    Use.NORMAL: ((2.5, 4.8), (3360.0, 3600.0), 1.1, 0, 0.01),
    Use.CHARGER: ((1.2, 2.5), (8520.0, 16000.0), 0.8, 3, 0.03),
    Use.FORBIDDEN: ((1.5, 4.8), (300.0, 420.0), 1.2, 0, 0.002),
    Use.OFFICE: ((1.0, 1.8), (14000.0, 23400.0), 0.7, 4, 0.05),
}
_DISTURBED, _RESEATED, _OFF, _FOR_DAYS, _FOR_HOURS = 3, 1, 7, 8, 2


def _site(random: Random, number: int, use: Use) -> BaySite:
    stays, median, spread, regulars, for_days = _USED[use]
    z_drift = random.uniform(0.4, 3.5)
    return BaySite(
        name=f"{use}-{number + 1}",
        use=use,
        stays_a_day=random.uniform(*stays),
        stay_median_s=random.uniform(*median),
        stay_spread=spread,
        regulars=regulars,
        for_days=for_days,
        occupied_for_s={_FOR_DAYS: 3.3 * 86400.0, _FOR_HOURS: 5 * 3600.0}.get(number),
        drift_ut_per_c=(random.uniform(-1.8, -1.1), random.uniform(-0.1, 1.0), z_drift),
        curve_ut_per_c2=random.uniform(-0.01, 0.01),
        inside_lag_s=random.uniform(300.0, 2400.0),
        thermometer_lag_s=random.uniform(120.0, 1800.0),
        thermometer_step_c=random.choice((0.1, 0.1, 1.0)),
        sun_c=random.uniform(2.0, 14.0),
        loss=random.choice((0.026, 0.05, 0.08, 0.12, 0.17)),
        silences_per_day=0.2,
        silence_s=random.uniform(1800.0, 6000.0),
        off_for_s=1.4 * 86400.0 if number == _OFF else None,
        disturbed_per_day=128.0 if number == _DISTURBED else 0.0,
        reseated=number == _RESEATED,
        noise_ut=random.uniform(0.2, 0.4),
    )
