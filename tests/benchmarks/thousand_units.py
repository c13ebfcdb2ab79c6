"""A thousand units once a second over ten endpoints, from the link to a Reading, beside pymodbus' client.

    python -m tests.benchmarks.thousand_units [--seconds 30] [--repeats 3] [--units 100] [--endpoints 10] [--period 1]

kerbgate: ten buses, as the daemon runs them, with plan, counters and capture. pymodbus: a task a unit and a lock an endpoint,
values decoded and compared, nothing else. Each runs in a process of its own against units in another, where registers change
every ten seconds; CPU is the client's own, user and system, in percent of one core. Clients take turns within each repeat; the
median of the repeats is shown. Late is how far readings are behind the beat of their unit.
"""

import argparse
import sys
from statistics import median

from tests.benchmarks.cost import LOOPS, Cost, cost_of, middle, unit

CLIENTS = tuple(client + loop for client in ("kerbgate", "pymodbus") for loop in LOOPS)


def measured(name: str, arguments: argparse.Namespace) -> tuple[Cost, list[float]]:
    kind = name.partition("+")[0]
    asked = [str(each) for each in (arguments.seconds, arguments.period, arguments.units)]
    with unit(arguments.endpoints) as ports:
        command = [sys.executable, "-m", f"tests.benchmarks.clients.units_{kind}", name, *asked, *map(str, ports)]
        cost, (late,) = cost_of(command)
    return cost, [float(each) for each in late.split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--units", type=int, default=100, help="at each endpoint, 247 at the most")
    parser.add_argument("--endpoints", type=int, default=10)
    parser.add_argument("--period", type=float, default=1.0)
    arguments = parser.parse_args()
    runs: dict[str, list[tuple[Cost, list[float]]]] = {name: [] for name in CLIENTS}
    for _ in range(arguments.repeats):
        for name, kept in runs.items():
            kept.append(measured(name, arguments))
    print(f"{'client':18} {'units':>6} {'polls/s':>8} {'CPU %':>6} {'of pymodbus':>12} {'RSS MiB':>8}   late p50 / p99 / max ms")
    base = middle([cost for cost, _ in runs["pymodbus"]], lambda cost: cost.cpu_us)
    for name, kept in runs.items():
        costs = [cost for cost, _ in kept]
        p50, p99, worst, units = (median(each) for each in zip(*(late for _, late in kept), strict=True))
        rate, cpu_percent, peak_mib = (middle(costs, of) for of in (lambda c: c.rate, lambda c: c.cpu_percent, lambda c: c.peak_mib))
        ratio = middle(costs, lambda cost: cost.cpu_us) / base
        late = f"{p50:.1f} / {p99:.1f} / {worst:.0f}"
        print(f"{name:18} {units:>6.0f} {rate:>8.0f} {cpu_percent:>6.1f} {ratio:>12.2f} {peak_mib:>8.1f}   {late}")


if __name__ == "__main__":
    main()
