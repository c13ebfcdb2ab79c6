"""LD120 (PROCON, PCE): the detector of an inductive loop in a bay. Nothing of it is in one table alone.

    discrete inputs     @0 loop fault, @1 vehicle, @4 loop open, @5 loop shorted
    coils               @8, @9 relays 1 and 2
    input registers     @0 software version (high byte), module type 34 (low byte)
                        @1 bit 0 fault, 1 vehicle, 4 open, 5 shorted, 8 relay 1, 9 relay 2
    holding registers   @2-8 second, minute, hour, day of the week, date, month, year
                        @9-10 vehicles counted, 32 bits, the high word first; @13 id

Source: LD120 manual V3.0 p.9-10. More than 8 registers in one message are refused with exception 03, which the Modbus application
protocol has for a wrong quantity (the manual names the limit and no code). That addresses begin at 0 for 10001, that the year has
four digits, and that the counter stands at a fault are unverified. A faulty loop detects nothing.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import IntFlag

from simulators.devices.device import Refusal, Refused
from simulators.street import Street

MODULE_TYPE = 34
MOST_REGISTERS = 8
COUNTER_TURNS_AT = 1 << 32
_VERSION = 3
_CLOCK, _COUNTER, _ID = 2, 9, 13
_RELAYS = (8, 9)
_BEGUN = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Loop(IntFlag):
    """Bits of input register 30002; the lowest six are the discrete inputs."""

    WELL = 0
    FAULT = 1 << 0
    VEHICLE = 1 << 1
    OPEN = 1 << 4
    SHORTED = 1 << 5


class Ld120:
    """`fault` gives FAULT with OPEN or SHORTED at a time; `counted` is what the counter stands at when the street begins."""

    registers = 16
    coils = discrete_inputs = 16
    input_registers = 2
    answer_s = 0.012

    def __init__(self, bay: str, unit: int, street: Street, fault: Callable[[float], Loop], *, counted: int = 0) -> None:
        self._bay = bay
        self._unit = unit
        self._street = street
        self._fault = fault
        self._counted = counted
        self._counted_until_s = 0.0
        self._clock_ahead = timedelta()
        self._relays = [False, False]

    # What a master reads and writes.

    def read(self, address: int, count: int, t: float) -> Sequence[int]:
        self._few(count)
        values = [0] * self.registers
        now = self._now(t)
        values[_CLOCK : _CLOCK + 7] = [now.second, now.minute, now.hour, now.isoweekday(), now.day, now.month, now.year]
        values[_COUNTER : _COUNTER + 2] = divmod(self._count(t), 0x10000)
        values[_ID] = self._unit
        return values[address : address + count]

    def read_inputs(self, address: int, count: int, t: float) -> Sequence[int]:
        self._few(count)
        values = [_VERSION << 8 | MODULE_TYPE, self._state(t) | self._relays[0] << 8 | self._relays[1] << 9]
        return values[address : address + count]

    def read_discrete(self, t: float) -> Sequence[bool]:
        state = self._state(t)
        return [bool(state >> bit & 1) for bit in range(8)] + [False] * 8

    def read_coils(self, t: float) -> Sequence[bool]:  # noqa: ARG002
        return [at in _RELAYS and self._relays[at - _RELAYS[0]] for at in range(self.coils)]

    def write_coils(self, address: int, values: Sequence[bool], t: float) -> None:  # noqa: ARG002
        if any(at not in _RELAYS for at in range(address, address + len(values))):
            raise Refused(Refusal.ADDRESS)
        for at, value in enumerate(values, address - _RELAYS[0]):
            self._relays[at] = value

    def write(self, address: int, values: Sequence[int], t: float) -> None:
        self._few(len(values))
        end = address + len(values)
        if address >= _COUNTER and end <= _COUNTER + 2:
            words = list(divmod(self._count(t), 0x10000))
            words[address - _COUNTER : end - _COUNTER] = values
            self._counted = words[0] << 16 | words[1]
        elif address >= _CLOCK and end <= _CLOCK + 7:
            self._set_clock(address, values, t)
        elif address != _ID or values[0] not in range(1, 128) or end > _ID + 1:
            raise Refused(Refusal.ADDRESS)
        # A new id is good after the next start, which nothing here does.

    # What it feels.

    def _state(self, t: float) -> Loop:
        fault = self._fault(t)
        if fault:
            return fault
        passing = self._street.passing(self._bay, t)
        over = self._street.parked(self._bay, t) is not None or (passing is not None and abs(passing.vehicle.across_m) < 1.0)
        return Loop.VEHICLE if over else Loop.WELL

    def _count(self, t: float) -> int:
        """Counts the cars that moved in since it was asked last; 2^32 - 1 is followed by 0."""
        stay = self._street.next_stay(self._bay, self._counted_until_s)
        while stay is not None and stay.arrive_s <= t:
            self._counted_until_s = stay.arrive_s
            if not self._fault(stay.arrive_s):
                self._counted = (self._counted + 1) % COUNTER_TURNS_AT
            stay = self._street.next_stay(self._bay, stay.arrive_s)
        return self._counted

    # Its clock.

    def _now(self, t: float) -> datetime:
        return _BEGUN + timedelta(seconds=t) + self._clock_ahead

    def _set_clock(self, address: int, values: Sequence[int], t: float) -> None:
        now = self._now(t)
        parts = [now.second, now.minute, now.hour, now.isoweekday(), now.day, now.month, now.year]
        parts[address - _CLOCK : address - _CLOCK + len(values)] = values
        second, minute, hour, _, day, month, year = parts
        try:
            told = now.replace(year=year, month=month, day=day, hour=hour, minute=minute, second=second)
        except ValueError:
            raise Refused(Refusal.VALUE) from None
        self._clock_ahead += told - now

    @staticmethod
    def _few(count: int) -> None:
        if count > MOST_REGISTERS:
            raise Refused(Refusal.VALUE)
