"""Modbus units, served by pymodbus in memory: bytes of a request in, bytes of an answer out. No socket of its own.

pymodbus' request handler speaks to a transport that hands each answer to a callback. Where pymodbus' server is not like a
device, this corrects it: units that are not there stay silent (it would answer with exception 04), and a request is handled
without waking the loop through a socket (it would cost two system calls each).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

from simulators.devices.device import Device, Refused, Tables

_READ_COILS, _READ_DISCRETE, _READ, _READ_INPUTS = 1, 2, 3, 4
_WRITES, _WRITE_COILS = (6, 16), (5, 15)
_REFUSALS = {int(code): code for code in ExcCodes}
BROADCAST = 0
_MOST_WAITING = 64
"""Requests of one connection that came before the one in hand was handled; the oldest goes first."""


class Units:
    """The units of one line. `connect` gives one end of the line to speak to them."""

    def __init__(self, devices: Mapping[int, Device], clock: Callable[[], float], *, rtu: bool) -> None:
        # Damaged requests are what the noisy scenarios are for: no news for anybody's terminal.
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
        served = [_served(unit, device, clock) for unit, device in devices.items()]
        # The server is never told to listen: it holds the registers and the decoder that its handlers work with.
        self.server = ModbusTcpServer(served, framer=FramerType.RTU if rtu else FramerType.SOCKET, broadcast_enable=rtu)
        self.unit_at = 0 if rtu else 6
        self._units = frozenset(devices)
        self._asked = self._units | {BROADCAST} if rtu else self._units

    def connect(self, answered: Callable[[int, bytes], None]) -> "Session":
        """`answered` gets the unit and the bytes of each answer."""
        return Session(self, answered)

    def knows(self, unit: int) -> bool:
        return unit in self._units

    def hears(self, request: ModbusPDU) -> bool:
        """Whether it is for one of the units, or for all."""
        return request.dev_id in self._asked


class _Handler(ServerRequestHandler):
    """Handles a request at once: nothing in it waits, all registers are computed."""

    def __init__(self, units: Units, handled: Callable[[], None]) -> None:
        super().__init__(units.server, None, None, None)  # type: ignore[no-untyped-call]
        self._hears = units.hears
        self._handled = handled

    @property
    def busy(self) -> bool:
        """A request was understood and is handled in the next turn of the loop."""
        return self.last_pdu is not None

    def handle_later(self) -> None:
        if self.last_pdu is not None and self._hears(self.last_pdu):
            with suppress(StopIteration):
                self.handle_request().send(None)  # type: ignore[no-untyped-call]
                raise AssertionError("a simulated device waited for something")
        self.last_pdu = None
        self._handled()


class Session(asyncio.Transport):
    """One connection to the units: the transport that pymodbus' handler writes its answers to."""

    def __init__(self, units: Units, answered: Callable[[int, bytes], None]) -> None:
        super().__init__()
        self._units = units
        self._answered = answered
        self._waiting: deque[bytes] = deque(maxlen=_MOST_WAITING)
        self._handler = _Handler(units, self._next)
        self._handler.connection_made(self)

    def ask(self, data: bytes) -> None:
        """Bytes of a request, as they come; they may come in parts."""
        if self._handler.busy:
            # pymodbus would forget the request that it has not handled yet.
            self._waiting.append(data)
        else:
            self._handler.data_received(data)

    def _next(self) -> None:
        while self._waiting and not self._handler.busy:
            self._handler.data_received(self._waiting.popleft())

    def forget(self) -> None:
        """The line was silent for so long that what came before is no part of what comes next."""
        self._handler.recv_buffer = b""

    # What the handler calls.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        answer = bytes(data)
        unit = answer[self._units.unit_at]
        if self._units.knows(unit):
            self._answered(unit, answer)

    def close(self) -> None:
        """There is nothing to close."""


def _served(unit: int, device: Device, clock: Callable[[], float]) -> SimDevice:
    tables = device if isinstance(device, Tables) else None

    async def access(
        function: int, first: int, address: int, count: int, held: list[int], written: list[int] | list[bool] | None
    ) -> ExcCodes | None:
        try:
            if written is not None:
                known = _write(device, tables, function, address, written, clock())
            elif function in (*_WRITES, *_WRITE_COILS):
                # pymodbus reads back what it is going to echo, and holds what was written.
                known = True
            elif function in (_READ_COILS, _READ_DISCRETE):
                known = tables is not None
                if tables is not None:
                    held[:] = _packed(_bits(tables, function, clock()))
            else:
                values = _words(device, tables, function, address, count, clock())
                known = values is not None
                if values is not None:
                    held[address - first : address - first + count] = values
        except Refused as refused:
            return _REFUSALS[int(refused.code)]
        return None if known else ExcCodes.ILLEGAL_FUNCTION

    holding = [SimData(0, count=device.registers, datatype=DataType.REGISTERS)]
    if tables is None:
        return SimDevice(unit, simdata=holding, action=access)
    coils = [SimData(0, values=[False] * tables.coils, datatype=DataType.BITS)]
    discrete = [SimData(0, values=[False] * tables.discrete_inputs, datatype=DataType.BITS)]
    inputs = [SimData(0, count=tables.input_registers, datatype=DataType.REGISTERS)]
    return SimDevice(unit, simdata=(coils, discrete, holding, inputs), action=access)


def _write(device: Device, tables: Tables | None, function: int, address: int, written: Sequence[int | bool], t: float) -> bool:
    """Whether the device knows the function."""
    if function in _WRITES:
        device.write(address, [int(value) for value in written], t)
    elif function in _WRITE_COILS and tables is not None:
        tables.write_coils(address, [bool(value) for value in written], t)
    else:
        return False
    return True


def _words(device: Device, tables: Tables | None, function: int, address: int, count: int, t: float) -> Sequence[int] | None:
    """None for a function that the device does not know."""
    if function == _READ:
        return device.read(address, count, t)
    return tables.read_inputs(address, count, t) if function == _READ_INPUTS and tables is not None else None


def _bits(tables: Tables, function: int, t: float) -> Sequence[bool]:
    return tables.read_coils(t) if function == _READ_COILS else tables.read_discrete(t)


def _packed(bits: Sequence[bool]) -> list[int]:
    """Bits as pymodbus holds them: sixteen a word, the first one lowest."""
    return [sum(bit << place for place, bit in enumerate(bits[at : at + 16])) for at in range(0, len(bits), 16)]
