"""What a client costs: it runs in a process of its own, and says at its end what it did and what that took.

polls, seconds, CPU seconds (user and system), peak of resident memory in KiB       one line, in this order
"""

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LOOPS = ("", "+uvloop") if find_spec("uvloop") else ("",)


@dataclass(frozen=True, slots=True)
class Cost:
    polls: int
    took_s: float
    cpu_s: float
    peak_kib: int

    @classmethod
    def read(cls, line: str) -> "Cost":
        polls, took_s, cpu_s, peak_kib = line.split()
        return cls(int(polls), float(took_s), float(cpu_s), int(peak_kib))

    @property
    def rate(self) -> float:
        return self.polls / self.took_s

    @property
    def cpu_us(self) -> float:
        """A poll."""
        return 1e6 * self.cpu_s / self.polls

    @property
    def cpu_percent(self) -> float:
        """Of one core."""
        return 100 * self.cpu_s / self.took_s

    @property
    def peak_mib(self) -> float:
        return self.peak_kib / 1024


def middle(costs: Sequence[Cost], of: Callable[[Cost], float]) -> float:
    return statistics.median(map(of, costs))


class Meter:
    """What lies between `begin` and `end` is counted: neither opening nor closing, nor what is done for the first time."""

    def __init__(self) -> None:
        self._began_s = self._cpu_before_s = 0.0
        self.said = ""

    def begin(self) -> None:
        """The client stands and is warm."""
        self._cpu_before_s, self._began_s = _cpu_s(), time.perf_counter()

    def end(self, polls: int) -> None:
        """So many since it began."""
        took_s, cpu_s = time.perf_counter() - self._began_s, _cpu_s() - self._cpu_before_s
        self.said = f"{polls} {took_s} {cpu_s} {_peak_kib()}"


WARM_S = 0.5


def go_first() -> None:
    """Before other programs on the machine, where the user may."""
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def say_cost(client: str, work: Callable[[Meter], Coroutine[Any, Any, None]]) -> None:
    """Runs the client, on uvloop when its name ends so, and prints what it cost."""
    factory = import_module("uvloop").new_event_loop if client.endswith("+uvloop") else None
    meter = Meter()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work(meter))
    print(meter.said)


def cost_of(command: Sequence[str]) -> tuple[Cost, list[str]]:
    """Runs a client; gives what it cost, and what else it printed before."""
    *said, cost = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return Cost.read(cost), said


@contextmanager
def unit(ports: int = 1) -> Iterator[list[int]]:
    """Modbus TCP units in a process of their own; gives the ports at which they answer."""
    command = [sys.executable, "-m", "tests.benchmarks.modbus_unit", str(ports)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield [int(port) for port in process.stdout.readline().split()]
        finally:
            process.stdin.close()
            process.wait()


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_kib() -> int:
    """getrusage's begins with the peak of the process that started this one."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
