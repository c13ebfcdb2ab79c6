"""Mutants run by command only (`python -m tests.faults.safety_net`: minutes for each); that each can still be made is looked at here."""

from tests.checkout import ROOT
from tests.faults.safety_net import MUTANTS, misplaced


def test_every_mutant_can_still_be_made() -> None:
    assert [why for mutant in MUTANTS if (why := misplaced(mutant, ROOT))] == []
