"""`kerbgate replay`, run as a program: the same trace gives the same bytes, and bad traces end in one clear sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.trace import header_line, reading_line
from tests.gateway.field import Stay, field_readings

KERBGATE = Path(sys.executable).with_name("kerbgate")


def replay(*arguments: str | Path, seed: str = "0") -> subprocess.CompletedProcess[bytes]:
    environment = {"PYTHONHASHSEED": seed, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    return subprocess.run([KERBGATE, "replay", *arguments], capture_output=True, check=False, timeout=60, env=environment)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Two bays of their own, interleaved in time; one falls silent at the end."""
    one = field_readings((Stay(60, 400), Stay(460, 900)), 1000, device="bay-07")
    other = field_readings((Stay(130.5, 700),), 800, start_s=0.5, seed=2, device="泊位 8")
    readings = sorted([*one, *other], key=lambda reading: reading.t)
    path = tmp_path / "street.jsonl"
    path.write_text("\n".join([header_line(1_777_593_600.0), *map(reading_line, readings)]) + "\n", "utf-8")
    return path


def test_the_same_trace_gives_the_same_bytes(trace: Path) -> None:
    first, second = replay(trace, seed="1"), replay(trace, seed="2")
    assert first.returncode == second.returncode == 0, first.stderr.decode()
    assert first.stdout == second.stdout
    assert len(first.stdout.splitlines()) == 8


def test_events_are_those_of_the_trace_with_its_own_time(trace: Path) -> None:
    events = [json.loads(line) for line in replay(trace).stdout.splitlines()]
    told = [(event["subject"], event["type"].rpartition(".")[2]) for event in events]
    assert told == [
        ("bay/bay-07", "park_start"),
        ("bay/泊位 8", "park_start"),
        ("bay/bay-07", "park_end"),
        ("bay/bay-07", "park_start"),
        ("bay/泊位 8", "park_end"),
        ("bay/泊位 8", "comms_lost"),
        ("device/泊位 8", "fault"),
        ("bay/bay-07", "park_end"),
    ]
    assert events[0]["time"] == "2026-05-01T00:01:01.000Z"
    assert events[0]["data"]["onset_s"] == 61.0
    assert events[0]["data"]["session"] == events[2]["data"]["session"] != events[3]["data"]["session"]
    assert [event["sequence"] for event in events] == [f"{number:016d}" for number in range(1, 9)]


def test_a_summary_stands_on_stderr(trace: Path) -> None:
    assert b"8 events" in replay(trace).stderr


def test_a_recording_that_was_cut_off_is_replayed_up_to_there(trace: Path) -> None:
    whole = trace.read_text("utf-8")
    trace.write_text(whole[:-30], "utf-8")
    done = replay(trace)
    assert done.returncode == 0
    assert b"cut off" in done.stderr
    assert len(done.stdout.splitlines()) == 8


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "not JSON"),
        ('{"t":1e9,"values":{}}', "names no device"),
        ('{"t":-5,"device":"bay-07","values":{}}', "order of t"),
    ],
)
def test_a_bad_line_is_named_with_its_number(trace: Path, line: str, says: str) -> None:
    trace.write_text(trace.read_text("utf-8") + line + "\n", "utf-8")
    done = replay(trace)
    assert done.returncode == 1
    first, second = done.stderr.decode().splitlines()
    assert f"street.jsonl:{len(trace.read_text('utf-8').splitlines())}:" in first
    assert says in first
    assert second


@pytest.mark.parametrize(("name", "says"), [("", "is a folder"), ("missing.jsonl", "No such file")])
def test_a_trace_that_cannot_be_read_is_a_wrong_call(tmp_path: Path, name: str, says: str) -> None:
    done = replay(tmp_path / name)
    assert done.returncode == 2
    assert says in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_an_empty_trace_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    done = replay(tmp_path / "empty.jsonl")
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"empty" in done.stderr


def test_a_binary_file_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "core").write_bytes(bytes(range(256)) * 100)
    done = replay(tmp_path / "core")
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
