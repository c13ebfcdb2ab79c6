"""What moves the field of a bay again and again and is no vehicle: a charger that switches. Along which line it does so is learned.

Its source stands still, so the field moves along one line, by any share of its strength, and more often than vehicles come and go;
those move it every way. While that is known, and for days after, the field is judged without what lies along that line: what a vehicle
does across it is left, most of its field. Deployed chargers switched 128 times a day.
"""

from array import array
from math import exp, inf, sqrt

from gateway.detection.conditioning import Vector, minus

_STEP = 35.0
"""Squared sigmas: a sample so far from the one before is a step."""
_UP, _DOWN = 1.02, 0.92
"""Balanced where a fifth is below."""
_FIFTH = 2.0
"""The fifth of what two samples of three axes differ by, squared, in variances of one."""
_LEAST_QUIET = 0.05
"""Of the noise as it seems."""
_APART_S = 60.0
"""What follows sooner is the same step, or its end."""
_HOURS_S = 2 * 3600.0
_OFTEN_PER_H = 1.5
_ALTERNATES, _TWICE = 0.75, 2.0
"""One vehicle that comes and goes alternates between two levels, and hardly ever so often; a charger has more of them, or switches more."""
_BACK = 0.25
"""Of a step: so near to where it stood before, the field has come back."""
_REMEMBERS_S = 7 * 86400.0
_KNOWN, _FORGOTTEN = 0.3, 0.05
_GAIN, _FINE_GAIN = 0.1, 0.03
_ALIKE = 0.9
"""Share of all steps, by direction, that lies along the one line; of vehicles it is about a half."""
_ON_IT = 0.95
"""Cosine: a step that lies so near to the line tells more of it."""
_TURNED = 0.999
"""Cosine: a line that has turned by more is drawn anew; so much of what lies along it would be left."""
_STEPS = 0.65
"""1 - 0.9^10."""

_NO_WAYS = array("d", (0.0,) * 6)
"""xx yy zz xy xz yz. No such square is ever changed: another takes its place."""


class Jumps:
    __slots__ = ("_alternates", "_before", "_fifth", "_fine", "_levels", "_per_s", "_step_s", "_storms", "_t", "_ways", "line")

    def __init__(self) -> None:
        self.line: Vector | None = None
        """Of length one; None where nothing moves the field so."""
        self._storms = 0.0
        self._ways = self._fine = _NO_WAYS
        """The mean direction of the steps, as a square; and of those that lie near to the line."""
        self._before: Vector | None = None
        self._levels: tuple[Vector, ...] = ()
        self._alternates = 1.0
        self._per_s = self._fifth = 0.0
        self._t = self._step_s = 0.0

    def feed(self, z: Vector, noise: Vector, drift: Vector, t: float, *, rare: bool) -> None:
        """`noise`: of one sample as it seems to be, with what switches in it; `drift` since the last: variances. `rare`: minutes apart;
        else a storm is no majority of them, and what is less than the noise is none."""
        before, passed = self._before, max(t - self._t, 0.0)
        self._before, self._t = z, t
        if before is None:
            return
        x, y, w = minus(z, before)
        quiet = self._follow_quiet(x * x + y * y + w * w) if rare else inf
        self._per_s *= exp(-passed / _HOURS_S)
        self._storms *= exp(-passed / _REMEMBERS_S)
        if self._storms < _FORGOTTEN:
            self.line = None
        if not _is_step((x, y, w), noise, drift, quiet):
            return
        size = sqrt(x * x + y * y + w * w)
        if t - self._step_s >= _APART_S:
            self._per_s += 1.0 / _HOURS_S
            self._follow_levels(before, size)
        self._step_s = t
        way = (x / size, y / size, w / size)
        self._ways = _followed(self._ways, way, _GAIN)
        if self.line is not None and abs(_along(way, self.line)) > _ON_IT:
            self._fine = _followed(self._fine, way, _FINE_GAIN)
        often = 3600.0 * self._per_s / (_OFTEN_PER_H * (_TWICE if self._alternates > _ALTERNATES else 1.0))
        if often > 1.0 and _along_one_line(self._ways) > _ALIKE:
            self._storms = max(self._storms, 1.0 - 1.0 / often)
            if self._storms > _KNOWN:
                if self.line is None:
                    self._fine = self._ways
                self._draw(_longest(self._fine))

    def _follow_quiet(self, square: float) -> float:
        """The variance of one sample while nothing switches: in a storm most differences are steps, but not four in five."""
        fifth = self._fifth
        self._fifth = fifth * (_UP if square > fifth else _DOWN) if fifth else square
        return self._fifth / _FIFTH

    def _follow_levels(self, left: Vector, size: float) -> None:
        """`left`: the level at which it stood until now."""
        last, self._levels = self._levels, (*self._levels[-1:], left)
        if len(last) == 2:
            x, y, z = minus(left, last[0])
            back = x * x + y * y + z * z < (_BACK * size) ** 2
            self._alternates += _GAIN * (back - self._alternates)

    @property
    def often(self) -> bool:
        """Whether the field is moved more often than vehicles do it, by something of which nothing more is known."""
        return self.line is None and 3600.0 * self._per_s > _OFTEN_PER_H

    def without(self, v: Vector) -> Vector:
        """What of it lies across the line."""
        if self.line is None:
            return v
        a, b, c = self.line
        along = _along(v, self.line)
        return v[0] - along * a, v[1] - along * b, v[2] - along * c

    def shift(self, by: Vector) -> None:
        """The baseline has moved by so much."""
        if self._before is not None:
            self._before = minus(self._before, by)
            self._levels = tuple(minus(each, by) for each in self._levels)

    def _draw(self, line: Vector) -> None:
        was = self.line
        if was is None or abs(_along(was, line)) < _TURNED:
            self.line = line


def _is_step(by: Vector, noise: Vector, drift: Vector, quiet: float) -> bool:
    square = 0.0
    for each, seems, drifts in zip(by, noise, drift, strict=True):
        square += each * each / (2.0 * min(seems, max(quiet, _LEAST_QUIET * seems)) + drifts)
    return square >= _STEP


def _along(v: Vector, line: Vector) -> float:
    return v[0] * line[0] + v[1] * line[1] + v[2] * line[2]


def _followed(mean: "array[float]", way: Vector, gain: float) -> "array[float]":
    x, y, z = way
    xx, yy, zz, xy, xz, yz = mean
    followed = (
        xx + gain * (x * x - xx),
        yy + gain * (y * y - yy),
        zz + gain * (z * z - zz),
        xy + gain * (x * y - xy),
        xz + gain * (x * z - xz),
        yz + gain * (y * z - yz),
    )
    return array("d", followed)


def _times(m: "array[float]", v: Vector) -> Vector:
    xx, yy, zz, xy, xz, yz = m
    x, y, z = v
    return xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z


def _longest(ways: "array[float]") -> Vector:
    """The direction that most of it lies along."""
    line = (1.0, 0.0, 0.0) if ways[0] >= max(ways[1], ways[2]) else (0.0, 1.0, 0.0) if ways[1] >= ways[2] else (0.0, 0.0, 1.0)
    for _ in range(8):
        x, y, z = _times(ways, line)
        size = sqrt(x * x + y * y + z * z)
        line = (x / size, y / size, z / size)
    return line


def _along_one_line(ways: "array[float]") -> float:
    """The share along the longest direction; zero while there were too few."""
    trace = ways[0] + ways[1] + ways[2]
    if trace < _STEPS:
        return 0.0
    line = _longest(ways)
    x, y, z = _times(ways, line)
    return (x * line[0] + y * line[1] + z * line[2]) / trace
