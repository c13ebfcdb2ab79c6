"""`kerbgate simulate --trace` and `kerbgate score`, called as an engineer calls them."""

import json
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from gateway.console.main import kerbgate
from simulators.scenario import load_scenario


def call(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner().invoke(kerbgate, ["--lang", lang, *map(str, arguments)])


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hard street, asked every four seconds: a quarter of the readings."""
    path = tmp_path_factory.mktemp("scenario") / "hard.yaml"
    text = files("simulators").joinpath("scenarios", "hard-street.yaml").read_text("utf-8")
    path.write_text(text.replace("sampling: {every_s: 1,", "sampling: {every_s: 4,"), "utf-8")
    assert load_scenario(path).sampling.every_s == 4
    return path


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory, scenario: Path) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("hard")
    trace, truth = folder / "hard.jsonl", folder / "hard.truth.jsonl"
    made = call("simulate", scenario, "--trace", trace, "--truth", truth, "--days", "0.06", "--seed", "3")
    assert made.exit_code == 0, made.stderr
    assert "6 devices in 0.06 days, seed 3" in made.stderr
    return trace, truth


def test_the_same_seed_writes_the_same_bytes(hard: tuple[Path, Path], scenario: Path, tmp_path: Path) -> None:
    again = tmp_path / "a", tmp_path / "b"
    call("simulate", scenario, "--trace", again[0], "--truth", again[1], "--days", "0.06", "--seed", "3")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in hard]


def test_a_trace_and_the_events_that_replay_makes_of_it_score_alike(hard: tuple[Path, Path], tmp_path: Path) -> None:
    trace, truth = hard
    events = tmp_path / "events.jsonl"
    events.write_text(call("replay", trace).stdout, "utf-8")
    of_trace, of_events = (json.loads(call("score", what, truth, "--json").stdout) for what in (trace, events))
    assert of_trace["facts"] >= 10
    assert of_trace["found"] >= 5
    for figure in ("facts", "found", "invented", "splits", "swaps_seen", "confusion"):
        assert of_trace[figure] == of_events[figure], figure
    assert of_trace["recall"] == of_events["recall"]
    assert {each["by"] for each in of_trace["strata"]} >= {"signature", "sampling", "drift", "loss", "neighbour"}


def test_people_read_a_table_and_get_a_picture(hard: tuple[Path, Path], tmp_path: Path) -> None:
    drawing = tmp_path / "errors.svg"
    events = tmp_path / "events.jsonl"
    events.write_text(call("replay", hard[0]).stdout, "utf-8")
    told = call("score", events, hard[1], "--picture", drawing)
    assert told.exit_code == 0, told.stderr
    assert "swaps seen as two stays" in told.stdout
    assert ET.parse(drawing).getroot().get("height")  # noqa: S314  # our own
    assert "车辆接替被识别为两次停车" in call("score", events, hard[1], lang="zh").stdout


def test_what_is_wrong_is_one_sentence_with_its_place(hard: tuple[Path, Path], scenario: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text('{"truth":"kerbgate.truth/1"}\n{"t":1,"device":"a","what":"flew"}\n', "utf-8")
    bad_events = tmp_path / "bad events"
    bad_events.write_text('{"specversion":"1.0"}\n', "utf-8")
    assert f"{bad_events}:1: this is no event" in call("score", bad_events, hard[1]).stderr
    told = call("score", hard[0], bad)
    assert (told.exit_code, told.stdout) == (2, "")
    assert f"{bad}:2: a fact needs t, device and what" in told.stderr
    bad.write_text("", "utf-8")
    (tmp_path / "empty").write_text("", "utf-8")
    assert call("score", tmp_path / "empty", bad).exit_code == 1
    assert call("score", tmp_path / "none", hard[1]).exit_code == 2
    assert "Add --trace FILE" in call("simulate", scenario, "--truth", bad).stderr
    assert call("simulate", scenario, "--trace", tmp_path / "no" / "where").exit_code == 2
