"""`kerbgate check`: what it prints, where, and with which exit status."""

import json
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import gateway.live
from config.loader import LoadedSite
from drivers.errors import UnitSilent, WireError
from drivers.reading import Quality, Reading, Sighting
from gateway.console.main import kerbgate
from gateway.console.table import Column, print_table
from gateway.live import LiveAnswer, NotRead
from tests.config.sites import BUS, DEVICES, GATEWAY, RIGHT, written

STREET = Path(__file__).parents[3] / "config" / "examples" / "street.yaml"


def _check(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner().invoke(kerbgate, ["--lang", lang, "check", *map(str, arguments)])


def test_a_right_site_is_one_line_and_what_its_polls_cost(tmp_path: Path) -> None:
    path = written(tmp_path, RIGHT)
    result = _check(path)
    assert result.exit_code == 0
    assert result.stderr == ""
    head, *table = result.stdout.splitlines()
    assert head == f"{path} is right. Buses: 1, devices: 3, bays: 2, stations: 1"
    # Two detectors of 7 registers every 2 s (45.4 ms each), a pile of 24 every 2 s (85.8 ms).
    assert [line.split() for line in table] == [
        ["bus", "line", "devices", "reads/s", "ms/s", "busy"],
        ["kerb", "/dev/ttyTEST0", "9600", "8N1", "3", "1.50", "88", "9", "%"],
    ]


def test_a_tcp_line_has_no_rate() -> None:
    radio = next(line for line in _check(STREET).stdout.splitlines() if line.startswith("radio"))
    assert radio.split() == ["radio", "tcp", "192.0.2.20:502", "3", "-", "-", "-"]


def test_it_speaks_chinese() -> None:
    stdout = _check(STREET, lang="zh").stdout
    assert stdout.startswith(f"{STREET} 正确：3 条总线，12 台设备，9 个泊位，1 个站点\n")
    assert "占用率" in stdout


def test_every_mistake_goes_to_stderr_and_the_status_is_2(tmp_path: Path) -> None:
    path = written(tmp_path, RIGHT.replace("unit: 2", "unit: 1") + "qqqq: 1\n")
    result = _check(path)
    assert result.exit_code == 2
    assert result.stdout == ""
    first, second, last = result.stderr.splitlines()
    assert first.startswith(f"{path}:6:63: unit 1 on bus kerb is already the device d1, line 5 (two units with one id answer at once; ")
    assert second.startswith(f"{path}:13:1: the key qqqq is unknown (known here: gateway, language, buses, ")
    assert last == f"2 mistakes in {path}; the gateway does not start with it"


@pytest.mark.parametrize("name", [".", "absent.yaml", "empty.yaml", "binary.yaml", "big.yaml"])
def test_a_file_that_is_none_is_one_sentence_and_no_traceback(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.yaml").touch()
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    (tmp_path / "big.yaml").write_bytes(b"#" * 10_000_000)
    result = _check(tmp_path / name)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 2
    assert result.stderr.startswith(f"{tmp_path / name}:")
    assert "Traceback" not in result.stderr


def test_advice_goes_to_stderr_and_the_site_is_right(tmp_path: Path) -> None:
    path = written(tmp_path, GATEWAY + BUS + DEVICES)
    result = _check(path)
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0].startswith(f"{path}:5:12: note: the device d1 is polled, but no bay or station is bound to it (")


def test_profiles_of_the_user_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    written(folder, "profile: mine\ntitle: {en: a, zh: b}\nsource: x\npoints: [{key: level, address: 0}]\n", "mine.yaml")
    path = written(tmp_path, RIGHT.replace("profile: witmotion-wt901c485, unit: 1", "profile: mine, unit: 1"))
    assert _check(path).exit_code == 2
    assert _check(path, "--profiles", folder).exit_code == 0


def test_json_holds_what_the_words_say(tmp_path: Path) -> None:
    right = json.loads(_check(written(tmp_path, RIGHT), "--json").stdout)
    assert right["right"] is True
    assert right["buses"] == [{"name": "kerb", "kind": "serial", "devices": 3, "reads_per_s": 1.5, "ms_per_s": 88.3}]
    result = _check(written(tmp_path, RIGHT + "qqqq: 1\n"), "--json")
    wrong = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (2, "")
    assert [(each["line"], each["column"], each["id"]) for each in wrong["mistakes"]] == [(13, 1, "config.unknown_key")]
    assert wrong["mistakes"][0]["hint"].startswith("known here:")


def _answers(**by_device: Reading | WireError) -> tuple[LiveAnswer, ...]:
    return tuple(
        LiveAnswer(
            device=name,
            reading=answer if isinstance(answer, Reading) else None,
            error=NotRead(answer.sentence, answer.values) if isinstance(answer, WireError) else None,
            elapsed_ms=45.4,
        )
        for name, answer in by_device.items()
    )


def _stand_in(monkeypatch: pytest.MonkeyPatch, answers: tuple[LiveAnswer, ...]) -> None:
    async def ask(loaded: LoadedSite, log: object) -> tuple[LiveAnswer, ...]:  # noqa: ARG001
        return answers

    monkeypatch.setattr(gateway.live, "ask_every_device", ask)


GOOD = Reading(device="d1", t=1.0, x_ut=36.40001, occupied=True)
SCAN = Reading(device="p1", t=1.0, sightings=(Sighting("E280A1", -60.0),), battery_v=3.61)


def test_live_shows_every_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(monkeypatch, _answers(d1=GOOD, p1=SCAN))
    result = _check(written(tmp_path, RIGHT), "--live")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()[-4:-1]] == [
        ["device", "ms", "answer"],
        ["d1", "45", "x_ut=36.4", "occupied=True"],
        ["p1", "45", "battery_v=3.61", "sightings={'E280A1':", "-60.0}"],
    ]
    assert result.stdout.splitlines()[-1] == "all 2 devices answered"


def test_live_ends_with_1_when_a_device_is_silent_or_not_to_be_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Reading(device="p1", t=1.0, quality=Quality.BAD, cause="reader_fault")
    _stand_in(monkeypatch, _answers(d1=GOOD, d2=UnitSilent(device="d2", unit=2, timeout_s=0.3), p1=bad))
    result = _check(written(tmp_path, RIGHT), "--live")
    assert result.exit_code == 1
    assert "not to be believed: reader_fault" in result.stdout
    assert result.stderr.splitlines()[-2] == "2 of 3 devices failed"
    assert result.stderr.splitlines()[-1].startswith("begin with the first;")


def test_live_as_json_is_one_object_whatever_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(monkeypatch, _answers(p1=SCAN, d2=UnitSilent(device="d2", unit=2, timeout_s=0.3)))
    result = _check(written(tmp_path, RIGHT), "--live", "--json")
    assert result.exit_code == 1
    said = {each["device"]: each for each in json.loads(result.stdout)["live"]}
    assert said["p1"]["values"] == {"battery_v": 3.61, "sightings": {"E280A1": -60.0}}
    assert (said["d2"]["well"], said["d2"]["id"]) == (False, "drivers.unit_silent")


class _Nodes(socketserver.BaseRequestHandler):
    """A DX80 on Modbus TCP, from the layout alone: node 1 says 42, the radio of node 2 is lost."""

    def handle(self) -> None:
        registers = [0] * 200
        registers[16], registers[32 + 7] = 42, 0x3501
        while len(request := self.request.recv(260)) >= 12:
            transaction, _, _, unit, function, start, count = struct.unpack(">HHHBBHH", request[:12])
            data = struct.pack(f">{count}H", *registers[start : start + count])
            self.request.sendall(struct.pack(">HHHBBB", transaction, 0, 3 + len(data), unit, function, len(data)) + data)


@pytest.fixture(name="dx80")
def _dx80() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Nodes) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def _behind(port: int) -> str:
    nodes = "".join(f"  - {{name: n{node}, bus: radio, profile: banner-dx80-mgage, unit: 1, sub_unit: {node}}}\n" for node in (1, 2))
    return f"gateway: g\nbuses: [{{name: radio, line: {{kind: tcp, host: 127.0.0.1, port: {port}}}}}]\ndevices:\n{nodes}"


def test_live_asks_real_devices_over_a_real_socket(tmp_path: Path, dx80: int) -> None:
    result = _check(written(tmp_path, _behind(dx80)), "--live", "--json")
    said = {each["device"]: each for each in json.loads(result.stdout)["live"]}
    assert said["n1"]["well"] is True
    assert said["n1"]["values"] == {"level": 42.0}
    assert said["n2"]["well"] is False
    assert "radio_timeout" in said["n2"]["message"]
    assert result.exit_code == 1


def test_live_on_a_port_that_refuses_is_a_sentence_a_device(tmp_path: Path) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), _Nodes) as server:
        refused = server.server_address[1]
    result = _check(written(tmp_path, _behind(refused)), "--live", "--json")
    assert [each["id"] for each in json.loads(result.stdout)["live"]] == ["drivers.refused"] * 2
    assert result.exit_code == 1


def test_a_table_is_whole_on_a_pipe_and_counts_chinese_as_two() -> None:
    @click.command()
    def show() -> None:
        print_table([Column("名称"), Column("n", right=True)], [("泊位", "1"), ("[bold]" + "x" * 200, "22")])

    lines = CliRunner().invoke(show).stdout.splitlines()
    assert lines[2] == "[bold]" + "x" * 200 + "  22"
    assert lines[1] == "泊位" + " " * (206 - 4) + "   1"
