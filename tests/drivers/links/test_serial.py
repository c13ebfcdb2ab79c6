"""Serial links over real ptys, and every way in which a port can't be had."""

import asyncio
import errno
import fcntl
import os
import struct
import termios
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.site import Parity, SerialLine
from drivers.errors import LinkDown
from drivers.links import open_link
from drivers.links.faults import (
    NoDirectionControl,
    NotAPort,
    NotOpen,
    PortBusy,
    PortDenied,
    PortMissing,
    PortSettings,
    PortVanished,
    Stalled,
    port_fault,
)
from drivers.links.precise_alarm import kernel_clock
from drivers.links.serial import SerialLink
from tests.drivers.links.ears import Ear
from tests.drivers.links.ptys import Pair


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.vanish()


def line(path: str, **rest: object) -> SerialLine:
    return SerialLine.model_validate({"kind": "serial", "port": path, **rest})


async def test_bytes_go_both_ways(pair: Pair) -> None:
    link = open_link(line(pair.path))
    assert isinstance(link, SerialLink)
    ear = Ear()
    await link.open(ear)
    link.write(b"\x01\x03\x00\x00\xff\n\r")
    await asyncio.sleep(0)
    assert os.read(pair.ours, 100) == b"\x01\x03\x00\x00\xff\n\r"
    os.write(pair.ours, b"\x01\x03\x02\x11\x13\r\n\x7f")
    assert await ear.soon() == b"\x01\x03\x02\x11\x13\r\n\x7f"
    assert link.take() == b""
    link.close()
    link.close()


async def test_baud_parity_and_stop_bits_are_those_of_the_line(pair: Pair) -> None:
    link, ear = SerialLink(line(pair.path, baud=19200, parity="even", stop_bits=2)), Ear()
    await link.open(ear)
    held = os.open(pair.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    flags, speed = termios.tcgetattr(held)[2], termios.tcgetattr(held)[4]
    os.close(held)
    link.close()
    # A pty's driver always clears parity and sets eight bits; stop bits and speed it keeps.
    assert speed == termios.B19200
    assert flags & termios.CSTOPB


@pytest.mark.parametrize("parity", list(Parity))
async def test_every_parity_can_be_opened(pair: Pair, parity: Parity) -> None:
    link, ear = SerialLink(line(pair.path, parity=parity)), Ear()
    await link.open(ear)
    link.close()


async def test_a_port_that_vanishes_wakes_the_reader_and_can_be_opened_again_elsewhere(pair: Pair) -> None:
    link, ear = SerialLink(line(pair.path)), Ear()
    await link.open(ear)
    reader = asyncio.create_task(ear.soon())
    await asyncio.sleep(0.01)
    pair.vanish()
    with pytest.raises(PortVanished):
        await reader
    with pytest.raises(PortVanished):
        link.write(b"x")
    with pytest.raises(LinkDown):
        await link.open(Ear())


async def test_what_came_before_a_port_vanished_can_still_be_read(pair: Pair) -> None:
    link, ear = SerialLink(line(pair.path)), Ear()
    await link.open(ear)
    os.write(pair.ours, b"last words")
    await asyncio.sleep(0.05)
    pair.vanish()
    assert await ear.soon() == b"last words"
    with pytest.raises(PortVanished):
        await ear.soon()


async def test_a_port_that_is_opened_anew_has_forgotten_what_came_before(pair: Pair) -> None:
    link, ear = SerialLink(line(pair.path)), Ear()
    await link.open(ear)
    os.write(pair.ours, b"old")
    await link.open(ear)
    os.write(pair.ours, b"new")
    assert await ear.soon() == b"new"
    link.close()


async def test_a_port_that_another_program_holds_is_busy(pair: Pair) -> None:
    first, second = SerialLink(line(pair.path)), SerialLink(line(pair.path))
    await first.open(Ear())
    with pytest.raises(PortBusy):
        await second.open(Ear())
    first.close()
    await second.open(Ear())
    second.close()


async def test_a_lock_taken_by_anybody_is_respected(pair: Pair) -> None:
    held = os.open(pair.path, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with pytest.raises(PortBusy):
        await SerialLink(line(pair.path)).open(Ear())
    os.close(held)


async def test_a_port_that_does_not_exist_is_missing() -> None:
    with pytest.raises(PortMissing) as missing:
        await SerialLink(line("/dev/ttyUSB_none")).open(Ear())
    assert missing.value.values["port"] == "/dev/ttyUSB_none"


async def test_a_file_a_directory_and_a_device_of_another_kind_are_no_ports(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path, Path("/dev/null")):
        with pytest.raises(NotAPort):
            await SerialLink(line(str(path))).open(Ear())


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.ENOENT, PortMissing),
        (errno.EACCES, PortDenied),
        (errno.EPERM, PortDenied),
        (errno.EBUSY, PortBusy),
        (errno.EIO, PortVanished),
        (errno.ENODEV, PortVanished),
        (errno.ENXIO, PortVanished),
        (errno.EINVAL, PortSettings),
        (None, PortVanished),
    ],
)
def test_each_errno_has_its_sentence(number: int | None, fault: type[LinkDown]) -> None:
    assert type(port_fault("/dev/x", number)) is fault


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may open everything: be somebody else for a moment."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


async def test_a_port_that_this_user_may_not_open_is_denied(pair: Pair) -> None:
    Path(pair.path).chmod(0)
    with as_nobody(), pytest.raises(PortDenied):
        await SerialLink(line(pair.path)).open(Ear())


async def test_a_link_that_was_never_opened_says_so(pair: Pair) -> None:
    link = SerialLink(line(pair.path))
    with pytest.raises(NotOpen):
        link.write(b"x")
    assert link.take() == b""
    link.close()


async def test_a_line_that_takes_no_bytes_stalls_and_does_not_grow(pair: Pair) -> None:
    link, ear = SerialLink(line(pair.path)), Ear()
    await link.open(ear)

    def flood() -> None:
        for _ in range(10_000):
            link.write(b"\x00" * 256)

    with pytest.raises(Stalled):
        flood()
    link.close()


async def test_bytes_that_did_not_fit_are_sent_when_there_is_room(pair: Pair) -> None:
    link, ear = SerialLink(line(pair.path)), Ear()
    await link.open(ear)
    sent = 0
    while not link._unsent:
        link.write(b"\x55" * 256)
        sent += 256
    came = 0
    async with asyncio.timeout(5):
        while came < sent:
            try:
                came += len(os.read(pair.ours, 4096))
            except BlockingIOError:
                await asyncio.sleep(0.001)
    assert came == sent
    link.close()


async def test_the_loop_is_woken_once_for_an_answer_and_a_shorter_one_can_be_taken(pair: Pair) -> None:
    link, ear = SerialLink(line(pair.path)), Ear()
    await link.open(ear)
    link.expect(25)
    for number in range(25):
        os.write(pair.ours, bytes([number]))
        await asyncio.sleep(0.002)
    assert await ear.soon() == bytes(range(25))
    assert ear.pieces == 1
    os.write(pair.ours, b"\x01\x83\x02\xc0\xf1")
    await asyncio.sleep(0.02)
    assert ear.pieces == 1
    assert link.take() == b"\x01\x83\x02\xc0\xf1"
    assert link.take() == b""
    link.expect(1)
    os.write(pair.ours, b"\xff")
    assert await ear.soon() == b"\xff"
    assert ear.faults == []
    link.close()


async def test_after_close_nothing_is_heard(pair: Pair) -> None:
    link, ear = SerialLink(line(pair.path)), Ear()
    await link.open(ear)
    os.write(pair.ours, b"late")
    link.close()
    pair.vanish()
    await asyncio.sleep(0.02)
    assert (bytes(ear.came), ear.faults) == (b"", [])


async def test_an_alarm_rings_in_time_and_none_rings_after_close(pair: Pair) -> None:
    link, loop = SerialLink(line(pair.path)), asyncio.get_running_loop()
    await link.open(Ear())
    rung: asyncio.Future[float] = loop.create_future()
    due = loop.time() + 0.002
    link.alarm(due, lambda: rung.set_result(loop.time()))
    async with asyncio.timeout(5):
        assert await rung >= due
    late: list[float] = []
    link.alarm(loop.time() + 0.001, lambda: late.append(loop.time()))
    link.close()
    await asyncio.sleep(0.01)
    assert late == []


async def test_what_is_written_from_within_an_alarm_leaves_at_its_time_and_not_before(pair: Pair) -> None:
    link = SerialLink(line(pair.path))
    await link.open(Ear())
    left: list[float] = []
    for _ in range(30):
        due = kernel_clock() + 0.003
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def write(due: float = due, written: asyncio.Future[None] = written) -> None:
            link.write(b"?")
            left.append(kernel_clock() - due)
            written.set_result(None)

        link.alarm(due, write)
        async with asyncio.timeout(5):
            await written
    link.close()
    assert min(left) >= 0.0


async def test_while_an_answer_cannot_be_whole_the_loop_sleeps_and_a_port_that_vanishes_wakes_it(pair: Pair) -> None:
    link, ear = SerialLink(line(pair.path, baud=1200)), Ear()
    await link.open(ear)
    link.expect(25)
    link.write(bytes(8))
    os.write(pair.ours, bytes(25))
    # 33 octets take 0.275 s at 1200 baud: who has sent all by now is no unit of this line.
    await asyncio.sleep(0.05)
    assert ear.pieces == 0
    assert await ear.soon() == bytes(25)
    link.write(bytes(8))
    pair.vanish()
    await asyncio.sleep(0.05)
    assert [type(fault) for fault in ear.faults] == [PortVanished]
    link.close()


async def test_direction_control_that_the_driver_does_not_have_is_told_and_the_port_is_free_again(pair: Pair) -> None:
    with pytest.raises(NoDirectionControl):
        await SerialLink(line(pair.path, rs485={"delay_before_ms": 1})).open(Ear())
    link = SerialLink(line(pair.path))
    await link.open(Ear())
    link.close()


async def test_the_driver_is_told_how_to_switch_the_direction(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, bytes]] = []

    def ioctl(_descriptor: int, request: int, argument: object = 0, *_rest: object) -> int:
        if request in (0x542E, 0x542F) and isinstance(argument, array):
            told.append((request, argument.tobytes()))
        return 0

    monkeypatch.setattr("serial.serialposix.fcntl.ioctl", ioctl)
    link = SerialLink(line(pair.path, rs485={"rts_on_send": False, "delay_before_ms": 2, "delay_after_ms": 3}))
    await link.open(Ear())
    link.close()
    # linux/serial.h: flags (1 enabled, 2 RTS on send, 4 RTS after send, 16 hears itself), delays in ms before and after sending.
    set_to = [struct.unpack_from("<III", given) for request, given in told if request == 0x542F]
    assert set_to == [(1 | 4, 2, 3)]
