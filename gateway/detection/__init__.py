"""Readings to changes: pure machines, time is an argument."""
