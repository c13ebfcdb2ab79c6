"""Polls over Modbus TCP: rate and CPU a poll, beside pymodbus' client and libmodbus', one request outstanding a connection.

    python -m tests.benchmarks.modbus_tcp [--seconds 3] [--repeats 3] [--connections 1,16,64,256]

Each client runs in a process of its own against a unit in another; CPU is the client's own, user and system, once all connections
stand and have been polled. Clients take turns within each repeat, so that a busy machine is busy for all of them; the median of the
repeats is shown. libmodbus' client blocks, one thread a connection; it is built here with gcc.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.cost import LOOPS, Cost, cost_of, middle, unit

COUNT = 10
LIBMODBUS = "libmodbus"
CLIENTS = tuple(client + loop for client in ("kerbgate", "pymodbus") for loop in LOOPS)


def libmodbus_client(folder: Path) -> Path | None:
    """Built; None where a compiler or libmodbus is missing."""
    if shutil.which("gcc") is None or shutil.which("pkg-config") is None:
        return None
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libmodbus"], stdout=subprocess.PIPE, text=True, check=False)
    if flags.returncode != 0:
        return None
    source, built = Path(__file__).parent / "clients" / "polls_libmodbus.c", folder / "polls_libmodbus"
    subprocess.run(["gcc", "-O2", "-Wall", "-pthread", "-o", built, source, *flags.stdout.split()], check=True)
    return built


def measured(name: str, connections: int, seconds: float, libmodbus: Path | None) -> Cost:
    kind = name.partition("+")[0]
    command = [str(libmodbus)] if name == LIBMODBUS else [sys.executable, "-m", f"tests.benchmarks.clients.polls_{kind}", name]
    with unit() as (port,):
        return cost_of([*command, str(port), str(connections), str(seconds), str(COUNT)])[0]


def compared(connections: list[int], repeats: int, seconds: float, libmodbus: Path | None) -> None:
    clients = CLIENTS if libmodbus is None else (*CLIENTS, LIBMODBUS)
    print(f"{'connections':>11}  {'client':18} {'polls/s':>9} {'CPU us/poll':>12} {'of pymodbus':>12} {'RSS MiB':>8}")
    for each in connections:
        costs: dict[str, list[Cost]] = {name: [] for name in clients}
        for _ in range(repeats):
            for name, kept in costs.items():
                kept.append(measured(name, each, seconds, libmodbus))
        base = middle(costs["pymodbus"], lambda cost: cost.cpu_us)
        for name, kept in costs.items():
            cpu_us = middle(kept, lambda cost: cost.cpu_us)
            rate, peak_mib = middle(kept, lambda cost: cost.rate), middle(kept, lambda cost: cost.peak_mib)
            print(f"{each:>11}  {name:18} {rate:>9.0f} {cpu_us:>12.1f} {cpu_us / base:>12.2f} {peak_mib:>8.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--connections", default="1,16,64,256")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        libmodbus = libmodbus_client(Path(folder))
        if libmodbus is None:
            print("libmodbus' client is left out; on Debian: apt-get install gcc libmodbus-dev pkg-config")
        compared([int(each) for each in arguments.connections.split(",")], arguments.repeats, arguments.seconds, libmodbus)


if __name__ == "__main__":
    main()
