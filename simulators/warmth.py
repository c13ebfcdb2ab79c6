"""How warm a detector is: the street's temperature, the sun where it reaches this bay, and the shade of the car that stands over it.

    warmth = street + sun_c * height of the sun * lit(bay) * (1 - shaded)

A bay is lit between two hours of its own (houses, trees). Under a car a detector cools towards the shade with a time constant of
twenty minutes, so by 1 to 3 °C in ten minutes, and warms up again as slowly. A pure function of the seed, the street and the time.
"""

from math import pi
from random import Random

from simulators.plan import Weather
from simulators.quantity import Floats, Q, above, decay, sine
from simulators.street import Street
from simulators.traffic import Stay
from simulators.weather import Temperature

_COOLS_S = 1200.0
_REMEMBERS_S = 8 * _COOLS_S
_EDGE_H = 0.25
"""The edge of a shadow takes half an hour to pass and to be felt."""


class Warmth:
    def __init__(self, street: Street, weather: Weather) -> None:
        self.temperature = Temperature(street.seed, weather)
        self._street = street
        self._weather = weather
        self._lit = {bay: _lit(street.seed, bay) for bay in street.plan.bays}
        self._at_zero_c = {bay: self.at(bay, 0.0) for bay in street.plan.bays}

    def at(self, bay: str, t: float) -> float:
        """°C"""
        street_c = self.temperature.at(t)
        if not self._weather.sun_c:
            return street_c
        stays = self._street.stays(bay, t - _REMEMBERS_S, t)
        return street_c + self._sun(bay, t) * (1.0 - sum(_shade(stay, t) for stay in stays if t < stay.gone_s + _REMEMBERS_S))

    def over(self, bay: str, times: Floats) -> Floats:
        """The same for moments in order."""
        street_c = self.temperature.at(times)
        if not self._weather.sun_c:
            return street_c
        shaded = 0.0 * times
        for stay in self._street.stays(bay, times[0] - _REMEMBERS_S, times[-1]):
            first, last = times.searchsorted((stay.parked_s, stay.gone_s + _REMEMBERS_S))
            shaded[first:last] += _shade(stay, times[first:last])
        return street_c + self._sun(bay, times) * (1.0 - shaded)

    def at_zero(self, bay: str) -> float:
        return self._at_zero_c[bay]

    def _sun(self, bay: str, t: Q) -> Q:
        hour = (self._weather.begins_at_h + t / 3600.0) % 24.0
        rises, sets = self._lit[bay]
        edges = _smooth((hour - rises) / _EDGE_H) * _smooth((sets - hour) / _EDGE_H)
        return self._weather.sun_c * above(sine(2 * pi * (hour - 6.0) / 24.0)) * edges


def _shade(stay: Stay, t: Q) -> Q:
    """Share of the sun's warmth that this car takes."""
    return decay((t - stay.gone_s) / _COOLS_S) - decay((t - stay.parked_s) / _COOLS_S)


def _smooth(x: Q) -> Q:
    """0 below -1, 1 above 1, and a cubic between."""
    kept = 0.5 * (above(x + 1.0) - above(x - 1.0))
    return kept * kept * (3.0 - 2.0 * kept)


def _lit(seed: int, bay: str) -> tuple[float, float]:
    random = Random(f"{seed}/lit/{bay}")
    return random.uniform(7.0, 11.0), random.uniform(13.0, 17.5)
