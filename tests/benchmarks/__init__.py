"""Benchmarks: each prints a table and is run by hand, `python -m tests.benchmarks.NAME`. Results are kept in docs/benchmarks.md."""
