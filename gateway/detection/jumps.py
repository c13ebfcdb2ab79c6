"""What moves the field of a bay again and again and is no vehicle: a charger that switches. Along which line it does so is learned.

Its source stands still, so the field moves along one line, by any share of its strength, and more often than vehicles come and go;
those move it every way. While that is known, and for days after, the field is judged without what lies along that line: what a vehicle
does across it is left, most of its field. Deployed chargers switched 128 times a day.
"""

from math import exp, sqrt

from gateway.detection.conditioning import Vector, minus

_STEP = 35.0
"""Squared sigmas: a sample so far from the one before is a step."""
_APART_S = 60.0
"""What follows sooner is the same step, or its end."""
_HOURS_S = 2 * 3600.0
_OFTEN_PER_H = 1.5
_REMEMBERS_S = 7 * 86400.0
_KNOWN, _FORGOTTEN = 0.3, 0.05
_GAIN = 0.1
_ALIKE = 0.9
"""Share of all steps, by direction, that lies along the one line; of vehicles it is about a half."""
_TURNED = 0.99
"""Cosine: a line that has turned by more is another."""
_STEPS = 0.65
"""1 - 0.9^10."""

_Square = tuple[float, float, float, float, float, float]
"""xx yy zz xy xz yz"""


class Jumps:
    __slots__ = ("_before", "_per_s", "_step_s", "_storms", "_t", "_ways", "line")

    def __init__(self) -> None:
        self.line: Vector | None = None
        """Of length one; None where nothing moves the field so."""
        self._storms = 0.0
        self._ways: _Square = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        self._before: Vector | None = None
        self._per_s = 0.0
        self._t = self._step_s = 0.0

    def feed(self, z: Vector, variance: Vector, t: float) -> None:
        """`variance`: of what two samples may differ by if nothing has happened."""
        before, passed = self._before, max(t - self._t, 0.0)
        self._before, self._t = z, t
        if before is None:
            return
        x, y, w = minus(z, before)
        self._per_s *= exp(-passed / _HOURS_S)
        self._storms *= exp(-passed / _REMEMBERS_S)
        if self._storms < _FORGOTTEN:
            self.line = None
        if x * x / variance[0] + y * y / variance[1] + w * w / variance[2] < _STEP:
            return
        if t - self._step_s >= _APART_S:
            self._per_s += 1.0 / _HOURS_S
        self._step_s = t
        size = sqrt(x * x + y * y + w * w)
        self._ways = _followed(self._ways, (x / size, y / size, w / size))
        often = 3600.0 * self._per_s / _OFTEN_PER_H
        if often > 1.0 and _along_one_line(self._ways) > _ALIKE:
            self._storms = max(self._storms, 1.0 - 1.0 / often)
            if self._storms > _KNOWN:
                self._draw(_longest(self._ways))

    @property
    def often(self) -> bool:
        """Whether the field is moved more often than vehicles do it, by something of which nothing more is known."""
        return self.line is None and 3600.0 * self._per_s > _OFTEN_PER_H

    def without(self, v: Vector) -> Vector:
        """What of it lies across the line."""
        if self.line is None:
            return v
        a, b, c = self.line
        along = a * v[0] + b * v[1] + c * v[2]
        return v[0] - along * a, v[1] - along * b, v[2] - along * c

    def shift(self, by: Vector) -> None:
        """The baseline has moved by so much."""
        if self._before is not None:
            self._before = minus(self._before, by)

    def _draw(self, line: Vector) -> None:
        was = self.line
        if was is None or abs(was[0] * line[0] + was[1] * line[1] + was[2] * line[2]) < _TURNED:
            self.line = line


def _followed(mean: _Square, way: Vector) -> _Square:
    x, y, z = way
    xx, yy, zz, xy, xz, yz = mean
    return (
        xx + _GAIN * (x * x - xx),
        yy + _GAIN * (y * y - yy),
        zz + _GAIN * (z * z - zz),
        xy + _GAIN * (x * y - xy),
        xz + _GAIN * (x * z - xz),
        yz + _GAIN * (y * z - yz),
    )


def _times(m: _Square, v: Vector) -> Vector:
    xx, yy, zz, xy, xz, yz = m
    x, y, z = v
    return xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z


def _longest(ways: _Square) -> Vector:
    """The direction that most of it lies along."""
    line = (1.0, 0.0, 0.0) if ways[0] >= max(ways[1], ways[2]) else (0.0, 1.0, 0.0) if ways[1] >= ways[2] else (0.0, 0.0, 1.0)
    for _ in range(8):
        x, y, z = _times(ways, line)
        size = sqrt(x * x + y * y + z * z)
        line = (x / size, y / size, z / size)
    return line


def _along_one_line(ways: _Square) -> float:
    """The share along the longest direction; zero while there were too few."""
    trace = ways[0] + ways[1] + ways[2]
    if trace < _STEPS:
        return 0.0
    line = _longest(ways)
    x, y, z = _times(ways, line)
    return (x * line[0] + y * line[1] + z * line[2]) / trace
