"""`python -m tests.faults.simulation --hours N --seed S --jobs J`: simulated hours of a whole gateway, every fault drawn from a seed.

With `--days N` each seed is a day, of a site that is read more rarely. Exit status 1 where any run found something; each finding comes
with the command that repeats its hour or day.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.brokers import mosquitto
from tests.faults.shim import Shim, environment
from tests.faults.simulation.hour import Outcome, simulate
from tests.faults.simulation.schedule import drawn

_HOURS, _DAYS = "hours", "days"
_COLUMNS = ("lost", "doubled", "reordered", "invented", "wrongly_dated")


@dataclass(slots=True)
class Total:
    """Of many hours, or days."""

    what: str = "hours"
    runs: int = 0
    cpu_s: float = 0.0
    events: int = 0
    again: int = 0
    gave_way: int = 0
    facts: int = 0
    cancelled: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    findings: dict[int, list[str]] = field(default_factory=dict)

    def add(self, told: dict[str, Any]) -> None:
        truth, delivery = told["truth"], told["delivery"]
        self.runs += 1
        self.cpu_s += told["cpu_s"]
        self.events += delivery["events"]
        self.again += delivery["again"]
        self.gave_way += delivery["gave_way"]
        self.facts += truth["facts"]
        self.cancelled += truth["cancelled"]
        self.faults.update(told["faults"])
        for name in _COLUMNS:
            self.wrong[name] += len(truth.get(name, [])) + len(delivery.get(name, []))
        self.wrong["trouble"] += len(told["trouble"])
        if told["findings"]:
            self.findings[told["seed"]] = told["findings"]

    def text(self) -> str:
        lines = [f"{self.runs} simulated {self.what}, {self.cpu_s / max(self.runs, 1):.2f} s of CPU each", ""]
        lines += [f"  {name:28}{count:9}" for name, count in sorted(self.faults.items())]
        lines += [
            "",
            f"  {'events':28}{self.events:9}",
            f"  {'sent again':28}{self.again:9}",
            f"  {'given up on a full disk':28}{self.gave_way:9}",
            f"  {'facts of the street':28}{self.facts:9}",
        ]
        lines += [f"  {'that nobody could see':28}{self.cancelled:9}", ""]
        lines += [f"  {name.replace('_', ' '):28}{self.wrong[name]:9}" for name in (*_COLUMNS, "trouble")]
        for seed, findings in sorted(self.findings.items()):
            lines += ["", f"python -m tests.faults.simulation --{self.what} 1 --seed {seed}", *(f"    {each}" for each in _shown(findings))]
        return "\n".join(lines)


def _shown(findings: list[str]) -> list[str]:
    return findings if len(findings) <= 12 else [*findings[:6], f"({len(findings) - 12} more)", *findings[-6:]]


def _outcome_text(outcome: Outcome) -> str:
    return json.dumps({**asdict(outcome), "findings": outcome.findings})


def _work(what: str, seeds: range) -> None:
    """In a process that has the shim: one line of JSON a run."""
    # Its broker ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    shim = Shim()
    with tempfile.TemporaryDirectory(prefix="kerbgate-sim-") as folder, mosquitto(Path(folder)) as broker:
        for seed in seeds:
            print(_outcome_text(simulate(drawn(seed, day=what == _DAYS), broker, shim)), flush=True)


def run(first_seed: int, runs: int, jobs: int, *, what: str = _HOURS, progress: bool = False, stop: bool = False) -> Total:
    """Seeds from `first_seed` on, in `jobs` processes."""
    total, lock = Total(what), threading.Lock()
    working: list[subprocess.Popen[str]] = []
    with tempfile.TemporaryDirectory(prefix="kerbgate-shim-") as folder:
        shimmed = environment(Path(folder))

        def follow(job: int) -> None:
            command = [
                sys.executable,
                "-m",
                "tests.faults.simulation",
                "--work",
                what,
                *map(str, (first_seed + job, first_seed + runs, jobs)),
            ]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=shimmed) as process:
                working.append(process)
                assert process.stdout is not None
                for line in process.stdout:
                    with lock:
                        total.add(json.loads(line))
                        if stop and total.findings:
                            for each in working:
                                each.terminate()
                            return
                        if progress:
                            print(
                                f"\r{total.runs} of {runs} {what}, {len(total.findings)} with findings",
                                end="",
                                file=sys.stderr,
                                flush=True,
                            )
            if process.returncode and not (stop and total.findings):
                with lock:
                    total.findings[-job - 1] = [f"trouble: a worker ended with {process.returncode}"]

        threads = [threading.Thread(target=follow, args=(job,)) for job in range(min(jobs, runs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return total


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.simulation", description=__doc__)
    parser.add_argument("--hours", type=int, default=100)
    parser.add_argument("--days", type=int, default=0, help="in the place of hours; 365 are a gateway-year")
    parser.add_argument("--seed", type=int, default=1, help="the first; each run has the next")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--stop", action="store_true", help="at the first finding")
    arguments = parser.parse_args()
    if arguments.work:
        what, *seeds = arguments.work
        _work(what, range(*map(int, seeds)))
        return 0
    begun = time.perf_counter()
    what, runs = (_DAYS, arguments.days) if arguments.days else (_HOURS, arguments.hours)
    total = run(arguments.seed, runs, arguments.jobs, what=what, progress=sys.stderr.isatty(), stop=arguments.stop)
    print(total.text())
    print(f"\n{time.perf_counter() - begun:.0f} s")
    return 1 if total.findings or total.runs < runs else 0


if __name__ == "__main__":
    sys.exit(main())
