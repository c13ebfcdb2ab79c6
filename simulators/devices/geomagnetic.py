"""WitMotion WT901C485: a three-axis magnetometer in a bay. Function 03 reads, 06 writes.

    0x0B-0x0D   HXOFFSET..HZOFFSET   i16, counts that are subtracted from the field
    0x2E        VERSION
    0x3A-0x3C   HX, HY, HZ           i16, counts of 0.1 µT
    0x3D-0x3F   roll, pitch, yaw     zero: it lies still
    0x40        TEMP                 i16, 0.01 °C
    0x69        KEY                  0xB588 unlocks writes for 10 s
    0x74        MODDELAY             u16, how long an answer waits, in µs (the unit is unverified)

Source: WitMotion WitStandardModbus_WT901C485 SDK (REG.h, wit_c_sdk.c). The scales are those of a sibling (unverified). A write
without the key is echoed and changes nothing.
"""

from collections.abc import Callable, Sequence

from simulators.chance import gauss, key_of
from simulators.devices.device import Refusal, Refused, word
from simulators.magnetics import Magnetics

REGISTERS = 0x80
_OFFSETS, _VERSION, _FIELD, _TEMPERATURE, _KEY, _DELAY = 0x0B, 0x2E, 0x3A, 0x40, 0x69, 0x74
_FIRMWARE = 0x2A17
_COUNTS_PER_UT = 10.0
_UNLOCKING = 0xB588
_UNLOCKED_S = 10.0
_TEMPERATURE_NOISE_C = 0.03
_THINKS_S = 0.007
_DELAY_US = 3000


class Geomagnetic:
    registers = REGISTERS

    def __init__(self, bay: str, magnetics: Magnetics) -> None:
        self._bay = bay
        self._magnetics = magnetics
        self._warmth_key = key_of("warmth", bay)
        self._offsets = [0, 0, 0]
        self._delay_us = _DELAY_US
        self._unlocked_until_s = float("-inf")

    @property
    def answer_s(self) -> float:
        return _THINKS_S + self._delay_us / 1e6

    def read(self, address: int, count: int, t: float) -> Sequence[int]:
        values = [0] * count
        self._put(values, address, _FIELD, lambda: self._field(t))
        self._put(values, address, _TEMPERATURE, lambda: [self._temperature(t)])
        self._put(values, address, _VERSION, lambda: [_FIRMWARE])
        self._put(values, address, _DELAY, lambda: [self._delay_us])
        self._put(values, address, _OFFSETS, lambda: [word(offset) for offset in self._offsets])
        return values

    def write(self, address: int, values: Sequence[int], t: float) -> None:
        if len(values) != 1:
            raise Refused(Refusal.FUNCTION)
        if address == _KEY and values[0] == _UNLOCKING:
            self._unlocked_until_s = t + _UNLOCKED_S
        elif t < self._unlocked_until_s and address == _DELAY:
            self._delay_us = values[0]
        elif t < self._unlocked_until_s and _OFFSETS <= address < _OFFSETS + 3:
            value = values[0]
            self._offsets[address - _OFFSETS] = value - 0x10000 if value & 0x8000 else value

    def _field(self, t: float) -> list[int]:
        field = self._magnetics.field(self._bay, t)
        return [word(value * _COUNTS_PER_UT - offset) for value, offset in zip(field, self._offsets, strict=True)]

    def _temperature(self, t: float) -> int:
        noise = _TEMPERATURE_NOISE_C * gauss(self._warmth_key, int(t))
        return word((self._magnetics.warmth.at(self._bay, t) + noise) * 100)

    @staticmethod
    def _put(values: list[int], address: int, place: int, words: Callable[[], list[int]]) -> None:
        """Only what was asked for is computed."""
        if address >= place + 3 or address + len(values) <= place:
            return
        for index, each in enumerate(words(), place - address):
            if 0 <= index < len(values):
                values[index] = each
