"""Arrivals and departures under the mains' hum: what is found and what invented, by strength of the vehicle and place of the alias.

    python -m tests.benchmarks.hum [--short 600] [--streets 60] [--long 0] [--seed 1] [--jobs 2] [--detectors ours,first,fixed,ema]

`hum_traces.py` says what the traces are, `gateway/scoring/` what is counted. `perfect` is of short traces: both onsets told within the
tolerances of labelled recordings (arrival -6 to +8 s, departure -8 to +6 s) and nothing else.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from drivers.reading import Reading
from gateway.scoring.judging import Found, Judged, judged
from gateway.scoring.measures import measures
from gateway.scoring.told import Says, Told
from gateway.scoring.truth import Device
from tests.benchmarks.bay_days import row, table
from tests.benchmarks.contestants import contestant, told_by
from tests.benchmarks.hum_street import Kind
from tests.benchmarks.hum_traces import DEVICE, HumTrace, hum_trace

Asked = tuple[int, Kind]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One trace under one detector."""

    kind: Kind
    seed: int
    hum_ut: float
    alias_hz: float
    sigmas: float
    """Of the weakest vehicle that parks."""
    judged: Judged
    perfect: bool


def readings_of(trace: HumTrace) -> list[Reading]:
    return [Reading(device=DEVICE, t=t, b_ut=value) for t, value in zip(trace.times.tolist(), trace.values.tolist(), strict=True)]


def judge(names: Sequence[str], asked: Asked) -> list[Outcome]:
    seed, kind = asked
    trace = hum_trace(seed, kind)
    readings = readings_of(trace)
    outcomes = []
    for name in names:
        told = told_by(contestant(name)(DEVICE, 0.0), readings)
        bay = judged(DEVICE, Device(form="scalar", interval_s=1 / trace.rate_hz, hum_ut=trace.hum_ut), trace.facts, told, trace.lasts_s)
        sigmas = min((each.fact.signature_sigmas or 0.0 for each in bay.found), default=0.0)
        outcomes.append(Outcome(kind, seed, trace.hum_ut, trace.alias_hz, sigmas, bay, _perfect(bay, told)))
    return outcomes


def _perfect(bay: Judged, told: Sequence[Told]) -> bool:
    if len([each for each in told if each.says in (Says.START, Says.END)]) != 2 or len(bay.found) != 2:
        return False
    arrived, left = bay.found
    if arrived.told is None or left.told is None:
        return False
    early, late = arrived.told.onset_s - arrived.fact.t, left.told.onset_s - left.fact.settled_s
    return -6.0 <= early <= 8.0 and -8.0 <= late <= 6.0


def run(work: Iterator[Asked] | Sequence[Asked], jobs: int, names: Sequence[str]) -> list[list[Outcome]]:
    """By detector, in the order of `names`."""
    if jobs == 1:
        outcomes = list(map(partial(judge, names), work))
    else:
        with ProcessPoolExecutor(jobs) as pool:
            outcomes = list(pool.map(partial(judge, names), work, chunksize=4))
    return [[each[number] for each in outcomes] for number in range(len(names))]


def work_of(seed: int, short: int, streets: int, longs: int) -> list[Asked]:
    """The longest first, so that both cores end together."""
    counts = ((Kind.LONG, longs), (Kind.STREET, streets), (Kind.SHORT, short))
    return [(seed * 1_000_000 + number, kind) for kind, count in counts for number in range(count)]


STRENGTHS = (
    ("< 3 sigma", 0.0, 3.0),
    ("3-6 sigma", 3.0, 6.0),
    ("6-12 sigma", 6.0, 12.0),
    (">= 12 sigma", 12.0, 1e9),
    (">= 6 sigma", 6.0, 1e9),
)
ALIASES = (("alias < 0.1 Hz", 0.0, 0.1), ("0.1-0.5 Hz", 0.1, 0.5), ("0.5-2 Hz", 0.5, 2.0), (">= 2 Hz", 2.0, 99.0))


def report(name: str, outcomes: Sequence[Outcome]) -> str:
    head = (name, "traces", "facts", "precision", "recall", "false/bay-day", "perfect", "onset p50/p95", "confirm p50/p95")
    lines: list[tuple[str, ...]] = [head]
    for kind in Kind:
        of_kind = [each for each in outcomes if each.kind is kind]
        for title, low, high in STRENGTHS:
            if kind is Kind.SHORT:
                lines.append(_line(f"{kind} {title}", [each for each in of_kind if low <= each.sigmas < high]))
            else:
                lines.append(_line(f"{kind} {title}", of_kind, partial(_strong, low, high)))
        for title, low, high in ALIASES:
            near = [each for each in of_kind if low <= each.alias_hz < high]
            lines.append(
                _line(
                    f"{kind} >= 6 sigma, {title}",
                    [each for each in near if each.sigmas >= 6.0] if kind is Kind.SHORT else near,
                    None if kind is Kind.SHORT else partial(_strong, 6.0, 1e9),
                )
            )
    return table([line for line in lines if line])


def _strong(low: float, high: float, _bay: Judged, each: Found) -> bool:
    return each.fact.signature_sigmas is not None and low <= each.fact.signature_sigmas < high


def _line(title: str, outcomes: Sequence[Outcome], chosen: Callable[[Judged, Found], bool] | None = None) -> tuple[str, ...]:
    bays = [each.judged for each in outcomes]
    if not bays:
        return ()
    of = measures(bays) if chosen is None else measures(bays, chosen)
    told = row("", of, None)
    perfect = sum(each.perfect for each in outcomes) / len(outcomes)
    short = outcomes[0].kind is Kind.SHORT
    return (title, str(len(bays)), str(of.facts), told[1], told[2], told[3], f"{100 * perfect:.1f} %" if short else "-", told[6], told[7])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--short", type=int, default=600)
    parser.add_argument("--streets", type=int, default=60)
    parser.add_argument("--long", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--detectors", default="ours,first,fixed,ema")
    parser.add_argument("--missed", action="store_true", help="name the traces in which a vehicle of six sigmas or more was missed")
    asked = parser.parse_args()
    names = asked.detectors.split(",")
    by_detector = run(work_of(asked.seed, asked.short, asked.streets, asked.long), asked.jobs, names)
    for name, outcomes in zip(names, by_detector, strict=True):
        print(f"\n{report(name, outcomes)}")
        for each in outcomes if asked.missed else ():
            missed = [f for f in each.judged.found if not f.unseen and f.told is None and (f.fact.signature_sigmas or 0) >= 6.0]
            if missed or (each.judged.invented and each.sigmas >= 6.0):
                print(
                    f"{each.kind} {each.seed}: hum {each.hum_ut:.2f} µT at {each.alias_hz:.2f} Hz, {len(missed)} missed, "
                    f"{len(each.judged.invented)} invented, weakest {each.sigmas:.1f} sigma",
                    file=sys.stderr,
                )


if __name__ == "__main__":
    main()
