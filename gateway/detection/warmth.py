"""How warm the sensor is, for its baseline: the thermometer's value, smoothed, and how far the sensor's inside lags behind it.

    warmer    the temperature against the one at which the baseline began, °C; smoothed over seconds, for thermometers step by 0.1
    leads     the temperature against its own mean over minutes, °C: what the sensor has not followed yet

A sensor in the ground warms later than the thermometer on its board, or earlier. Two terms, one for each, fit any lag of minutes.
"""

_SMOOTH_S = 15.0
_LAG_S = 180.0
_MOST_C = 200.0
"""No thermometer at a kerb reads more, up or down: it is broken, and one such value would stay in every mean."""


class Warmth:
    __slots__ = ("_at_s", "_slow_c", "now_c")

    def __init__(self) -> None:
        self.now_c: float | None = None
        self._slow_c = 0.0
        self._at_s = 0.0

    def feed(self, t: float, temperature_c: float) -> None:
        if not -_MOST_C <= temperature_c <= _MOST_C:
            return
        passed, self._at_s = t - self._at_s, t
        now = self.now_c
        if now is None:
            self.now_c = self._slow_c = temperature_c
            return
        self.now_c = now = now + (temperature_c - now) * passed / (passed + _SMOOTH_S)
        self._slow_c += (now - self._slow_c) * passed / (passed + _LAG_S)

    @property
    def leads_c(self) -> float:
        return 0.0 if self.now_c is None else self.now_c - self._slow_c

    def resume(self, temperature_c: float | None) -> None:
        self.now_c = temperature_c
        self._slow_c = temperature_c or 0.0
