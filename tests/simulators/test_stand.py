"""A scenario stood up: real ptys and sockets, asked as any master would ask."""

import asyncio
import os
import termios
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from serial import Serial

from config.loader import load_site
from simulators.devices.dx80 import COUNTS_PER_UT
from simulators.layout import LineKind
from simulators.magnetics import norm
from simulators.scenario import Scenario, load_scenario
from simulators.stand import Stand
from tests.simulators.requests import mbap, registers, rtu

EMPTY = {"occupied_at_start": 0.0, "first_move_s": 1000.0}


def scenario(*, faults: tuple[Mapping[str, object], ...] = (), cars: Mapping[str, object] | None = None) -> Scenario:
    lines = [
        {"name": "kerb", "kind": "pty", "baud": 19200, "carries": [{"model": "witmotion-wt901c485", "unit": 80, "bays": 2}]},
        {"name": "corner", "kind": "rtu_over_tcp", "baud": 9600, "carries": [{"model": "witmotion-wt901c485", "unit": 1, "bays": 2}]},
        {"name": "radio", "kind": "tcp", "carries": [{"model": "banner-dx80-mgage", "bays": 2}]},
        {"name": "metro", "kind": "pty", "baud": 19200, "carries": [{"model": "kerb-pile", "unit": 101, "piles": 2}]},
    ]
    given = {"title": {"en": "a", "zh": "b"}, "seed": 3, "lines": lines, "faults": faults, "cars": cars or {}}
    return Scenario.model_validate(given)


def where(stand: Stand, name: str) -> str:
    return next(line.where for line in stand.lines if line.name == name)


@asynccontextmanager
async def connected(stand: Stand, name: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = where(stand, name).rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def gone(link: Path) -> None:
    while os.path.lexists(link):  # noqa: ASYNC110  # a file system tells nobody
        await asyncio.sleep(0.05)


async def there(link: Path) -> None:
    while not os.path.lexists(link):  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def asked_tcp(stand: Stand, name: str, request: bytes, length: int) -> bytes:
    async with connected(stand, name) as (reader, writer):
        writer.write(request)
        return await asyncio.wait_for(reader.readexactly(length), 5)


def asked_pty(path: str, request: bytes, length: int, timeout_s: float = 3.0) -> bytes:
    """By pyserial, as a master that knows nothing of us; for a thread."""
    with Serial(path, 19200, timeout=timeout_s, exclusive=True) as port:
        port.write(request)
        return port.read(length)


def signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


async def test_a_pty_answers_with_the_field_of_its_bay_and_again_after_the_master_has_closed_it(tmp_path: Path) -> None:
    async with Stand(scenario(cars=EMPTY), tmp_path) as stand:
        path = where(stand, "kerb")
        assert path == str(tmp_path / "kerb")
        for unit, bay in ((80, "350582-0123-001"), (81, "350582-0123-002"), (80, "350582-0123-001")):
            answer = await asyncio.to_thread(asked_pty, path, rtu(unit, 3, 0x3A, 3), 11)
            field = [signed(word) / 10 for word in registers(answer, unit)]
            assert field == pytest.approx(stand.magnetics.empty_field(bay, stand.street_time()), abs=2.0)
    assert not os.path.lexists(tmp_path / "kerb")


async def test_a_pty_carries_every_byte_as_it_is(tmp_path: Path) -> None:
    async with Stand(scenario(), tmp_path) as stand:
        port = os.open(where(stand, "kerb"), os.O_RDWR | os.O_NOCTTY)
        attributes = termios.tcgetattr(port)
        os.close(port)
        assert not attributes[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
        assert not attributes[0] & (termios.IXON | termios.ICRNL)
        assert not attributes[1] & termios.OPOST


async def test_rtu_over_tcp_and_modbus_tcp_answer_for_their_bays(tmp_path: Path) -> None:
    async with Stand(scenario(cars={"occupied_at_start": 1.0, "first_move_s": 1000.0}), tmp_path) as stand:
        answer = await asked_tcp(stand, "corner", rtu(2, 3, 0x3A, 3), 11)
        bay = "350582-0123-004"
        field = [signed(word) / 10 for word in registers(answer, 2)]
        assert field == pytest.approx(stand.magnetics.field(bay, stand.street_time()), abs=3.0)
        answer = await asked_tcp(stand, "radio", mbap(77, 1, 3, 32, 8), 9 + 16)
        assert answer[:2] == b"\0\x4d"
        level = int.from_bytes(answer[9:11], "big")
        assert level / COUNTS_PER_UT == pytest.approx(norm(stand.magnetics.change("350582-0123-006", 10.0)), abs=1.0)
        assert level > 150


async def test_two_masters_on_one_serial_server_each_get_their_own_answers(tmp_path: Path) -> None:
    async with Stand(scenario(), tmp_path) as stand, connected(stand, "corner") as one, connected(stand, "corner") as other:
        one[1].write(rtu(1, 3, 0x3A, 1))
        registers(await asyncio.wait_for(one[0].readexactly(7), 5), 1)
        other[1].write(rtu(2, 3, 0x3A, 1))
        registers(await asyncio.wait_for(other[0].readexactly(7), 5), 2)


async def test_the_site_points_at_every_line_and_is_right(tmp_path: Path) -> None:
    async with Stand(load_scenario("quiet-street"), tmp_path) as stand:
        site_file = tmp_path / "site.yaml"
        site_file.write_text(stand.site_yaml("127.0.0.1", 1883, tmp_path / "journal.db", "jj-0007", "platform"), "utf-8")
        loaded = load_site(site_file)
    site = loaded.site
    assert loaded.advice == ()
    assert (site.gateway, len(site.buses), len(site.devices), len(site.bays), len(site.stations)) == ("jj-0007", 5, 40, 24, 2)
    assert [bus.line.kind for bus in site.buses] == ["serial", "rtu_over_tcp", "tcp", "tcp", "serial"]
    assert site.uplink is not None
    assert (site.uplink.host, site.uplink.port, site.uplink.ack.value) == ("127.0.0.1", 1883, "platform")
    assert site.journal.path == tmp_path / "journal.db"
    calibrated = {bay.id for bay in site.bays if bay.empty_field is not None}
    assert calibrated == {bay.id for bay in site.bays if bay.watched_by[0].startswith("geo-")}
    for bay in site.bays:
        if bay.empty_field is not None:
            field = (bay.empty_field.x_ut, bay.empty_field.y_ut, bay.empty_field.z_ut)
            assert field == pytest.approx(stand.magnetics.empty_field(bay.id, 0.0), abs=0.01)


async def test_without_a_broker_the_site_has_no_uplink(tmp_path: Path) -> None:
    async with Stand(scenario(), tmp_path) as stand:
        (tmp_path / "site.yaml").write_text(stand.site_yaml(), "utf-8")
        assert load_site(tmp_path / "site.yaml").site.uplink is None


async def test_ptys_can_stand_as_serial_servers_for_virtual_time(tmp_path: Path) -> None:
    async with Stand(scenario(), tmp_path, ptys_as_tcp=True) as stand:
        assert {line.name: line.kind for line in stand.lines}["kerb"] is LineKind.RTU_OVER_TCP
        registers(await asked_tcp(stand, "kerb", rtu(80, 3, 0x3A, 7), 19), 80)
        (tmp_path / "site.yaml").write_text(stand.site_yaml(), "utf-8")
        assert load_site(tmp_path / "site.yaml").site.buses[0].line.kind == "rtu_over_tcp"


@pytest.mark.looptime
async def test_a_stand_that_begins_later_goes_on_with_the_same_street(tmp_path: Path) -> None:
    async with Stand(load_scenario("rush-hour"), tmp_path, ptys_as_tcp=True) as stand:
        await asyncio.sleep(600)
        going = stand.truth(600.0)
    await asyncio.sleep(1234)
    async with Stand(load_scenario("rush-hour"), tmp_path, start_s=600.0, ptys_as_tcp=True) as stand:
        assert stand.street_time() == pytest.approx(600.0, abs=0.1)
        assert stand.truth(600.0) == going
        await asyncio.sleep(60)
        assert stand.street_time() == pytest.approx(660.0, abs=0.1)
        assert len(stand.truth()) > len(going)


@pytest.mark.looptime
async def test_a_port_that_is_unplugged_refuses_and_hangs_up_and_comes_back_where_it_was(tmp_path: Path) -> None:
    unplugged = {"kind": "unplugged", "line": "corner", "from_s": 10, "to_s": 20}
    async with Stand(scenario(faults=(unplugged,)), tmp_path, ptys_as_tcp=True) as stand:
        before = where(stand, "corner")
        async with connected(stand, "corner") as (reader, _):
            await asyncio.sleep(11)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
        with pytest.raises(ConnectionRefusedError):
            await asked_tcp(stand, "corner", rtu(1, 3, 0x3A, 1), 7)
        await asyncio.sleep(10)
        assert where(stand, "corner") == before
        registers(await asked_tcp(stand, "corner", rtu(1, 3, 0x3A, 1), 7), 1)


async def test_an_unplugged_pty_vanishes_with_an_error_at_the_master_and_comes_back(tmp_path: Path) -> None:
    unplugged = {"kind": "unplugged", "line": "kerb", "from_s": 100.3, "to_s": 101.8}
    async with Stand(scenario(faults=(unplugged,)), tmp_path, start_s=100.0):
        link = tmp_path / "kerb"
        master = os.open(link, os.O_RDWR | os.O_NOCTTY)
        await asyncio.wait_for(gone(link), 10)
        with pytest.raises(OSError, match="Input/output error"):
            os.write(master, b"x")
        os.close(master)
        await asyncio.wait_for(there(link), 10)
        answer = await asyncio.to_thread(asked_pty, str(link), rtu(80, 3, 0x3A, 1), 7)
        registers(answer, 80)


@pytest.mark.looptime
async def test_faults_of_devices_come_and_go(tmp_path: Path) -> None:
    faults: tuple[Mapping[str, object], ...] = (
        {"kind": "silent", "device": "geo-03", "from_s": 10, "to_s": 20},
        {"kind": "radio_lost", "device": "node-02", "from_s": 10, "to_s": 20},
        {"kind": "tampered", "device": "pile-02", "from_s": 10, "to_s": 20},
    )
    async with Stand(scenario(faults=faults), tmp_path, ptys_as_tcp=True) as stand:

        async def look() -> tuple[bool, int, int]:
            try:
                registers(await asked_tcp(stand, "corner", rtu(1, 3, 0x3A, 1), 7), 1)
                answers = True
            except TimeoutError:
                answers = False
            message = await asked_tcp(stand, "radio", mbap(1, 1, 3, 32 + 7, 1), 11)
            status = registers(await asked_tcp(stand, "metro", rtu(102, 3, 2, 1), 7), 102)
            return answers, int.from_bytes(message[9:], "big"), status[0] & 0xFF00

        assert await look() == (True, 0, 0)
        await asyncio.sleep(10)
        assert await look() == (False, 0x3501, 0x0200)
        await asyncio.sleep(10)
        assert await look() == (True, 0, 0)


@pytest.mark.looptime
async def test_a_noisy_line_is_noisy_in_the_same_way_again(tmp_path: Path) -> None:
    noise = {"kind": "noise", "line": "metro", "flipped_bits": 0.01, "junk": 0.1}

    async def heard(seed: int) -> list[bytes]:
        answers = []
        async with Stand(scenario(faults=(noise,)), tmp_path, seed=seed, ptys_as_tcp=True) as stand, connected(stand, "metro") as port:
            for _ in range(40):
                port[1].write(rtu(101, 3, 0, 2))
                try:
                    answers.append(await asyncio.wait_for(port[0].read(100), 1))
                except TimeoutError:
                    answers.append(b"")
                await asyncio.sleep(1)
        return answers

    once = await heard(1)
    assert once == await heard(1)
    assert once != await heard(2)


async def test_a_file_in_the_way_of_a_pty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kerb").write_text("mine")
    with pytest.raises(FileExistsError):
        async with Stand(scenario(), tmp_path):
            pass
    assert (tmp_path / "kerb").read_text() == "mine"
    async with Stand(scenario(), tmp_path / "other") as stand:
        registers(await asked_tcp(stand, "corner", rtu(1, 3, 0x3A, 1), 7), 1)


@pytest.mark.looptime
async def test_nothing_is_left_open_and_a_stand_can_be_entered_a_hundred_times(tmp_path: Path) -> None:
    async with Stand(scenario(), tmp_path):
        pass
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(100):
        async with Stand(scenario(), tmp_path) as stand, connected(stand, "radio"):
            pass
        await asyncio.sleep(0.01)
    assert len(os.listdir("/proc/self/fd")) <= before + 2  # noqa: PTH208


async def test_every_protocol_of_the_street_with_every_device_answers_on_its_line(tmp_path: Path) -> None:
    async with Stand(load_scenario("every-device"), tmp_path, ptys_as_tcp=True) as stand:
        truth = {each.device: each for each in stand.devices}
        parked = stand.street.parked(truth["stud-02"].watches, stand.street_time()) is not None
        stud = await asked_tcp(stand, "studs", b"#001,*$02", 27)
        assert stud[:14] == b"$001,02,02," + (b"1" if parked else b"0") + b",7"
        field = await asked_tcp(stand, "fields", b"*02P\r", 28)
        empty = stand.magnetics.field(truth["field-02"].watches, stand.street_time())
        assert int(field[:7].replace(b",", b"").replace(b" ", b"")) == pytest.approx(empty[0] * 150, abs=150)
        inventory = await asked_tcp(stand, "school", bytes.fromhex("040001DB4B"), 6)
        assert inventory[1:3] == bytes.fromhex("0001")
        assert (await asked_tcp(stand, "loops", rtu(2, 4, 0, 1), 7))[4] == 34
        assert registers(await asked_tcp(stand, "roofs", rtu(12, 3, 0, 1), 7), 12) == [2]
