"""The temperature in the surface of the street: a daily wave, and clouds. A pure function of the seed and the time."""

from math import pi

from simulators.chance import key_of, unit
from simulators.plan import Weather
from simulators.quantity import Q, sine, whole

_DAY_S = 86400.0
_COLDEST_H = 5.0
_CLOUD_S = 600.0


class Temperature:
    def __init__(self, seed: int, weather: Weather) -> None:
        self._weather = weather
        self._key = key_of(seed, "clouds")
        self._at_zero_c = self.at(0.0)

    def at(self, t: Q) -> Q:
        """°C"""
        weather = self._weather
        hours = weather.begins_at_h - _COLDEST_H + t / 3600.0
        daily = -weather.daily_swing_c / 2 * sine(2 * pi * (hours + 6.0) / 24.0)
        return weather.mean_c + daily + weather.clouds_c * self._cloud(t)

    def warmer(self, t: Q) -> Q:
        """Than at zero."""
        return self.at(t) - self._at_zero_c

    def _cloud(self, t: Q) -> Q:
        """From -1 to 1, smooth: a random height every ten minutes, and a cubic between them."""
        index = t // _CLOUD_S
        count = whole(index)
        share = t / _CLOUD_S - index
        smooth = share * share * (3.0 - 2.0 * share)
        one, other = unit(self._key, count), unit(self._key, count + 1)
        return 2.0 * (one + (other - one) * smooth) - 1.0
