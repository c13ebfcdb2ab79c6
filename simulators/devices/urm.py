"""DFRobot URM08, URM14, URM15: an ultrasonic distance sensor of a bay. Function 03 reads, 06 writes.

    @0  PID: 1 URM08, 2 URM14, 5 URM15       @1  VID            @2  address     @3  baud, 5 is 19200     @4  parity, stop bits
    @5  distance: URM08 1 cm, URM14 0.1 mm, URM15 0.1 cm; 0xFFFF where no echo comes back
    @6  temperature, i16, 0.1 °C             @7  external temperature, i16, 0.1 °C
    @8  control: bit 2 passive (measures when told), bit 3 measure now, which falls by itself

Source: DFRobot wiki SEN0310, SEN0358, SEN0519; DFRobot_RTU. In passive mode the last distance stands until a new one is ready, 60 ms
after the trigger (the vendor's samples wait that long and more). It starts in passive mode, with no distance yet. URM08 and URM15 hang
above the bay and see its ground or a roof; URM14 reaches 1.5 m only, and looks from the kerb at the ground or a car's side. These
places are ours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from simulators.chance import gauss, key_of, unit
from simulators.devices.device import Refusal, Refused, word
from simulators.street import Street
from simulators.vehicle import Vehicle
from simulators.weather import Temperature

NO_ECHO = 0xFFFF
READY_S = 0.060
_DISTANCE, _CONTROL = 5, 8
_WRITABLE = (2, 3, 4, 7, 8)
_PASSIVE, _TRIGGER = 1 << 2, 1 << 3
_MEASURES_EVERY_S = 0.1
_NOISE_MM = 4.0


@dataclass(frozen=True, slots=True)
class _Kind:
    pid: int
    count_mm: float
    ground_mm: float
    car_mm: tuple[float, float]
    """The nearest and the farthest that a car is; it is higher or wider, or less so."""


class Variant(Enum):
    URM08 = _Kind(1, 10.0, 2600.0, (800.0, 1250.0))
    URM14 = _Kind(2, 0.1, 1300.0, (350.0, 700.0))
    URM15 = _Kind(5, 1.0, 2600.0, (800.0, 1250.0))


class Urm:
    """`deaf` tells whether no echo comes back at a time."""

    registers = 10
    answer_s = 0.008

    def __init__(
        self, bay: str, address: int, variant: Variant, street: Street, temperature: Temperature, deaf: Callable[[float], bool]
    ) -> None:
        self._bay = bay
        self._kind = variant.value
        self._street = street
        self._temperature = temperature
        self._deaf = deaf
        self._key = key_of("ultrasonic", bay)
        self._settings = {2: address, 3: 5, 4: 1, 7: 0, _CONTROL: _PASSIVE}
        self._last = NO_ECHO
        self._triggered_s: float | None = None

    def read(self, address: int, count: int, t: float) -> Sequence[int]:
        values = [self._kind.pid, 0x0010, 0, 0, 0, self._distance(t), word(self._temperature.at(t) * 10), 0, 0, 0]
        for at, value in self._settings.items():
            values[at] = value
        return values[address : address + count]

    def write(self, address: int, values: Sequence[int], t: float) -> None:
        if len(values) != 1:
            raise Refused(Refusal.FUNCTION)
        if address not in _WRITABLE:
            raise Refused(Refusal.ADDRESS)
        value = values[0]
        if address == _CONTROL:
            self._distance(t)
            if value & _PASSIVE and value & _TRIGGER:
                self._triggered_s = t
            value &= ~_TRIGGER
        self._settings[address] = value

    def _distance(self, t: float) -> int:
        if not self._settings[_CONTROL] & _PASSIVE:
            self._last = self._measured(t // _MEASURES_EVERY_S * _MEASURES_EVERY_S)
        elif self._triggered_s is not None and t >= self._triggered_s + READY_S:
            self._last, self._triggered_s = self._measured(self._triggered_s), None
        return self._last

    def _measured(self, t: float) -> int:
        if self._deaf(t):
            return NO_ECHO
        passing = self._street.passing(self._bay, t)
        car = self._street.parked(self._bay, t)
        if car is None and passing is not None and abs(passing.vehicle.across_m) < 1.0:
            car = passing.vehicle
        distance_mm = self._kind.ground_mm if car is None else self._of_car(car)
        noisy = distance_mm + _NOISE_MM * gauss(self._key, int(t / _MEASURES_EVERY_S))
        return round(noisy / self._kind.count_mm)

    def _of_car(self, car: Vehicle) -> float:
        nearest, farthest = self._kind.car_mm
        return nearest + (farthest - nearest) * unit(key_of("roof", self._bay, car.dipoles[0].moment[0]), 0)
