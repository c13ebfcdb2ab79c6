"""`kerbgate simulate`, called as a person and as a CI script call it."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from serial import Serial

from config.loader import load_site
from gateway.console.main import kerbgate
from tests.simulators.requests import registers, rtu

_LONGEST_S = 30


def call(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner().invoke(kerbgate, ["--lang", lang, "simulate", *map(str, arguments)])


class Running:
    """A simulation with --json, and what it has said."""

    def __init__(self, *arguments: str | Path) -> None:
        program = "from gateway.console.main import main; main()"
        command = [sys.executable, "-c", program, "simulate", "--json", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._text = b""
        self.said: list[dict[str, Any]] = []

    def until(self, enough: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first object that is enough; fails when it does not come."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + _LONGEST_S
        while True:
            for said in self.said:
                if enough(said):
                    return said
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"not said: {self.said[-3:]}"
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, self.process.communicate()[1].decode()
            *lines, self._text = (self._text + data).split(b"\n")
            self.said += [json.loads(line) for line in lines]

    def end(self, number: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(number)
        _, complaints = self.process.communicate(timeout=_LONGEST_S)
        return self.process.returncode, complaints.decode()

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_lines_are_they_answer_and_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    running = Running("demo", "--folder", tmp_path)
    try:
        standing = running.until(lambda said: "standing" in said)["standing"]
        lines = {line["name"]: line for line in standing["lines"]}
        assert lines["kerb"]["kind"] == "pty"
        assert lines["kerb"]["where"] == str(tmp_path / "kerb")
        assert {device["name"] for device in lines["kerb"]["devices"]} == {f"geo-{n:02d}" for n in range(1, 7)}
        with Serial(lines["kerb"]["where"], 19200, timeout=5) as port:
            port.write(rtu(1, 3, 0x3A, 7))
            assert len(registers(port.read(19), 1)) == 7
        loaded = load_site(Path(standing["site"]))
        assert len(loaded.site.bays) == 12
        status, complaints = running.end(number)
    finally:
        running.kill()
    assert (status, complaints) == (0, "")
    assert not os.path.lexists(tmp_path / "kerb")


def test_programs_hear_what_stands_there_and_what_happens(tmp_path: Path) -> None:
    scenario = tmp_path / "quick.yaml"
    scenario.write_text(
        "title: {en: Quick, zh: 快}\n"
        "cars: {stay: {typical_s: 1, spread: 0, shortest_s: 1}, gap: {typical_s: 1, spread: 0, shortest_s: 1}, first_move_s: 0.5,\n"
        "       occupied_at_start: 0.5}\n"
        "lines: [{name: radio, kind: tcp, carries: [{model: banner-dx80-mgage, bays: 4}]}]\n"
    )
    running = Running(scenario, "--seconds", "4", "--seed", "9")
    try:
        running.until(lambda said: said.get("what") == "left" and said["t"] > 2)
        status, complaints = running.end(signal.SIGTERM)
    finally:
        running.kill()
    assert (status, complaints) == (0, "")
    standing, *events = running.said
    assert standing["standing"]["seed"] == 9
    assert any(event["t"] < 0 for event in events)
    times = [event["t"] for event in events]
    assert times == sorted(times)
    assert {event["who"] for event in events} <= {f"bay/350582-0123-{n:03d}" for n in range(1, 5)}
    assert {event["what"] for event in events} == {"arrived", "left"}


def test_people_read_a_table_and_sentences_in_their_language(tmp_path: Path) -> None:
    english = call("quiet-street", "--folder", tmp_path, "--seconds", "0.5")
    assert english.exit_code == 0, english.stderr
    assert english.stderr == ""
    head, columns, *rows = english.stdout.splitlines()
    assert "Bays: 24" in head
    assert columns.split() == ["line", "kind", "where", "wire", "units", "devices"]
    assert rows[0].split()[:5] == ["kerb", "pty", str(tmp_path / "kerb"), "19200", "8N1"]
    assert rows[1].split()[1] == "rtu_over_tcp"
    assert f"kerbgate run --config {tmp_path / 'site.yaml'}" in english.stdout
    chinese = call("quiet-street", "--folder", tmp_path, "--seconds", "0.5", lang="zh")
    assert chinese.exit_code == 0
    assert "泊位 24 个" in chinese.stdout


def test_list_names_the_scenarios_in_both_forms() -> None:
    listed = call("--list")
    assert listed.exit_code == 0
    assert "rush-hour" in listed.stdout
    names = [json.loads(line)["scenario"] for line in call("--list", "--json").stdout.splitlines()]
    assert {"quiet-street", "rush-hour", "noisy-line", "cut-cable", "broker-away"} <= set(names)


def test_a_scenario_with_a_broker_that_goes_away_asks_for_the_broker_and_leads_through_the_cut(tmp_path: Path) -> None:
    without = call("broker-away", "--folder", tmp_path, "--seconds", "0.3")
    assert without.exit_code == 0
    assert "--broker" in without.stderr
    assert load_site(tmp_path / "site.yaml").site.uplink is None
    given = call("broker-away", "--folder", tmp_path, "--seconds", "0.3", "--broker", "127.0.0.1:18830")
    assert given.exit_code == 0
    uplink = load_site(tmp_path / "site.yaml").site.uplink
    assert uplink is not None
    assert uplink.port not in (None, 18830)
    assert f"127.0.0.1:{uplink.port}" in given.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["quiet-stret"], "did you mean quiet-street?"),
        (["zzz"], "no scenario zzz"),
        ([], "Which scenario?"),
        (["missing.yaml"], "missing.yaml:1:1"),
        (["config/site.py"], "config/site.py:"),
        (["demo", "--folder", "/proc/nothing"], "/proc/nothing"),
        (["demo", "--broker", "nowhere"], "HOST:PORT"),
        (["demo", "--seconds", "-1"], "--seconds"),
    ],
)
def test_a_wrong_call_gets_a_sentence_and_status_2(arguments: list[str], words: str) -> None:
    wrong = call(*arguments)
    assert wrong.exit_code == 2
    assert words in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert wrong.stdout == ""


def test_a_site_of_the_users_own_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("gateway: mine\n")
    wrong = call("demo", "--folder", tmp_path, "--seconds", "1")
    assert wrong.exit_code == 2
    assert (tmp_path / "site.yaml").read_text() == "gateway: mine\n"
    (tmp_path / "site.yaml").unlink()
    (tmp_path / "kerb").write_text("mine")
    wrong = call("demo", "--folder", tmp_path, "--seconds", "1")
    assert wrong.exit_code == 2
    assert str(tmp_path / "kerb") in wrong.stderr
    assert (tmp_path / "kerb").read_text() == "mine"
