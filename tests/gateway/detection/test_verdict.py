"""What of the accounts of a bay is sure enough to be told."""

from math import log

import pytest

from gateway.detection.account import Account, Step
from gateway.detection.accounts import Accounts
from gateway.detection.verdict import verdict

NOISE, NONE, WEAK = (0.04, 0.04, 0.04), (0.0, 0.0, 0.0), (1.5, -1.0, 1.0)


def _took_a_neighbour_for_a_vehicle(likely: float, looks: int) -> Accounts:
    """A session runs, and with this probability nothing stands there: what was taken for a vehicle is the empty bay."""
    none_came = Account(log(likely), False, WEAK, NOISE, NONE, NOISE, NONE, None, 0.0, looks, (Step(False, None, 600.0, wrong=True),))
    stands = Account(log(1.0 - likely), True, NONE, NOISE, WEAK, NOISE, NONE, None, 0.0, looks, ())
    return Accounts([none_came, stands])


@pytest.mark.parametrize(
    ("likely", "looks", "taken_back"),
    [(0.93, 4, False), (0.93, 8, True), (0.85, 30, False), (0.996, 4, True)],
    ids=["may still turn out", "nothing more comes to be known", "likely", "sure"],
)
def test_a_session_that_most_likely_is_none_does_not_run_on_for_hours(likely: float, looks: int, *, taken_back: bool) -> None:
    found = verdict(_took_a_neighbour_for_a_vehicle(likely, looks), lambda _: False, 3, may_pass=False, passed=None)
    assert (found is not None) is taken_back
    assert found is None or found.share == pytest.approx(likely)
