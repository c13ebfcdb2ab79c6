"""What is known of one axis of an empty bay: three states of a Kalman filter and the six entries of their covariance.

In the sensor's unit and its square. `w` and `d` are how warm it is and how far the sensor is behind that (`warmth.py`). The steps of the
filter give plain tuples, which take a tenth of the time to make: they are packed into an array at once (`baseline.py`).
"""

from typing import NamedTuple

Numbers = tuple[float, float, float, float, float, float, float, float, float, float]

WALK_PER_S = 1e-4
"""Variance that the level gains in a second, in variances of one sample: a time constant of about two minutes at one a second."""
_SLOPE_WALK_PER_S = 2e-8
_RESTLESS_MAX = 300.0
_SURPRISE_MAX = 9.0


class AxisBaseline(NamedTuple):
    level: float
    slope: float
    lag: float
    ll: float
    ss: float
    gg: float
    ls: float = 0.0
    lg: float = 0.0
    sg: float = 0.0
    restless: float = 1.0
    """By how much the level wanders more than a good sensor's."""

    def moved(self, by: float) -> "AxisBaseline":
        return self._replace(level=self.level + by)


def variance(axis: Numbers, w: float, d: float) -> float:
    """Of what is expected."""
    _, _, _, ll, ss, gg, ls, lg, sg, _ = axis
    total = ll + w * w * ss + d * d * gg + 2.0 * (w * ls + d * lg + w * d * sg)
    return total if total > 0.0 else 0.0


def drifted(axis: Numbers, w: float, d: float, passed_s: float, sigma: float) -> float:
    """By how much the expectation may have gone wrong while it became warmer by `w` and `d`: a variance."""
    _, _, _, _, ss, gg, _, _, sg, restless = axis
    total = w * w * ss + d * d * gg + 2.0 * w * d * sg
    return (total if total > 0.0 else 0.0) + WALK_PER_S * restless * sigma * sigma * passed_s


def waited(axis: Numbers, passed_s: float, noise_variance: float, slope_prior: float) -> Numbers:
    """Time passed: what is known grows old."""
    level, slope, lag, ll, ss, gg, ls, lg, sg, restless = axis
    most = slope_prior * slope_prior
    ll += WALK_PER_S * restless * noise_variance * passed_s
    walked = _SLOPE_WALK_PER_S * most * passed_s
    ss, gg = ss + walked, gg + walked
    return level, slope, lag, ll, ss if ss < most else most, gg if gg < most else most, ls, lg, sg, restless


def doubted(axis: Numbers, residual: float) -> Numbers:
    """It is known to be empty and yet so far off: the level is less certain than it was thought to be."""
    level, slope, lag, ll, ss, gg, ls, lg, sg, restless = axis
    return level, slope, lag, ll + residual * residual, ss, gg, ls, lg, sg, restless


def learned(axis: Numbers, residual: float, w: float, d: float, noise_variance: float, least_ll: float) -> Numbers:
    """`residual`: measured minus expected. The level's variance stays above `least_ll`."""
    level, slope, lag, ll, ss, gg, ls, lg, sg, restless = axis
    of_level, of_slope, of_lag = ll + w * ls + d * lg, ls + w * ss + d * sg, lg + w * sg + d * gg
    total = of_level + w * of_slope + d * of_lag + noise_variance
    gain, surprise, sure = residual / total, residual * residual / total, ll - of_level * of_level / total
    restless *= 1.0 + 0.05 * ((surprise if surprise < _SURPRISE_MAX else _SURPRISE_MAX) - 1.0)
    return (
        level + of_level * gain,
        slope + of_slope * gain,
        lag + of_lag * gain,
        sure if sure > least_ll else least_ll,
        ss - of_slope * of_slope / total,
        gg - of_lag * of_lag / total,
        ls - of_level * of_slope / total,
        lg - of_level * of_lag / total,
        sg - of_slope * of_lag / total,
        0.5 if restless < 0.5 else restless if restless < _RESTLESS_MAX else _RESTLESS_MAX,
    )
