"""The measuring wire (paced_wire.c), compiled where a C compiler is, and what it counted.

The simulators' wire (simulators/wire.py) runs on an event loop, whose timers are whole ms: good for what a street does, too coarse
to tell 99 % from 97 %.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

SOURCE = Path(__file__).with_suffix(".c")
_BUILT = TemporaryDirectory(prefix="kerbgate-wire-")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCount:
    """Of one unit, or of all together."""

    requests: int
    occupied_s: float
    """From the begin of each of its requests to that of the next one, whosever it was."""
    longest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    requests: int
    early: int
    """Begun inside T3.5 of the last byte of the answer before."""
    foreign_octets: int
    wire_late_s: float
    """What the wire itself adds to a transaction, the median."""
    median_s: float
    """From the begin of a request to that of the next one."""
    mean_s: float
    theory_s: float
    """Of the last one that was answered: both silences, request and answer at the line's rate."""
    units: dict[int, UnitCount]


@cache
def _program() -> Path:
    program = Path(_BUILT.name) / "paced_wire"
    subprocess.run(["gcc", "-O2", "-o", program, SOURCE], check=True)
    return program


class PacedWire:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.path = self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def counted(self) -> Counted:
        """Since the start, or since this was called last."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        whole, _, units = self._line().partition("|")
        requests, early, foreign, late_us, median_us, mean_us, theory_us = whole.split()
        counts = {}
        for each in units.split():
            unit, asked, occupied_us, longest_us = each.split(":")
            counts[int(unit)] = UnitCount(requests=int(asked), occupied_s=float(occupied_us) / 1e6, longest_s=float(longest_us) / 1e6)
        return Counted(
            requests=int(requests),
            early=int(early),
            foreign_octets=int(foreign),
            wire_late_s=float(late_us) / 1e6,
            median_s=float(median_us) / 1e6,
            mean_s=float(mean_us) / 1e6,
            theory_s=float(theory_us) / 1e6,
            units=counts,
        )


@contextmanager
def paced_wire(baud: int, *, piece: int = 1, thinks_s: float = 0.0, silent: Sequence[int] = ()) -> Iterator[PacedWire]:
    """An RS-485 pair with 247 units, whose registers hold their own addresses."""
    given = [str(baud), str(piece), str(round(thinks_s * 1e6)), ",".join(map(str, silent)) or "-"]
    with subprocess.Popen([_program(), *given], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield PacedWire(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)
