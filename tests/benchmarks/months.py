"""Months of nine deployed bays, row by row: how often what a detector says is what stands there.

    python -m tests.benchmarks.months [--days 212] [--seed 1] [--counts] [--detectors ours,rls,ema,fixed]

`months_of/sites.py` says what the bays are; `--counts` gives the field in tenths of a µT. One parameter set for all bays, and who is
compared on one seed must be tuned on others.
"""

import argparse
from collections.abc import Sequence
from functools import partial
from multiprocessing import Pool
from statistics import mean

from gateway.scoring.measures import Measures
from tests.benchmarks.bay_days import table
from tests.benchmarks.months_of.rows import Months, months
from tests.benchmarks.months_of.scored import Rows, Scored, ours, plain
from tests.benchmarks.months_of.sites import BaySite, sites

HEAD = (
    "bay",
    "agreement",
    "miss",
    "false",
    "unknown",
    "at once: agreement",
    "miss",
    "false",
    "likely: agreement",
    "miss",
    "false",
    "found",
    "invented a day",
    "µs/row",
)


def judge(names: Sequence[str], seed: int, days: float, counts_per_ut: float, site: BaySite) -> list[Scored]:
    """One bay, every detector."""
    return judge_rows(names, months(seed, site, days, counts_per_ut))


def judge_rows(names: Sequence[str], made: Months) -> list[Scored]:
    return [ours(made)[0] if name == "ours" else plain(name, made) for name in names]


def lines(scored: Sequence[Scored]) -> list[tuple[str, ...]]:
    told = [
        (
            each.bay,
            *_percent(each.told),
            f"{100 * each.told.unknown:.2f}",
            *_percent(each.at_once),
            *_percent(each.likely),
            *_told(each.events),
            f"{each.us:.0f}",
        )
        for each in scored
    ]
    return [
        HEAD,
        *told,
        (
            "mean",
            *_mean([each.told for each in scored]),
            f"{100 * mean(each.told.unknown for each in scored):.2f}",
            *_mean([each.at_once for each in scored]),
            *_mean([each.likely for each in scored]),
            *_mean_told([each.events for each in scored if each.events is not None]),
            "",
        ),
    ]


def sureness(events: Sequence[Measures]) -> str:
    """How sure what was told was said to be, on average, and how much of it was right."""
    bins = [each for bay in events for each in bay.calibration]
    told = sum(each.told for each in bins)
    said, right = sum(each.mean * each.told for each in bins), sum(each.right for each in bins)
    return (
        f"{told} arrivals and departures told: said to be {100 * said / told:.1f} % sure, right {100 * right / told:.1f} %" if told else ""
    )


def _told(events: Measures | None) -> tuple[str, str]:
    return ("", "") if events is None else _mean_told([events])


def _mean_told(events: Sequence[Measures]) -> tuple[str, str]:
    if not events:
        return "", ""
    return f"{100 * mean(each.recall or 0.0 for each in events):.2f}", f"{mean(each.invented_a_day or 0.0 for each in events):.2f}"


def _percent(rows: Rows) -> tuple[str, str, str]:
    return f"{100 * rows.agreed:.2f}", f"{100 * rows.missed:.2f}", f"{100 * rows.false:.2f}"


def _mean(rows: Sequence[Rows]) -> tuple[str, str, str]:
    return _percent(Rows(mean(each.agreed for each in rows), mean(each.missed for each in rows), mean(each.false for each in rows), 0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--days", type=float, default=212)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--counts", action="store_true", help="in counts of a tenth of a µT, as some nodes send them")
    parser.add_argument("--detectors", default="ours,rls,ema,fixed")
    asked = parser.parse_args()
    names = asked.detectors.split(",")
    with Pool(asked.jobs) as pool:
        judged = pool.map(partial(judge, names, asked.seed, asked.days, 10.0 if asked.counts else 1.0), sites(asked.seed), chunksize=1)
    for name, scored in zip(names, zip(*judged, strict=True), strict=True):
        print(f"{name}, {asked.days:.0f} days of 9 bays, seed {asked.seed}, %\n\n{table(lines(scored))}\n")
        print(sureness([each.events for each in scored if each.events is not None]))


if __name__ == "__main__":
    main()
