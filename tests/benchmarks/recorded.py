"""The detector on recordings of real sensors that you hold; nothing of them is in this repository.

    python -m tests.benchmarks.recorded short FOLDER [--detectors ours,first,fixed]
    python -m tests.benchmarks.recorded months FOLDER [--detectors ours,rls,ema,fixed]

`recorded_files.py` says what the files look like. The judges are those of `hum_perfect.py` and `months.py`: perfect is one arrival and one
departure, each near its label, and nothing else; agreement, the share of rows of which what is told is what stood there.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.benchmarks import hum_perfect, months, recorded_files
from tests.benchmarks.bay_days import table


def show_short(names: Sequence[str], paths: Sequence[Path], jobs: int) -> str:
    recordings = [recorded_files.short(path) for path in paths]
    parked, passing = [each for each in recordings if each.label], [each for each in recordings if not each.label]
    with ProcessPoolExecutor(jobs) as pool:
        outcomes = list(pool.map(partial(hum_perfect.judge_labelled, names), parked))
        parks = list(pool.map(partial(hum_perfect.parks_told, names), passing))
    return hum_perfect.shown(names, outcomes, parks)


def show_months(names: Sequence[str], paths: Sequence[Path], jobs: int) -> str:
    made = [recorded_files.months(path) for path in paths]
    with ProcessPoolExecutor(jobs) as pool:
        judged = list(pool.map(partial(months.judge_rows, names), made))
    return "\n\n".join(f"{name}, %\n\n{table(months.lines(scored))}" for name, scored in zip(names, zip(*judged, strict=True), strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("kind", choices=("short", "months"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--detectors")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    show, names = (show_short, "ours,first,fixed") if asked.kind == "short" else (show_months, "ours,rls,ema,fixed")
    try:
        print(show((asked.detectors or names).split(","), recorded_files.files_of(asked.folder), asked.jobs))
    except recorded_files.RecordingFault as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
