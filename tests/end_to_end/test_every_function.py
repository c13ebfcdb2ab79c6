"""Each function of Modbus that we know, asked of others and answered to others: libmodbus and Debian's mbpoll.

What the packaged profiles use is taken from the profiles: one that begins to use a function without a case here fails a test.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.profile import Key, Point, PointType, Profile, Table, Title
from config.protocols import Protocol
from config.site import Line
from drivers.errors import WireError
from drivers.links import open_link
from drivers.modbus.pdu import Function, ModbusQuestion, read, write
from drivers.port import Port
from drivers.question import Answer
from simulators.scenario import Scenario
from simulators.stand import Stand
from tests.end_to_end.functions import USED, functions_of
from tests.end_to_end.test_foreign_device import UNIT, device_program, line_to  # noqa: F401 - the fixture
from tests.programs import program

LOOP = 9
"""Unit of the simulated LD120: the one device that has every table."""

_by_function = pytest.mark.parametrize("function", Function, ids=lambda function: f"{function.value:02}")


def test_the_list_is_that_of_the_profiles() -> None:
    assert set(USED) >= {Function.READ_DISCRETE_INPUTS, Function.READ_HOLDING_REGISTERS, Function.READ_INPUT_REGISTERS}
    assert "witmotion-wt901c485" in USED[Function.WRITE_REGISTER]
    assert USED[Function.READ_INPUT_REGISTERS] == ("ld120-loop",)


def test_each_function_that_a_profile_uses_is_asked_of_both() -> None:
    for function, users in USED.items():
        assert function in _QUESTIONS, f"libmodbus is not asked function {function}, which is used by {', '.join(users)}"
        assert function in _MBPOLL, f"mbpoll does not ask function {function}, which is used by {', '.join(users)}"


def test_what_a_profile_polls_writes_and_is_known_by_is_in_the_list() -> None:
    every = Profile(
        profile="every",
        title=Title(en="a", zh="b"),
        source="ours",
        points=(Point(key=Key.OCCUPIED, table=Table.COIL, address=1, type=PointType.BIT),),
        before_read=({"address": 3, "value": 1},),
        settings=({"name": "relay", "table": "coil", "address": 9, "maximum": 1},),
        identity=({"table": "input", "address": 0, "equals": 1},),
    )
    assert functions_of(every) == {Function.READ_COILS, Function.WRITE_REGISTER, Function.WRITE_COIL, Function.READ_INPUT_REGISTERS}


# Our master asks a device of libmodbus. What it holds: foreign_device.c.

_QUESTIONS: dict[Function, tuple[ModbusQuestion, ...]] = {
    Function.READ_COILS: (read(UNIT, Table.COIL, 31, 10),),
    Function.READ_DISCRETE_INPUTS: (read(UNIT, Table.DISCRETE, 0, 6),),
    Function.READ_HOLDING_REGISTERS: (read(UNIT, Table.HOLDING, 60, 4),),
    Function.READ_INPUT_REGISTERS: (read(UNIT, Table.INPUT, 0, 1),),
    Function.WRITE_COIL: (write(UNIT, Table.COIL, 1, [1]), read(UNIT, Table.COIL, 0, 3)),
    Function.WRITE_REGISTER: (write(UNIT, Table.HOLDING, 12, [0x0B4D]), read(UNIT, Table.HOLDING, 11, 3)),
    Function.WRITE_COILS: (write(UNIT, Table.COIL, 1, [1, 1, 0]), read(UNIT, Table.COIL, 0, 5)),
    Function.WRITE_REGISTERS: (write(UNIT, Table.HOLDING, 9, [1, 0xFFFF]), read(UNIT, Table.HOLDING, 8, 4)),
}
_HOLDS: dict[Function, tuple[int, ...]] = {
    Function.READ_COILS: tuple(int(at % 3 == 0) for at in range(31, 41)),
    Function.READ_DISCRETE_INPUTS: (1, 0, 0, 1, 0, 0),
    Function.READ_HOLDING_REGISTERS: (1060, 1061, 1062, 1063),
    Function.READ_INPUT_REGISTERS: (2000,),
    Function.WRITE_COIL: (1, 1, 0),
    Function.WRITE_REGISTER: (1011, 0x0B4D, 1013),
    Function.WRITE_COILS: (1, 1, 1, 0, 0),
    Function.WRITE_REGISTERS: (1008, 1, 0xFFFF, 1011),
}


class Master:
    """One question after another over the product's port and link, without a bus that takes turns."""

    def __init__(self, line: Line) -> None:
        self._result: asyncio.Future[Answer | WireError] = asyncio.get_running_loop().create_future()
        self._port = Port(line, open_link(line), [Protocol.MODBUS], done=self._done, lost=self._lost, late=lambda _: None)

    def _done(self, result: Answer | WireError, _now: float) -> None:
        self._result.set_result(result)

    def _lost(self, fault: Exception) -> None:
        self._result.set_exception(fault)

    async def ask(self, question: ModbusQuestion) -> Answer | WireError:
        loop = asyncio.get_running_loop()
        self._result = loop.create_future()
        self._port.ask(question, 1.0, 0.05, loop.time())
        return await asyncio.wait_for(self._result, 5)


@asynccontextmanager
async def master(line: Line) -> AsyncIterator[Master]:
    one = Master(line)
    await one._port.open()
    try:
        yield one
    finally:
        one._port.close()


@pytest.mark.parametrize("kind", ["tcp", "rtu"])
@_by_function
async def test_libmodbus_answers_our_master(device_program: Path, kind: str, function: Function) -> None:  # noqa: F811
    questions = _QUESTIONS[function]
    assert questions[0].function == function
    async with line_to(device_program, kind) as line, master(line) as ours:
        answers = [await ours.ask(question) for question in questions]
    assert answers[-1] == _HOLDS[function]


# mbpoll asks a simulated LD120. Its table, what is written, and what it prints: `first: values`.

_MBPOLL: dict[Function, tuple[str, int, int, tuple[int, ...], tuple[int, ...]]] = {
    Function.READ_COILS: ("0", 8, 2, (), (0, 0)),
    Function.READ_DISCRETE_INPUTS: ("1", 0, 6, (), (0, 0, 0, 0, 0, 0)),
    Function.READ_INPUT_REGISTERS: ("3", 0, 1, (), (3 << 8 | 34,)),
    Function.READ_HOLDING_REGISTERS: ("4", 13, 1, (), (LOOP,)),
    Function.WRITE_COIL: ("0", 9, 1, (1,), (1,)),
    Function.WRITE_COILS: ("0", 8, 2, (1, 1), (1, 1)),
    Function.WRITE_REGISTER: ("4", 8, 1, (2031,), (2031,)),
    Function.WRITE_REGISTERS: ("4", 7, 2, (12, 2031), (12, 2031)),
}


def loops(kind: str) -> Scenario:
    """Bays that stand empty."""
    still = {"first_move_s": 3000.0, "drive_overs_per_h": 0, "buses_per_h": 0, "occupied_at_start": 0.0}
    line = {"name": "loops", "kind": kind, "baud": 19200, "carries": [{"model": "ld120-loop", "unit": LOOP, "bays": 1}]}
    return Scenario.model_validate({"title": {"en": "a", "zh": "b"}, "seed": 4, "cars": still, "lines": [line]})


async def mbpoll(stand: Stand, table: str, first: int, count: int, written: tuple[int, ...]) -> str:
    host, _, port = stand.lines[0].where.rpartition(":")
    wire = ["-m", "tcp", "-p", port, host] if host else ["-m", "rtu", "-b", "19200", "-P", "none", stand.lines[0].where]
    many = [] if written else ["-c", str(count)]
    command = ["-a", str(LOOP), "-0", "-1", "-o", "2", "-v", "-r", str(first), *many, "-t", table, *wire, *map(str, written)]
    child = await asyncio.create_subprocess_exec(
        program("mbpoll"), *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(child.communicate(), 20)
    assert child.returncode == 0, said
    return said.decode("utf-8", "replace")


@pytest.mark.parametrize("kind", ["pty", "tcp"])
@_by_function
async def test_mbpoll_is_answered_by_our_simulated_device(kind: str, function: Function, tmp_path: Path) -> None:
    table, first, count, written, holds = _MBPOLL[function]
    async with Stand(loops(kind), tmp_path) as stand:
        said = await mbpoll(stand, table, first, count, written)
        # With -v it prints what it sends: the function stands behind the unit.
        assert f"[{LOOP:02X}][{function:02X}]" in said, said
        if written:
            assert f"Written {count} reference" in said, said
            said = await mbpoll(stand, table, first, count, ())
    values = [int(line.split()[1]) for line in said.splitlines() if line.startswith("[") and "]:" in line]
    assert values == list(holds), said
