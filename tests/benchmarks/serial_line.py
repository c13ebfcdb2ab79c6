"""A serial line at its limit: utilisation, requests inside T3.5, and CPU a transaction, beside pymodbus' client in one run.

    python -m tests.benchmarks.serial_line [--seconds 8] [--repeats 3] [--bauds 9600,19200,115200] [--piece 1]

Ten holding registers a transaction over a pty whose far end is paced_wire.c: bytes clocked out at the baud rate, half duplex, no
thinking time, delivered in pieces of so many bytes. Utilisation is the time that a transaction takes in theory, both silences
included, by the median one. A request inside T3.5 is counted and held back until it would be legal: what a client gains by it is a
broken rule, not time. CPU is the client's own, user and system, once it is warm; clients take turns within each repeat, medians are
shown. Where the user may, clients and wire go before other programs on the machine.
"""

import argparse
import statistics
import sys

from tests.benchmarks.cost import LOOPS, Cost, cost_of, middle
from tests.benchmarks.paced_wire import Counted, paced_wire

COUNT = 10
CLIENTS = tuple(client + loop for client in ("kerbgate", "pymodbus") for loop in LOOPS)


def measured(name: str, baud: int, piece: int, seconds: float) -> tuple[Counted, Cost]:
    with paced_wire(baud, piece=piece) as wire:
        module = f"tests.benchmarks.clients.line_{name.partition('+')[0]}"
        cost, _ = cost_of([sys.executable, "-m", module, name, wire.path, str(baud), str(seconds), str(COUNT)])
        return wire.counted(), cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--bauds", default="9600,19200,115200")
    parser.add_argument("--piece", type=int, default=1)
    arguments = parser.parse_args()
    print("  baud  client             util. of median  of mean  inside T3.5        CPU us  of pymodbus'")
    for baud in map(int, arguments.bauds.split(",")):
        runs: dict[str, list[tuple[Counted, Cost]]] = {name: [] for name in CLIENTS}
        for _ in range(arguments.repeats):
            for name, kept in runs.items():
                kept.append(measured(name, baud, arguments.piece, arguments.seconds))
        base = middle([cost for _, cost in runs["pymodbus"]], lambda cost: cost.cpu_us)
        for name, kept in runs.items():
            median = statistics.median(100 * wire.theory_s / wire.median_s for wire, _ in kept)
            mean = statistics.median(100 * wire.theory_s / wire.mean_s for wire, _ in kept)
            early, requests = sum(wire.early for wire, _ in kept), sum(wire.requests for wire, _ in kept)
            cpu_us = middle([cost for _, cost in kept], lambda cost: cost.cpu_us)
            early_of = f"{early} of {requests}"
            print(f"{baud:>6}  {name:17} {median:>14.2f}% {mean:>7.1f}% {early_of:>12} {cpu_us:>13.0f}  {cpu_us / base:.2f}", flush=True)


if __name__ == "__main__":
    main()
