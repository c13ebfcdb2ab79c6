"""Breaks of the safety net that the tests have to notice; `python -m tests.faults.mutants` tries more of them."""

from pathlib import Path

import pytest

from tests.faults.mutants import MUTANTS, Mutant, survives


@pytest.mark.parametrize("mutant", MUTANTS[:4], ids=lambda mutant: mutant.name)
def test_a_broken_safety_net_is_noticed(tmp_path: Path, mutant: Mutant) -> None:
    assert not survives(mutant, tmp_path)
