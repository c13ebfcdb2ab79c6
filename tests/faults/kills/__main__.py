"""`python -m tests.faults.kills --kills 1000`: the real daemon killed by SIGKILL, at random and at named points between two side effects.

A table by point; exit status 1 where anything was lost, doubled, reordered or wrongly told.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.brokers import mosquitto
from tests.faults.kills.judging import judge
from tests.faults.kills.pit import Pit, plan
from tests.faults.kills.points import POINTS, RANDOM
from tests.faults.shim import environment

_LIVES_OF_A_PIT = 220
"""Then a new street and journal: what is judged at the end must not grow without end."""


@dataclass(slots=True)
class Total:
    kills: int = 0
    events: int = 0
    again: int = 0
    facts: int = 0
    cancelled: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def text(self) -> str:
        lines = [f"  {name:42}{self.hits[name]:7}" for name in (*(point.name for point in POINTS), RANDOM)]
        lines += ["", f"  {'kills':42}{self.kills:7}", f"  {'events':42}{self.events:7}", f"  {'sent again':42}{self.again:7}"]
        lines += [f"  {'facts of the street':42}{self.facts:7}", f"  {'that nobody could see':42}{self.cancelled:7}", ""]
        lines += [f"  {name:42}{self.wrong[name]:7}" for name in ("lost", "doubled", "reordered", "wrongly told")]
        return "\n".join([*lines, *(f"    {finding}" for finding in self.findings[:20])])

    def add(self, other: "Total") -> None:
        for name in ("kills", "events", "again", "facts", "cancelled"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.hits.update(other.hits)
        self.wrong.update(other.wrong)
        self.findings += other.findings


async def _dig(kills: int, seed: int, env: dict[str, str]) -> Total:
    with tempfile.TemporaryDirectory(prefix="kerbgate-kills-") as folder, mosquitto(Path(folder) / "broker") as broker:
        pit = Pit(Path(folder), env, seed)
        async with pit.open(broker):
            unix_at_zero_s = time.time() - pit.street_time()
            lives = deque(plan(kills, POINTS, Random(f"{seed}/plan")))
            patience = 2 * len(lives)
            while lives and patience:
                point = lives.popleft()
                if not await pit.kill(point):
                    lives.append(point)
                patience -= 1
            await pit.drained()
        verdict = judge(pit, unix_at_zero_s)
    truth = verdict.truth
    wrong = {"lost": len(verdict.lost), "doubled": len(verdict.doubled), "reordered": len(verdict.reordered)}
    wrong["wrongly told"] = len(truth.lost) + len(truth.invented) + len(truth.wrongly_dated)
    return Total(
        kills=pit.dug.hits.total(),
        events=verdict.events,
        again=verdict.again,
        facts=truth.facts,
        cancelled=truth.cancelled,
        hits=pit.dug.hits,
        wrong=Counter(wrong),
        findings=[f"seed {seed}: {each}" for each in verdict.findings],
    )


def _work(kills: int, seed: int, env: dict[str, str]) -> Total:
    total = Total()
    while total.kills < kills:
        total.add(asyncio.run(_dig(min(kills - total.kills, _LIVES_OF_A_PIT), seed, env)))
        seed += 1
    return total


def run(kills: int, seed: int, jobs: int) -> Total:
    total = Total()
    with tempfile.TemporaryDirectory(prefix="kerbgate-shim-") as folder:
        env = environment(Path(folder))
        if jobs == 1:
            return _work(kills, seed, env)
        share = -(-kills // jobs)
        command = [sys.executable, "-m", "tests.faults.kills", "--jobs", "1", "--kills", str(share), "--json", "--seed"]
        working = [subprocess.Popen([*command, str(seed + 1000 * job)], stdout=subprocess.PIPE, text=True) for job in range(jobs)]
        for process in working:
            said, _ = process.communicate()
            if not said.strip():
                total.findings.append(f"a worker ended with {process.returncode}")
                continue
            found = json.loads(said)
            total.add(Total(**{**found, "hits": Counter(found["hits"]), "wrong": Counter(found["wrong"])}))
    return total


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    begun = time.perf_counter()
    total = run(arguments.kills, arguments.seed, arguments.jobs)
    if arguments.json:
        values = {name: getattr(total, name) for name in Total.__slots__}
        print(json.dumps(values))
        return 0
    print(total.text())
    print(f"\n{time.perf_counter() - begun:.0f} s")
    return 1 if total.findings else 0


if __name__ == "__main__":
    sys.exit(main())
