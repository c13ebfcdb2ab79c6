"""The benchmarks of Modbus TCP run and print their tables: short, and without a word on how quick anybody was."""

import subprocess
import sys

from tests.programs import program


def table(module: str, *options: str) -> dict[str, list[str]]:
    """Its rows by the name of their client."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *options]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    assert "of pymodbus" in lines[0], lines
    rows = {}
    for line in lines[1:]:
        words = line.split()
        name = next(word for word in words if word[0].isalpha())
        rows[name] = [word for word in words if word != name]
    return rows


def test_polls_over_modbus_tcp_are_compared_with_both_other_clients() -> None:
    program("gcc")
    rows = table("modbus_tcp", "--seconds", "0.2", "--repeats", "1", "--connections", "1")
    assert set(rows) == {"kerbgate", "kerbgate+uvloop", "pymodbus", "pymodbus+uvloop", "libmodbus"}
    for connections, rate, cpu_us, ratio, rss in rows.values():
        assert connections == "1"
        assert float(rate) > 50
        assert 1 < float(cpu_us) < 20_000
        assert float(ratio) > 0
        assert float(rss) > 1
    assert rows["pymodbus"][3] == "1.00"


def test_a_street_of_units_is_read_whole_by_both_clients() -> None:
    rows = table("thousand_units", "--seconds", "1", "--repeats", "1", "--units", "5", "--endpoints", "2", "--period", "0.2")
    assert set(rows) == {"kerbgate", "kerbgate+uvloop", "pymodbus", "pymodbus+uvloop"}
    for units, rate, *_ in rows.values():
        assert units == "10"
        assert 10 < float(rate) < 70
