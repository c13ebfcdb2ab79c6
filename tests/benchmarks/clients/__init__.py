"""The clients that benchmarks compare, each a program of its own, so that none carries what another one imports."""
