"""Faults of disks and clocks, in numbers: commands of their own, and a short form of each among the tests."""
