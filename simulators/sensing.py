"""One magnetometer, as it was built and put into the ground: its chip, its lie, its iron, its drift, and the mains beside it.

    measured = turn(Earth + vehicles) + iron + drift * warmer + curve * warmer² + hum + spike + noise, clipped, in steps of the chip

Sources: data sheets (QMC5883L: 2 mG resolution; LIS3MDL 3.2 to 4.1 mG; LIS2MDL 3 mG; MMC5983MA 0.4 mG; RM3100 15 nT at 200 cycles);
deployed detectors jitter by 0.2 to 0.4 µT in counts of 0.1 µT and drift by 1 to 3 µT/°C on their worst axis; urban traces carry mains
hum of 1.3 to 5.8 µT where a cable lies near, seen at 50 Hz minus the nearest multiple of the sampling rate.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import cos, inf, pi, radians, sin
from random import Random
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from config.site import Frozen
from simulators.chance import bits, gauss, key_of, unit
from simulators.dipoles import Vector
from simulators.quantity import Q, sine, stepped, whole

MAINS_HZ = 50.0
_NOISE_PER_S = 20
"""The sensor makes so many measurements a second; two questions within one get the same answer."""
_MAINS_WANDER = 0.0003
"""Of its frequency, over minutes."""
_SPIKE_UT = 40.0


class Chip(StrEnum):
    PLAIN = "plain"
    """Noise of a deployed detector; the device that carries it makes the steps."""
    DEPLOYED = "deployed"
    QMC5883L = "qmc5883l"
    LIS3MDL = "lis3mdl"
    LIS2MDL = "lis2mdl"
    MMC5983MA = "mmc5983ma"
    RM3100 = "rm3100"


@dataclass(frozen=True, slots=True)
class _Made:
    """Of one measurement, in µT."""

    noise_ut: tuple[float, float]
    step_ut: float
    limit_ut: float


_MADE = {
    Chip.PLAIN: _Made((0.2, 0.4), 0.0, inf),
    Chip.DEPLOYED: _Made((0.2, 0.4), 0.1, 3276.7),
    Chip.QMC5883L: _Made((0.18, 0.25), 1 / 120, 200.0),
    Chip.LIS3MDL: _Made((0.32, 0.41), 1 / 68.42, 400.0),
    Chip.LIS2MDL: _Made((0.28, 0.32), 0.15, 4915.0),
    Chip.MMC5983MA: _Made((0.035, 0.06), 1 / 163.84, 800.0),
    Chip.RM3100: _Made((0.012, 0.02), 1 / 75.0, 800.0),
}


class Sensing(Frozen):
    chip: Chip = Chip.PLAIN
    drift_ut_per_c: tuple[float, float] = Field(default=(1.0, 3.0), description="Of the worst axis, between these two")
    lag_s: float = Field(default=0.0, ge=0, le=3600, description="So much later than the thermometer the sensor gets warm")
    curve_ut_per_c2: float = Field(default=0.0, ge=0, le=0.2, description="How much the drift bends, at the most")
    turned_deg: float = Field(default=0.0, ge=0, le=180, description="At the most so far from the bay's axis it was laid")
    hum_ut: float = Field(default=0.0, ge=0, le=100, description="Amplitude of the mains' field")
    spikes_per_h: float = Field(default=0.0, ge=0, le=3600, description="Single wrong measurements, for a sensor that is asked each second")
    faults_per_day: float = Field(default=0.0, ge=0, le=100, description="Tampered, re-seated, frozen, saturated or flooded")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.drift_ut_per_c[0] > self.drift_ut_per_c[1]:
            raise PydanticCustomError("simulators.figures_reversed", "drift_ut_per_c must be two figures, the smaller first")
        return self


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a bay a sensor lies: so far along from its middle. The name tells two sensors of one bay apart."""

    name: str
    along_m: float


MIDDLE = Spot("", 0.0)

Matrix = tuple[Vector, Vector, Vector]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One sensor. Keys are those of its noise, one an axis, and of its spikes."""

    hard_iron_ut: Vector
    drift_ut_per_c: Vector
    curve_ut_per_c2: Vector
    noise_ut: float
    step_ut: float
    limit_ut: float
    turn: Matrix | None
    hum_ut: Vector
    hum_phase: float
    spike_chance: float
    keys: tuple[int, int, int]
    spike_key: int

    @property
    def hums(self) -> bool:
        return self.hum_ut != (0.0, 0.0, 0.0)

    @property
    def worst_drift_ut_per_c(self) -> float:
        return max(abs(axis) for axis in self.drift_ut_per_c)

    def empty(self, earth: Vector, warmer: Q) -> tuple[Q, Q, Q]:
        """Of the Earth alone, without noise; `warmer` than when it was laid, by so many degrees."""
        (ex, ey, ez), (ix, iy, iz) = earth if self.turn is None else _times(self.turn, earth), self.hard_iron_ut
        (dx, dy, dz), (cx, cy, cz) = self.drift_ut_per_c, self.curve_ut_per_c2
        return (
            ex + ix + (dx + cx * warmer) * warmer,
            ey + iy + (dy + cy * warmer) * warmer,
            ez + iz + (dz + cz * warmer) * warmer,
        )

    def turned(self, change: tuple[Q, Q, Q]) -> tuple[Q, Q, Q]:
        return change if self.turn is None else _times(self.turn, change)

    def measured(self, field: tuple[Q, Q, Q], t: Q) -> tuple[Q, Q, Q]:
        """With noise, hum and spikes, as the chip gives it."""
        moment = whole(t * _NOISE_PER_S)
        (x, y, z), (kx, ky, kz), noise_ut = field, self.keys, self.noise_ut
        x, y, z = x + noise_ut * gauss(kx, moment), y + noise_ut * gauss(ky, moment), z + noise_ut * gauss(kz, moment)
        if self.hums:
            hx, hy, hz = self.hum_ut
            hum = sine(2 * pi * MAINS_HZ * t + self.hum_phase + 30.0 * sine(2 * pi * _MAINS_WANDER * t))
            x, y, z = x + hx * hum, y + hy * hum, z + hz * hum
        if self.spike_chance:
            struck = unit(self.spike_key, moment) < self.spike_chance
            spike = struck * (_SPIKE_UT * (unit(self.spike_key, moment + 1) - 0.5))
            x, y, z = x + spike, y - 0.5 * spike, z + 0.3 * spike
        if not self.step_ut:
            return x, y, z
        return stepped(x, self.step_ut, self.limit_ut), stepped(y, self.step_ut, self.limit_ut), stepped(z, self.step_ut, self.limit_ut)


def node_of(seed: int, bay: str, sensing: Sensing) -> Node:
    random, more = Random(f"{seed}/node/{bay}"), Random(f"{seed}/lie/{bay}")
    made = _MADE[sensing.chip]
    worst = random.randrange(3)
    lowest, highest = sensing.drift_ut_per_c
    side = min(1.0, lowest)
    drift = [random.uniform(lowest, highest) if axis == worst else random.uniform(-side, side) for axis in range(3)]
    drift[worst] *= random.choice((-1.0, 1.0))
    iron = (random.gauss(0.0, 15.0), random.gauss(0.0, 15.0), random.gauss(0.0, 15.0))
    noise_ut = random.uniform(*made.noise_ut)
    bend = sensing.curve_ut_per_c2
    curve = (more.uniform(-bend, bend), more.uniform(-bend, bend), more.uniform(-bend, bend))
    hum = (sensing.hum_ut * more.uniform(0.3, 1.0), sensing.hum_ut * more.uniform(-0.6, 0.6), sensing.hum_ut * more.uniform(-1.0, 1.0))
    key = key_of(seed, "spike", bay)
    return Node(
        hard_iron_ut=iron,
        drift_ut_per_c=(drift[0], drift[1], drift[2]),
        curve_ut_per_c2=curve,
        noise_ut=noise_ut,
        step_ut=made.step_ut,
        limit_ut=made.limit_ut,
        turn=_turn(more, sensing.turned_deg) if sensing.turned_deg else None,
        hum_ut=hum if sensing.hum_ut else (0.0, 0.0, 0.0),
        hum_phase=(bits(key, 0) % 1000) / 1000 * 2 * pi,
        spike_chance=sensing.spikes_per_h / 3600.0,
        keys=(key_of(seed, "noise", bay, "x"), key_of(seed, "noise", bay, "y"), key_of(seed, "noise", bay, "z")),
        spike_key=key,
    )


def _turn(random: Random, most_deg: float) -> Matrix:
    """About the vertical by up to `most_deg`, and tilted by a few degrees."""
    yaw = radians(random.uniform(-most_deg, most_deg))
    pitch, roll = radians(random.gauss(0.0, 3.0)), radians(random.gauss(0.0, 3.0))
    (cy, sy), (cp, sp), (cr, sr) = ((cos(angle), sin(angle)) for angle in (yaw, pitch, roll))
    return (
        (cy * cp, sy * cp, -sp),
        (cy * sp * sr - sy * cr, sy * sp * sr + cy * cr, cp * sr),
        (cy * sp * cr + sy * sr, sy * sp * cr - cy * sr, cp * cr),
    )


def _times(matrix: Matrix, vector: tuple[Q, Q, Q]) -> tuple[Q, Q, Q]:
    x, y, z = (row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2] for row in matrix)
    return x, y, z
