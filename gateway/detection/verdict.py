"""What of a bay's accounts is sure enough to be told, and with which confidence.

What most of the probability agrees on is told. Where what stands there now is sure and how it came to that is not, the odds decide after
some looks. A report of a device that reports on change may tell an arrival by itself; what such a one told, and the next report does not
show any more, has passed or has left again, and the bay is empty either way.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.detection.account import Account
from gateway.detection.accounts import Accounts, Signs

SURE = 0.97
_SURE_IT_WAS_WRONG = 0.995
_LONG_LOOKS, _SURE_FOR_LONG = 8, 0.9
"""After so many samples nothing more comes to be known of it, and the session that most likely is none runs on until it is told."""
_AT_ONCE = 0.6
"""Of an arrival that one report shows; what turns out to have passed is taken back with the next."""
_SURE_IT_PASSED = 0.7
LOOKS = 2
"""No single reading makes an event, but a report of a change that shows which."""
_LATE_LOOKS = 4
_LATE_SURE = 0.8
_LONGER = 0.8
_LEAST_SHARE = 0.02
"""Of an account that is told: a less likely one is soon to be taken back."""

_Groups = list[tuple[float, Signs]]


@dataclass(frozen=True, slots=True)
class Verdict:
    account: Account
    """Its steps are what is to be told."""
    share: float
    """How probable they are, also where the odds decided."""
    doubted: bool
    """Whether others tell another story."""


def verdict(
    accounts: Accounts, at_once: Callable[[Account], bool], lag_looks: int, *, may_pass: bool, passed: float | None
) -> Verdict | None:
    """`at_once`: whether one report is enough for this account. `may_pass`: what was told last was told by one report alone; `passed`: the
    probability that it has passed, where that was counted."""
    groups = accounts.by_steps()
    share, signs = groups[0]
    best = accounts.best_of(signs)
    wrong, may_pass = _takes_back(signs), may_pass and not best.occupied
    early = best.looks < LOOKS
    if early and not may_pass and (wrong or not at_once(best)):
        return None
    if share >= (_sure_it_was_wrong(best) if wrong else _AT_ONCE if early and best.occupied else SURE):
        return Verdict(best, share, len(groups) > 1)
    agree = accounts.agree(occupied=best.occupied)
    late = best.looks >= _LATE_LOOKS and not wrong
    waits = not may_pass and best.looks < (_LATE_LOOKS if wrong else lag_looks)
    if waits or agree < (_LATE_SURE if late else SURE):
        return None
    same = [each for each in groups if accounts.best_of(each[1]).occupied is best.occupied]
    if may_pass and passed is not None:
        same = _as_counted(same, passed)
    # What stands there now is known, and how it came to that is not: the shorter story is preferred to one that is hardly likelier,
    # and to one that takes back what was told, for that must be sure.
    told = [each for each in same if not _takes_back(each[1]) or (may_pass and each[0] > _SURE_IT_PASSED * agree)]
    share, signs = max(told, key=lambda each: each[0] * _LONGER ** len(each[1]), default=(0.0, ()))
    if share < _LEAST_SHARE:
        return None
    return Verdict(accounts.best_of(signs), share, len(groups) > 1)


def _sure_it_was_wrong(best: Account) -> float:
    return _SURE_FOR_LONG if best.looks >= _LONG_LOOKS and not best.occupied else _SURE_IT_WAS_WRONG


def _as_counted(groups: _Groups, passed: float) -> _Groups:
    """The same, with the odds that were counted: a heartbeat does not show how it came that the bay is empty."""
    of = {wrong: sum(share for share, signs in groups if _takes_back(signs) is wrong) for wrong in (True, False)}
    if not min(of.values()):
        return groups
    factor = {True: passed / of[True], False: (1.0 - passed) / of[False]}
    total = sum(of.values())
    return [(total * share * factor[_takes_back(signs)], signs) for share, signs in groups]


def _takes_back(signs: Signs) -> bool:
    return any(wrong for _, wrong in signs)
