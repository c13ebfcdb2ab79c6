"""Detectors side by side on fresh simulated bay-days: how many arrivals and departures they find, and what they invent.

    python -m tests.benchmarks.bay_days [--bay-days 100] [--seed 1] [--jobs 2] [--detectors ours,first,fixed,ema] [--mix usual|wide]
                                         [--streets] [--every SECONDS] [--json FILE]

A bay has a sensor and those beside it have none; with --streets all three have one, as a city equips them, and all three are judged.
With --every only those whose sensors are read each so many seconds.
`tests/benchmarks/bay_mix.py` says what the bay-days are, `gateway/scoring/` what is counted and with which tolerances. A detector is one
of `contestants.py`, or module:function. All see the same readings; who is compared on one seed must be tuned on others.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from itertools import count, islice
from pathlib import Path

from gateway.scoring.measures import Measures, measures
from gateway.scoring.strata import strata
from tests.benchmarks.bay_causes import invented, missed
from tests.benchmarks.bay_judging import Spent, judge, judge_street
from tests.benchmarks.bay_mix import BAYS, Drawn, Mix, drawn, rhythms


def drawings(seed: int, days: float, mix: Mix = Mix.USUAL, every_s: float | None = None) -> Iterator[Drawn]:
    """Fresh ones, until they are so many days."""
    total_s = 0.0
    for number in count():
        if total_s >= days * 86400.0:
            return
        drawing = drawn(seed * 1_000_000 + number, mix)
        if every_s not in (None, drawing.sampling.every_s):
            continue
        total_s += drawing.lasts_s
        yield drawing


def run(work: Iterator[Drawn], jobs: int, names: Sequence[str], *, streets: bool = False, progress: bool = False) -> list[list[Spent]]:
    """By detector, in the order of `names`."""
    by_detector: list[list[Spent]] = [[] for _ in names]
    began, done_s = time.monotonic(), 0.0
    with ProcessPoolExecutor(jobs) as pool:
        while batch := list(islice(work, 8 * jobs)):
            for spent in pool.map(partial(judge_street if streets else judge, names), batch):
                for mine, bays in zip(by_detector, spent, strict=True):
                    mine.extend(bays)
                done_s += sum(bay.span_s for bay, _, _ in spent[0])
            if progress:
                print(f"\r{done_s / 86400:.0f} bay-days in {time.monotonic() - began:.0f} s", end="", file=sys.stderr, flush=True)
    if progress:
        print(file=sys.stderr)
    return by_detector


HEAD: tuple[str, ...] = (
    "detector", "precision", "recall", "false/bay-day", "splits/1000", "merged", "onset p50/p95", "confirm p50/p95", "after it stood",
    "swaps seen", "parks/drive-over", "parks/bus", "agreement", "unknown", "ECE", "µs/reading",
)  # fmt: skip
_OF_STRATA = slice(1, HEAD.index("swaps seen") + 1)
"""What is told of parts of bays as well."""


def row(name: str, given: Measures, us: float | None, *, whole: bool = True) -> tuple[str, ...]:
    return (
        name,
        _percent(given.precision) if whole else "-",
        _percent(given.recall),
        f"{given.invented_a_day:.3f}" if whole and given.invented_a_day is not None else "-",
        f"{given.splits_per_1000:.1f}" if whole and given.splits_per_1000 is not None else "-",
        str(given.merged) if whole else "-",
        _pair(given.onset_s),
        _pair(given.confirm_s),
        _pair(given.confirm_after_s),
        _percent(given.swaps_share),
        _percent(given.parks_per_drive_over) if whole else "-",
        _percent(given.parks_of_buses / given.buses if given.buses else None) if whole else "-",
        _percent(given.agreement) if whole else "-",
        _percent(given.unknown) if whole else "-",
        "-" if given.calibration_error is None or not whole else f"{given.calibration_error:.3f}",
        "-" if us is None else f"{us:.1f}",
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f} %"


def _pair(found: tuple[float, float] | None) -> str:
    return "-" if found is None else f"{found[0]:.1f} / {found[1]:.1f} s"


def table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--bay-days", type=float, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--detectors", default="ours,first,fixed,ema")
    parser.add_argument("--streets", action="store_true", help="every bay of a street has a sensor")
    parser.add_argument("--mix", type=Mix, choices=list(Mix), default=Mix.USUAL)
    parser.add_argument("--every", type=float, help="only where sensors are read each so many seconds")
    parser.add_argument("--json", type=Path, help="write all measures there")
    asked = parser.parse_args()
    if asked.every not in (None, *rhythms(asked.mix)):
        parser.error(
            f"--every: the {asked.mix} mix has sensors that are read each {', '.join(f'{each:g}' for each in rhythms(asked.mix))} s"
        )
    names = asked.detectors.split(",")
    by_detector = run(
        drawings(asked.seed, asked.bay_days / (len(BAYS) if asked.streets else 1), asked.mix, asked.every),
        asked.jobs,
        names,
        streets=asked.streets,
        progress=True,
    )
    rows = [HEAD]
    for name, spent in zip(names, by_detector, strict=True):
        us = 1e6 * sum(took for _, took, _ in spent) / max(sum(readings for _, _, readings in spent), 1)
        rows.append(row(name, measures([bay for bay, _, _ in spent]), us))
    first = measures([bay for bay, _, _ in by_detector[0]])
    mix = f"{asked.mix} mix{' in streets' if asked.streets else ''}"
    print(f"{first.bay_days:.0f} bay-days, {mix}, seed {asked.seed}: {first.facts} arrivals and departures, and {first.unseen}")
    print(f"that no readings showed; {first.swaps} swaps, {first.drive_overs} drive-overs, {first.buses} buses.\n\n{table(rows)}")
    for name, spent in zip(names, by_detector, strict=True):
        bays = [bay for bay, _, _ in spent]
        found = strata(bays)
        lines: list[tuple[str, ...]] = [("stratum", "facts", "unseen", *HEAD[_OF_STRATA])]
        for each in found:
            told = row("", each.measures, None, whole=each.whole_bays)
            lines.append((f"{each.by} {each.name}", str(each.measures.facts), str(each.measures.unseen), *told[_OF_STRATA]))
        print(f"\n{name}, by stratum\n\n{table(lines)}\n\n{table(missed(bays))}\n\n{table(invented(bays))}")
    if asked.json is not None:
        found_by = {name: asdict(measures([bay for bay, _, _ in spent])) for name, spent in zip(names, by_detector, strict=True)}
        asked.json.write_text(json.dumps(found_by, indent=1), "utf-8")


if __name__ == "__main__":
    main()
