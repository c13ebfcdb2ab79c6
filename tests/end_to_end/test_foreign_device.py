"""kerbgate polls a Modbus device that is neither ours nor pymodbus, on RTU and on TCP, and reads what it holds.

The device is `foreign_device.c`, built here on Debian's libmodbus. On RTU it sits behind two ptys whose other ends are joined,
as a null-modem cable joins two ports.
"""

import asyncio
import os
import pty
import subprocess
import tty
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from config.profile import Key, Limits, Point, PointType, Profile, Table, Title
from config.site import Line, SerialLine, TcpLine
from drivers.bus import Bus, BusDevice
from drivers.errors import UnitRefused, UnitSilent
from drivers.reading import Quality, Reading
from tests.programs import program

UNIT = 17


@pytest.fixture(scope="session")
def device_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    gcc = program("gcc")
    missing = "libmodbus is not installed; on Debian: apt-get install libmodbus-dev pkg-config"
    try:
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libmodbus"], capture_output=True, text=True, check=True).stdout.split()
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip(missing)
    built = tmp_path_factory.mktemp("foreign") / "foreign_device"
    source = Path(__file__).with_name("foreign_device.c")
    subprocess.run([gcc, "-O1", "-Wall", "-Werror", "-o", str(built), str(source), *flags], check=True)
    return built


@contextmanager
def device(*command: str) -> Iterator[str]:
    """Runs the device; gives the line that it prints when it is ready."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


class Cable:
    """Two ptys and the copying between them."""

    def __init__(self) -> None:
        self.ends: list[int] = []
        self.paths: list[str] = []
        for _ in range(2):
            ours, theirs = pty.openpty()
            tty.setraw(theirs)
            os.set_blocking(ours, False)
            self.ends.append(ours)
            self.paths.append(os.ttyname(theirs))
            # Held open: a pty whose last user closes it gives EIO until the next one comes.
            self.ends.append(theirs)
        loop = asyncio.get_running_loop()
        near, far = self.ends[0], self.ends[2]
        loop.add_reader(near, lambda: os.write(far, os.read(near, 4096)))
        loop.add_reader(far, lambda: os.write(near, os.read(far, 4096)))

    def cut(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self.ends[0])
        loop.remove_reader(self.ends[2])
        for end in self.ends:
            os.close(end)


@asynccontextmanager
async def line_to(built: Path, kind: str) -> AsyncIterator[Line]:
    if kind == "tcp":
        with device(str(built), "tcp", "0") as port:
            yield TcpLine(kind="tcp", host="127.0.0.1", port=int(port))
        return
    cable = Cable()
    try:
        with device(str(built), "rtu", cable.paths[1]):
            yield SerialLine(kind="serial", port=cable.paths[0], baud=9600)
    finally:
        cable.cut()


def profile(*points: Point, limits: Limits | None = None) -> Profile:
    return Profile(profile="foreign", title=Title(en="f", zh="外"), source="foreign_device.c", points=points, limits=limits or Limits())


EVERY_TABLE = profile(
    Point(key=Key.X_UT, address=3, scale=0.01),
    Point(key=Key.Y_UT, address=9, type=PointType.I16),
    Point(key=Key.COUNT, address=40, type=PointType.U32),
    Point(key=Key.TEMPERATURE_C, table=Table.INPUT, address=63, scale=0.1),
    Point(key=Key.OCCUPIED, table=Table.COIL, address=33, type=PointType.BIT),
    Point(key=Key.FAULT, table=Table.DISCRETE, address=34, type=PointType.BIT),
)
BEYOND = profile(Point(key=Key.LEVEL, address=64))


def on_bus(name: str, of: Profile, unit: int = UNIT, timeout_s: float = 0.25) -> BusDevice:
    return BusDevice(name=name, unit=unit, sub_unit=None, profile=of, poll_s=0.2, timeout_s=timeout_s)


class Quiet:
    def info(self, event: str, /, **values: object) -> None: ...

    def warning(self, event: str, /, **values: object) -> None: ...


class Readings(list[Reading]):
    """Takes what a bus emits, and lets a test wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self._news = asyncio.Event()

    def emit(self, reading: Reading) -> None:
        self.append(reading)
        self._news.set()

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not enough():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def polled(line: Line, *devices: BusDevice) -> AsyncIterator[tuple[Bus, Readings]]:
    readings = Readings()
    bus = Bus("foreign", line, devices, readings.emit, log=Quiet())
    task = asyncio.create_task(bus.run())
    try:
        yield bus, readings
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)


pytestmark = pytest.mark.parametrize("kind", ["tcp", "rtu"])


async def test_every_table_of_the_foreign_device_reads_as_it_holds(device_program: Path, kind: str) -> None:
    async with line_to(device_program, kind) as line, polled(line, on_bus("a", EVERY_TABLE)) as (bus, readings):
        await readings.until(lambda: len(readings) >= 3)
        for reading in readings:
            assert reading.trusted
            assert reading.x_ut == 10.03
            assert reading.y_ut == 1009.0
            assert reading.count == 1040 * 65536 + 1041
            assert reading.temperature_c == 206.3
            assert reading.occupied is True
            assert reading.fault == 0
        (counted,) = bus.counters().devices
        assert counted.answers == counted.requests


async def test_what_the_foreign_device_refuses_is_a_bad_reading(device_program: Path, kind: str) -> None:
    async with line_to(device_program, kind) as line, polled(line, on_bus("a", BEYOND)) as (bus, readings):
        await readings.until(lambda: len(readings) >= 2)
        assert {(reading.quality, reading.cause, reading.silent) for reading in readings} == {(Quality.BAD, "refused_2", False)}
        with pytest.raises(UnitRefused) as refused:
            await bus.read_once("a")
        assert refused.value.code == 2


async def test_a_unit_that_is_not_there_is_silent_and_its_neighbour_is_read(device_program: Path, kind: str) -> None:
    # On RTU libmodbus waits half a second for the answer of the other unit, and takes whatever comes for it: our next request too.
    devices = (on_bus("here", EVERY_TABLE), on_bus("absent", EVERY_TABLE, unit=18, timeout_s=0.7 if kind == "rtu" else 0.25))
    async with line_to(device_program, kind) as line, polled(line, *devices) as (bus, readings):
        await readings.until(lambda: len(readings) >= 5)
        with pytest.raises(UnitSilent):
            await bus.read_once("absent")
        assert (await bus.read_once("here")).x_ut == 10.03
        here, absent = bus.counters().devices
        assert here.answers == here.requests
        assert absent.answers == 0
        assert {reading.device for reading in readings} == {"here"}


async def test_a_device_that_is_restarted_is_found_again(device_program: Path, kind: str) -> None:
    async with AsyncExitStack() as stack:
        if kind == "rtu":
            cable = Cable()
            stack.callback(cable.cut)
            line: Line = SerialLine(kind="serial", port=cable.paths[0], baud=9600)
            first = again = (str(device_program), "rtu", cable.paths[1])
        else:
            first = (str(device_program), "tcp", "0")
        with device(*first) as ready:
            if kind == "tcp":
                line = TcpLine(kind="tcp", host="127.0.0.1", port=int(ready))
                again = (str(device_program), "tcp", ready)
            _, readings = await stack.enter_async_context(polled(line, on_bus("a", EVERY_TABLE)))
            await readings.until(lambda: len(readings) >= 2)
        if kind == "tcp":
            await readings.until(lambda: readings[-1].silent)
            assert readings[-1].cause == "link_down"
        before = len(readings)
        with device(*again):
            await readings.until(lambda: len(readings) >= before + 3)
        assert readings[-1].x_ut == 10.03
