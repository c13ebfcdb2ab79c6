"""A locating pile (定位地桩) with a tag reader, on kerbgate's own map, version 1. Function 03 only.

    @0      0x4B50 ("KP")
    @1      map version, 1
    @2      status: bit 0 bike present, bit 8 reader fault, bit 9 tampered
    @3      tags heard in the last scan, 0 to 4
    @4-23   four entries of five words: tag (64 bits, most significant word first), RSSI (i16, dBm)
    @24     temperature, i16, 0.1 °C
    @25     supply, u16, mV

No vendor has published a map of a pile. Bit 0 is the place's own sensor, which no radio disturbs; with a reader fault no tag is
heard.
"""

from collections.abc import Callable, Sequence

from simulators.chance import gauss, key_of
from simulators.devices.device import Refusal, Refused, word
from simulators.radio import Radio
from simulators.weather import Temperature

REGISTERS = 26
MAP_ID, MAP_VERSION = 0x4B50, 1
PRESENT, READER_FAULT, TAMPERED = 1 << 0, 1 << 8, 1 << 9
_ENTRIES = 4
_SUPPLY_MV = 12000


class Pile:
    """`status` gives the fault bits at a time."""

    registers = REGISTERS
    answer_s = 0.015

    def __init__(self, pile: str, radio: Radio, temperature: Temperature, status: Callable[[float], int]) -> None:
        self._pile = pile
        self._radio = radio
        self._temperature = temperature
        self._status = status
        self._supply_key = key_of("supply", pile)

    def read(self, address: int, count: int, t: float) -> Sequence[int]:
        faults = self._status(t)
        heard = () if faults & READER_FAULT else self._radio.heard(self._pile, t)[:_ENTRIES]
        present = PRESENT if self._radio.stands_at(self._pile, t) else 0
        values = [MAP_ID, MAP_VERSION, faults | present, len(heard)]
        for each in heard:
            tag = int(each.tag, 16)
            values += [tag >> 48 & 0xFFFF, tag >> 32 & 0xFFFF, tag >> 16 & 0xFFFF, tag & 0xFFFF, word(each.rssi_dbm)]
        values += [0] * (24 - len(values))
        values += [word(self._temperature.at(t) * 10), round(_SUPPLY_MV + 25 * gauss(self._supply_key, int(t)))]
        return values[address : address + count]

    def write(self, address: int, values: Sequence[int], t: float) -> None:  # noqa: ARG002
        raise Refused(Refusal.FUNCTION)
