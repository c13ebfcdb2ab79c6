"""The field of a vehicle: a few magnetic dipoles above a sensor, B = µ0/4π (3 (m·r̂) r̂ - m) / r³. In µT, of metres and A·m².

Axes are those of the bay: x along it, y across, z down. Source: Wahlström and Gustafsson, "Magnetometer modeling and validation for
tracking metallic targets", IEEE Trans. Signal Processing 62(3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from simulators.quantity import Q

Vector = tuple[float, float, float]
_MU0_4PI = 0.1
"""In µT·m³ for a moment in A·m²."""


@dataclass(frozen=True, slots=True)
class Dipole:
    """`along_m`: where in the vehicle, towards its front from its middle."""

    along_m: float
    moment: Vector


def field_of(dipoles: Sequence[Dipole], height_m: float, along_m: Q, across_m: Q) -> tuple[Q, Q, Q]:
    """At a sensor in the surface, of a vehicle whose middle is so far along and across from it."""
    bx = by = bz = 0.0 * along_m
    for dipole in dipoles:
        mx, my, mz = dipole.moment
        rx, ry, rz = -(along_m + dipole.along_m), -across_m, height_m
        square = rx * rx + ry * ry + rz * rz
        strength = _MU0_4PI / (square * square**0.5)
        towards = 3.0 * (mx * rx + my * ry + mz * rz) / square
        bx = bx + strength * (towards * rx - mx)
        by = by + strength * (towards * ry - my)
        bz = bz + strength * (towards * rz - mz)
    return bx, by, bz


def moment_for(field_ut: Vector, dipole_along_m: float, height_m: float, along_m: float, across_m: float) -> Vector:
    """The moment of a dipole at that place whose field at the sensor is `field_ut`: the inverse of the above."""
    r = -(along_m + dipole_along_m), -across_m, height_m
    square = r[0] * r[0] + r[1] * r[1] + r[2] * r[2]
    scale = square * sqrt(square) / _MU0_4PI
    towards = 1.5 * (field_ut[0] * r[0] + field_ut[1] * r[1] + field_ut[2] * r[2]) / square
    x, y, z = (scale * (towards * place - field) for place, field in zip(r, field_ut, strict=True))
    return x, y, z


def norm(vector: Vector) -> float:
    x, y, z = vector
    return sqrt(x * x + y * y + z * z)


def scaled(vector: Vector, scale: float) -> Vector:
    return vector[0] * scale, vector[1] * scale, vector[2] * scale


def plus(one: Vector, other: Vector) -> Vector:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
