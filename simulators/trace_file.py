"""A trace and the truth beside it, as files. The formats are those of `record` and of `truth.py`; both are written here by themselves.

{"trace":"kerbgate.readings/1","wall":"2026-05-01T00:00:00Z"}
{"t":12.35,"device":"bay-07","values":{"x_ut":36.41,"y_ut":-2.88,"z_ut":28.3,"temperature_c":21.5}}
"""

import json
from collections.abc import Iterator, Sequence
from heapq import merge
from pathlib import Path

from simulators.bay_day import BayDay
from simulators.truth import fact_line, header_line

TRACE = "kerbgate.readings/1"


def write_trace(days: Sequence[BayDay], wall: str, path: Path) -> int:
    """How many readings."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"trace": TRACE, "wall": wall}, separators=(",", ":")) + "\n")
        for _, line in merge(*(_lines(day) for day in days)):
            file.write(line)
            count += 1
    return count


def write_truth(days: Sequence[BayDay], wall: str, seed: int, path: Path) -> int:
    """How many facts."""
    facts = sorted((fact for day in days for fact in day.facts), key=lambda fact: fact.t)
    with path.open("w", encoding="utf-8") as file:
        file.write(header_line(wall, seed, [(day.device, day.note) for day in days]) + "\n")
        for fact in facts:
            file.write(fact_line(fact) + "\n")
    return len(facts)


def _lines(day: BayDay) -> Iterator[tuple[float, str]]:
    device = json.dumps(day.device, ensure_ascii=False)
    names = [f'"{column.name}":' for column in day.columns]
    values = [column.values.tolist() if column.digits else column.values.astype(int).tolist() for column in day.columns]
    for t, *reading in zip(day.times.tolist(), *values, strict=True):
        given = ",".join(f"{name}{value}" for name, value in zip(names, reading, strict=True))
        yield t, f'{{"t":{t},"device":{device},"values":{{{given}}}}}\n'
