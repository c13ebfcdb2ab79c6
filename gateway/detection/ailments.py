"""What ails a device, looked at once a minute: from its battery, and from what its track has learned of it.

    battery_low      by percent or volts            stuck_occupied   a "vehicle" for days, without a stir
    noisy, flooded   far noisier than it used to be; flooded where the radio has become weak as well
    hum              the mains are felt             em_disturbed     something moves all the time and nothing parks
    drifting         more µT a degree than such sensors do
    tampered         the field was turned, with the same strength: somebody moved the sensor

Each has its own two limits, so that none flickers, and must hold for some minutes.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt

from drivers.reading import Reading
from gateway.detection.bay import BayMachine
from gateway.detection.change import Occupancy
from gateway.detection.conditioning import Vector
from gateway.detection.evidence import Sense
from gateway.detection.phase import Phase

EVERY_S = 60.0
_HOLDS_S = 300.0
_LEARNED_S = 3600.0
_SLOW_GAIN = 0.002


class Ailment(StrEnum):
    BATTERY_LOW = "battery_low"
    NOISY = "noisy"
    HUM = "hum"
    DRIFTING = "drifting"
    STUCK_OCCUPIED = "stuck_occupied"
    TAMPERED = "tampered"
    FLOODED = "flooded"
    EM_DISTURBED = "em_disturbed"


_LIMITS: dict[Ailment, tuple[float, float]] = {
    Ailment.BATTERY_LOW: (1.0, 0.8),
    Ailment.NOISY: (4.0, 2.0),
    Ailment.HUM: (5.0, 3.0),
    Ailment.DRIFTING: (5.0, 4.0),
    Ailment.STUCK_OCCUPIED: (72 * 3600.0, 3600.0),
    Ailment.TAMPERED: (1.0, 0.5),
    Ailment.FLOODED: (1.0, 0.5),
    Ailment.EM_DISTURBED: (0.3, 0.1),
}
"""Told at the first, over at the second: battery in shares of its limit missing, noise in times its own, hum in times the noise, drift in
µT/°C, stuck in seconds, disturbed in shares of the time."""
_BATTERY_PCT, _BATTERY_V = 15.0, 3.1
_WEAKER_DB = 15.0
_TURNED = 0.9
"""Cosine of 26 degrees."""
_SAME_STRENGTH = 0.03


@dataclass(slots=True)
class Course:
    """One ailment over time."""

    active: bool = False
    over_since_s: float | None = None

    @property
    def well(self) -> bool:
        return not self.active and self.over_since_s is None

    def feed(self, now: float, value: float, limits: tuple[float, float]) -> bool:
        """Whether it has just begun or ended."""
        beyond = value < limits[1] if self.active else value >= limits[0]
        if not beyond:
            self.over_since_s = None
            return False
        if self.over_since_s is None:
            self.over_since_s = now
        if now - self.over_since_s < _HOLDS_S:
            return False
        self.active, self.over_since_s = not self.active, None
        return True


@dataclass(slots=True)
class Ailments:
    """Of one device. `feed` gives those that began (True) or ended (False) with this reading."""

    courses: dict[Ailment, Course] = field(default_factory=dict)
    """Of what ails it, or is about to: most devices are well."""
    _next_s: float = float("-inf")
    _began_s: float | None = None
    _usual_noise: float | None = None
    _usual_rssi: float | None = None
    _field: Vector | None = None
    _disturbed: float = 0.0

    @property
    def active(self) -> tuple[Ailment, ...]:
        return tuple(ailment for ailment in Ailment if ailment in self.courses and self.courses[ailment].active)

    def feed(self, reading: Reading, machine: BayMachine | None, now: float) -> list[tuple[Ailment, bool]]:
        if now < self._next_s or not reading.trusted:
            return []
        self._next_s = now + EVERY_S
        if self._began_s is None:
            self._began_s = now
        values = {Ailment.BATTERY_LOW: _battery(reading)}
        if machine is not None and machine.track.sensed and machine.track.empty.sense is Sense.FIELD:
            values |= self._of_field(reading, machine, now)
        return [(ailment, began) for ailment, value in values.items() if (began := self._follow(ailment, value, now)) is not None]

    def _follow(self, ailment: Ailment, value: float, now: float) -> bool | None:
        """Whether it has just begun, or ended; None for neither."""
        course = self.courses.get(ailment)
        if course is None:
            course = Course()
        changed = course.feed(now, value, _LIMITS[ailment])
        if course.well:
            self.courses.pop(ailment, None)
        else:
            self.courses[ailment] = course
        return course.active if changed else None

    def _of_field(self, reading: Reading, machine: BayMachine, now: float) -> dict[Ailment, float]:
        track, empty = machine.track, machine.track.empty
        sigma = sum(empty.noise.sigma[: empty.axes]) / empty.axes
        learned = now - (self._began_s or now) > _LEARNED_S
        usual = self._usual_noise
        self._usual_noise = sigma if usual is None else usual + (_SLOW_GAIN if learned else 0.1) * min(sigma - usual, usual)
        noisier = sigma / self._usual_noise if learned and self._usual_noise else 1.0
        weaker = self._weaker(reading)
        self._disturbed += 0.02 * ((machine.phase is Phase.DISTURBED) - self._disturbed)
        parked = machine.parked
        still = machine.believed is Occupancy.OCCUPIED and parked.disturbance is None
        drift = 0.0 if empty.baseline is None else max(abs(axis.slope) for axis in empty.baseline.axes) / empty.unit
        return {
            Ailment.NOISY: noisier,
            Ailment.FLOODED: float(noisier >= 3.0 and weaker >= _WEAKER_DB),
            Ailment.HUM: track.conditioner.hum / sigma if sigma else 0.0,
            Ailment.DRIFTING: drift if learned else 0.0,
            Ailment.STUCK_OCCUPIED: now - parked.held_since_s if still else 0.0,
            Ailment.EM_DISTURBED: self._disturbed,
            Ailment.TAMPERED: self._turned(machine),
        }

    def _weaker(self, reading: Reading) -> float:
        if reading.rssi_dbm is None:
            return 0.0
        usual = self._usual_rssi
        self._usual_rssi = reading.rssi_dbm if usual is None else usual + _SLOW_GAIN * (reading.rssi_dbm - usual)
        return self._usual_rssi - reading.rssi_dbm

    def _turned(self, machine: BayMachine) -> float:
        """1 where the field has another direction and the same strength, for as long as that lasts; vehicles change both."""
        empty, track = machine.track.empty, machine.track
        if empty.axes != 3 or empty.baseline is None:
            return 0.0
        expected = empty.baseline.expected(empty.warmth)
        if self._field is None or (machine.believed is Occupancy.VACANT and track.square <= empty.stirred):
            self._field = expected if self._field is None else self._field
        now = (expected[0] + track.z[0], expected[1] + track.z[1], expected[2] + track.z[2])
        was, size = _norm(self._field), _norm(now)
        if not was or not size:
            return 0.0
        cosine = sum(a * b for a, b in zip(self._field, now, strict=True)) / (was * size)
        turned = cosine < _TURNED and abs(size / was - 1.0) < _SAME_STRENGTH
        if not turned and machine.believed is Occupancy.VACANT:
            self._field = expected
        return float(turned)


def _battery(reading: Reading) -> float:
    """1 at its limit, 0 where it is full."""
    if reading.battery_pct is not None:
        return _BATTERY_PCT / max(reading.battery_pct, 0.1)
    return 0.0 if reading.battery_v is None else _BATTERY_V / max(reading.battery_v, 0.1) if reading.battery_v < 2 * _BATTERY_V else 0.0


def _norm(vector: Vector) -> float:
    return sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2])
