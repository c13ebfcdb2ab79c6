"""Months of deployed bays, simulated as rows: what makes a sparse detector fail is not a day but a winter."""
