"""Recordings from files: what is judged of them is what is judged of the same recordings as they were made."""

import csv
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from tests.benchmarks import recorded_files
from tests.benchmarks.hum_labelled import Labelled, parking, passing
from tests.benchmarks.hum_perfect import judge_labelled, parks_told
from tests.benchmarks.months_of.rows import months
from tests.benchmarks.months_of.scored import ours
from tests.benchmarks.months_of.sites import sites
from tests.benchmarks.recorded_files import MONTHS, SHORT, RecordingFault
from tests.checkout import ROOT

NAMES = ("ours", "fixed")


def write(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)
    return path


def write_short(path: Path, trace: Labelled) -> Path:
    first_s, last_s = trace.label or (1.0, 0.0)
    rows = zip(trace.times.tolist(), trace.values.tolist(), strict=True)
    return write(path, SHORT, [(t, value, int(first_s <= t <= last_s)) for t, value in rows])


@pytest.mark.parametrize("seed", range(700, 706))
def test_a_labelled_recording_is_judged_as_it_was_made(tmp_path: Path, seed: int) -> None:
    made = parking(seed)
    read = recorded_files.short(write_short(tmp_path / "one.csv", made))
    assert made.label is not None
    assert read.label is not None
    assert read.label == pytest.approx(made.label, abs=0.1)
    one, other = judge_labelled(NAMES, made), judge_labelled(NAMES, read)
    assert [each.perfect for each in other] == [each.perfect for each in one]


def test_how_strong_a_parked_vehicle_is_felt_is_told_from_the_recording_where_the_empty_bay_is_seen_for_long_enough(tmp_path: Path) -> None:
    made = [parking(seed) for seed in range(700, 760)]
    read = [recorded_files.short(write_short(tmp_path / "one.csv", each)) for each in made]
    known = [(one.sigmas >= 6.0, other.sigmas >= 6.0) for one, other in zip(made, read, strict=True) if other.sigmas]
    assert len(known) > 48
    assert sum(one is other for one, other in known) > 0.85 * len(known)


def test_a_recording_without_a_parked_vehicle_is_of_vehicles_that_pass(tmp_path: Path) -> None:
    made = passing(700)
    read = recorded_files.short(write_short(tmp_path / "two.csv", made))
    assert read.label is None
    assert parks_told(NAMES, read) == parks_told(NAMES, made)


def test_rows_of_months_are_judged_as_they_were_made(tmp_path: Path) -> None:
    made = months(5, sites(5)[0], 6.0)
    of = [(row.reading, row.occupied) for row in made.rows]
    rows = [(each.t, each.x_ut, each.y_ut, each.z_ut, each.temperature_c, int(occupied)) for each, occupied in of]
    read = recorded_files.months(write(tmp_path / f"{made.name}.csv", MONTHS, rows))
    assert read.rows == made.rows
    assert ours(read)[0].told == ours(made)[0].told
    assert len(read.stays) > 3
    assert all(seen.arrive_s < seen.parked_s <= seen.depart_s < seen.gone_s for seen in read.stays)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("t,value\n1,2\n", "one.csv:1: no column parked; its header must name t,value,parked"),
        ("t,value,parked\n1,2,0\n2,x,0\n", "one.csv:3: not a number in each of t,value,parked"),
        ("t,value,parked\n1,2,0\n1,2,0\n", "one.csv:3: each row must be finite, and later than the one before"),
        ("t,value,parked\n1,2,0\n2,nan,0\n", "one.csv:3: each row must be finite"),
        ("t,value,parked\n1,2,0\n", "one.csv: fewer than two rows"),
    ],
)
def test_a_file_that_is_no_recording_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "one.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(RecordingFault, match=said.replace(".", r"\.")):
        recorded_files.short(path)


@pytest.mark.parametrize(("kind", "head"), [("short", "| ours, all "), ("months", "| mean ")])
def test_the_command_prints_a_table_for_a_folder(tmp_path: Path, kind: str, head: str) -> None:
    if kind == "short":
        write_short(tmp_path / "a.csv", parking(700))
        write_short(tmp_path / "b.csv", passing(700))
    else:
        made = months(5, sites(5)[0], 2.0)
        of = [(row.reading, row.occupied) for row in made.rows]
        write(tmp_path / "a.csv", MONTHS, [(one.t, one.x_ut, one.y_ut, one.z_ut, one.temperature_c, int(there)) for one, there in of])
    command = [sys.executable, "-m", "tests.benchmarks.recorded", kind, str(tmp_path), "--detectors", "ours"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert head in ran.stdout


def test_an_empty_folder_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.recorded", "short", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr == f"{tmp_path}: no .csv file in it\n"
