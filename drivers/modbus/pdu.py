"""Questions and answers of Modbus as PDUs, encoded and decoded by pymodbus: this is the only door to it in the gateway.

    read       fc | address(2) | count(2)                      answer: fc | bytes(1) | data
    write one  fc | address(2) | value(2)                      answer: the same again
    write many fc | address(2) | count(2) | bytes(1) | data    answer: fc | address(2) | count(2)
    refusal                                                    answer: fc + 0x80 | exception code(1)

Source: MODBUS Application Protocol Specification V1.1b3, section 6. Lengths and echoes are checked here, for pymodbus takes
an answer of another function or another count for success (measured on 3.16.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadCoilsResponse,
    ReadDiscreteInputsRequest,
    ReadDiscreteInputsResponse,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    ReadInputRegistersRequest,
    ReadInputRegistersResponse,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from config.profile import Table
from config.protocols import Protocol
from drivers.errors import AnswerMismatched, UnitRefused
from drivers.question import Shape

REFUSAL = 0x80
MAX_PDU = 253
MAX_ADU = 256
REFUSAL_ADU = 5
ECHO_ADU = 8
"""On a serial line, the answer to a write."""
RTU_AROUND = 3
"""Unit and CRC, around the PDU on a serial line."""


class Function(IntEnum):
    READ_COILS = 1
    READ_DISCRETE_INPUTS = 2
    READ_HOLDING_REGISTERS = 3
    READ_INPUT_REGISTERS = 4
    WRITE_COIL = 5
    WRITE_REGISTER = 6
    WRITE_COILS = 15
    WRITE_REGISTERS = 16


_READS = {
    Table.COIL: Function.READ_COILS,
    Table.DISCRETE: Function.READ_DISCRETE_INPUTS,
    Table.HOLDING: Function.READ_HOLDING_REGISTERS,
    Table.INPUT: Function.READ_INPUT_REGISTERS,
}
_READ_REQUESTS: dict[Function, type[ModbusPDU]] = {
    Function.READ_COILS: ReadCoilsRequest,
    Function.READ_DISCRETE_INPUTS: ReadDiscreteInputsRequest,
    Function.READ_HOLDING_REGISTERS: ReadHoldingRegistersRequest,
    Function.READ_INPUT_REGISTERS: ReadInputRegistersRequest,
}
_READ_ANSWERS: dict[Function, type[ModbusPDU]] = {
    Function.READ_COILS: ReadCoilsResponse,
    Function.READ_DISCRETE_INPUTS: ReadDiscreteInputsResponse,
    Function.READ_HOLDING_REGISTERS: ReadHoldingRegistersResponse,
    Function.READ_INPUT_REGISTERS: ReadInputRegistersResponse,
}
_BIT_READS = (Function.READ_COILS, Function.READ_DISCRETE_INPUTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModbusQuestion:
    """One request, encoded once, with what its answer must look like. Octets are those of RTU frames."""

    protocol = Protocol.MODBUS
    unit: int
    function: Function
    address: int
    count: int
    pdu: bytes = field(repr=False)
    answer_head: bytes = field(repr=False)
    """What the answer's PDU begins with."""
    answer_length: int
    """Length of the answer's PDU; a refusal has two bytes."""

    shape: Shape = field(init=False, repr=False)
    request_octets: int = field(init=False, repr=False)
    answer_octets: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", Shape(self.unit, self.function, self.count))
        object.__setattr__(self, "request_octets", len(self.pdu) + RTU_AROUND)
        object.__setattr__(self, "answer_octets", self.answer_length + RTU_AROUND)

    def decode(self, payload: bytes) -> tuple[int, ...]:
        """The registers or bits of an answer; nothing for a write. Raises UnitRefused and AnswerMismatched, nothing else."""
        return decode(self, payload)


def read(unit: int, table: Table, address: int, count: int) -> ModbusQuestion:
    """Raises ValueError for a count or an address that Modbus does not have."""
    function = _READS[table]
    if address + count > 0x10000:
        raise ValueError(f"registers {address} to {address + count - 1} end beyond 65535")
    octets = (count + 7) // 8 if function in _BIT_READS else count * 2
    return ModbusQuestion(
        unit=unit,
        function=function,
        address=address,
        count=count,
        pdu=bytes([function]) + _READ_REQUESTS[function](address=address, count=count).encode(),
        answer_head=bytes([function, octets & 0xFF]),
        answer_length=2 + octets,
    )


def write(unit: int, table: Table, address: int, values: Sequence[int]) -> ModbusQuestion:
    """One value by function 5 or 6, several by 15 or 16. Raises ValueError for what can't be written."""
    if table not in (Table.COIL, Table.HOLDING):
        raise ValueError(f"{table} can't be written")
    most = 1968 if table is Table.COIL else 123
    if not 1 <= len(values) <= most or address < 0 or address + len(values) > 0x10000:
        raise ValueError(f"{len(values)} values at {address} can't be written at once")
    if any(not 0 <= value <= (1 if table is Table.COIL else 0xFFFF) for value in values):
        raise ValueError(f"a value that does not fit in a {table} register")
    one = len(values) == 1
    request: ModbusPDU
    if table is Table.COIL:
        bits = [bool(value) for value in values]
        request = (WriteSingleCoilRequest if one else WriteMultipleCoilsRequest)(address=address, bits=bits)
    else:
        request = (WriteSingleRegisterRequest if one else WriteMultipleRegistersRequest)(address=address, registers=list(values))
    pdu = bytes([request.function_code]) + request.encode()
    return ModbusQuestion(
        unit=unit,
        function=Function(request.function_code),
        address=address,
        count=len(values),
        pdu=pdu,
        answer_head=pdu[:5],
        answer_length=5,
    )


def decode(question: ModbusQuestion, pdu: bytes) -> tuple[int, ...]:
    """The registers or bits of an answer; nothing for a write. Raises UnitRefused and AnswerMismatched, nothing else."""
    if len(pdu) == 2 and pdu[0] == question.function | REFUSAL:
        raise UnitRefused(code=pdu[1], unit=question.unit)
    if len(pdu) != question.answer_length or not pdu.startswith(question.answer_head):
        raise AnswerMismatched(unit=question.unit)
    answer_type = _READ_ANSWERS.get(question.function)
    if answer_type is None:
        return ()
    answer = answer_type()
    answer.decode(pdu[1:])
    if question.function in _BIT_READS:
        return tuple(int(bit) for bit in answer.bits[: question.count])
    return tuple(answer.registers)
