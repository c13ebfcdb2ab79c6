"""The few accounts of a bay that are still possible, with their probabilities; and which of them is told.

Every sample makes each account branch into all that the sample can mean. The improbable ones are dropped, those that have become the
same are taken together, and what most of the probability agrees on is told. What was told wrongly does not die with it: an account
that says otherwise goes on, and if it proves to be right it leads to a correction.
"""

from collections.abc import Callable, Iterable
from math import exp, inf, log

from gateway.detection.account import Account, Scale, Step
from gateway.detection.conditioning import Vector, minus
from gateway.detection.happenings import branches, goes_on

_MOST = 24
_LEAST = -16.0
"""Log-odds against the best account below which one is dropped."""
_QUIET = 11.0
"""Squared distance within which the best account's expectation leaves nothing to explain."""
_SAME = 2.0
"""Squared distance, in sigmas, of fields that are one: the less probable account is forgotten, and with it what it knew better."""
_HELD_SHARE = 0.05
_DISAGREES = 25.0
_SEEN_OFTEN = 8
"""Samples that have agreed on what has come back three times, for a quarter of an hour together: at least so many."""
_ABOUT_AS_LIKELY = 1.6
"""Log-odds: a fifth of the best one's probability."""

Signs = tuple[tuple[bool, bool], ...]
"""Of an account's steps: occupied, wrong."""


class Accounts:
    """In the order of their probability."""

    __slots__ = ("all",)

    def __init__(self, first: Iterable[Account]) -> None:
        self.all = _normal(first)

    @property
    def best(self) -> Account:
        return self.all[0]

    def feed(self, z: Vector, at: Scale) -> None:
        if self.best.distance(z, at) <= _QUIET:
            if len(self.all) == 1:
                self.all = [goes_on(self.best, z, at).weighed(0.0)]
                return
            self.all = _normal(goes_on(account, z, at) for account in self.all)
        else:
            grown = [branch for account in self.all for branch in branches(account, z, at)]
            self.all = _normal(map(_without_denials, grown))
        if len(self.all) > 1:
            self._merge(at)

    def held(self, z: Vector, at: Scale, passed: float = _HELD_SHARE) -> None:
        """Nothing has been reported since: what was reported last still holds, and that it `passed` is so much less probable."""
        less = {True: log(_HELD_SHARE), False: log(passed)}
        self.all = _normal(
            account.weighed(
                account.weight + (less[account.occupied] if account.distance(z, at) > _DISAGREES else 0.0),
                account.looks + 1,
            )
            for account in self.all
        )

    def reported(self, latest_s: float, earliest_s: float) -> None:
        """Only now it is known that the sample at `latest_s` was sent because something had just changed: not before `earliest_s`."""
        self.all = [account.reported(latest_s, earliest_s) for account in self.all]

    def beside(self, log_odds: Callable[[Vector], float]) -> None:
        """The bays beside have shown by now what moved there: so much is to be added where something beside has moved the field with the
        last sample, whatever has come since."""
        jumped = next((account.jumped for account in self.all if account.jumped is not None), None)
        more = 0.0 if jumped is None else log_odds(jumped)
        if more:
            # The same for all: each has another empty bay, and of two that differ by little only one may be below a limit.
            self.all = _normal(account.weighed(account.weight + (0.0 if account.jumped is None else more)) for account in self.all)

    def shift(self, by: Vector) -> None:
        """The baseline has moved by so much."""
        if by != (0.0, 0.0, 0.0):
            self.turn(lambda field: minus(field, by))

    def turn(self, seen: Callable[[Vector], Vector]) -> None:
        """From now on only this is seen of every field."""
        self.all = [
            account.seen(
                seen(account.empty),
                seen(account.stands),
                None if account.beside is None else seen(account.beside),
            )
            for account in self.all
        ]

    def occupied(self) -> float:
        """The probability that a vehicle stands there."""
        return min(sum(account.share for account in self.all if account.occupied), 1.0)

    def agree(self, *, occupied: bool) -> float:
        """How probable it is that the bay is so."""
        return self.occupied() if occupied else 1.0 - self.occupied()

    def empty(self) -> Vector:
        """The empty bay, as the account has it that knows it best: of those that are about as probable as the best and agree with it."""
        best = self.best
        likely = (account for account in self.all if account.occupied is best.occupied and account.weight > best.weight - _ABOUT_AS_LIKELY)
        return min(likely, key=lambda account: sum(account.empty_variance)).empty

    def by_steps(self) -> list[tuple[float, Signs]]:
        """What may have happened since something was told last, the most probable first."""
        shares: dict[Signs, float] = {}
        for account in self.all:
            signs = signs_of(account)
            shares[signs] = shares.get(signs, 0.0) + account.share
        return sorted(((share, signs) for signs, share in shares.items()), key=lambda each: -each[0])

    def best_of(self, signs: Signs) -> Account:
        return next(account for account in self.all if signs_of(account) == signs)

    def told(self, *, occupied: bool, now: float) -> None:
        """This was told: for the accounts that say otherwise it was wrong."""
        self.all = [
            account.told(() if account.occupied is occupied else (Step(account.occupied, None, now, wrong=True),)) for account in self.all
        ]

    def settle(self, *, occupied: bool) -> None:
        """Nothing has happened that is worth telling: for those who agree on what stands there now, how it came to that is past."""
        self.all = [
            account.told(()) if account.occupied is occupied and not any(step.wrong for step in account.steps) else account
            for account in self.all
        ]

    def _merge(self, at: Scale) -> None:
        kept: list[Account] = []
        for account in self.all:
            for index, other in enumerate(kept):
                if _alike(account, other, at):
                    heavier = max(account.weight, other.weight)
                    total = heavier + log(exp(account.weight - heavier) + exp(other.weight - heavier))
                    kept[index] = other.weighed(total)
                    break
            else:
                kept.append(account)
        self.all = kept


def never_stood(empty: Vector, at: Scale) -> Accounts:
    """This is the empty bay, and nothing stands there; only now it is known, and nothing else can be."""
    wrong = (Step(False, None, at.t, wrong=True),)
    return Accounts([Account(0.0, False, empty, at.noise, empty, at.noise, (0.0, 0.0, 0.0), None, -inf, _SEEN_OFTEN, wrong)])


def signs_of(account: Account) -> Signs:
    return tuple((step.occupied, step.wrong) for step in account.steps)


def _normal(accounts: Iterable[Account]) -> list[Account]:
    ordered = sorted(accounts, key=lambda account: -account.weight)
    best = ordered[0].weight
    kept = [account for account in ordered[:_MOST] if account.weight > best + _LEAST]
    total = best + log(sum(exp(account.weight - best) for account in kept))
    return [account.weighed(account.weight - total) for account in kept]


def _without_denials(account: Account) -> Account:
    """A denial that is followed by its opposite leaves what was told true again."""
    steps = account.steps
    return account.told(steps[2:]) if len(steps) >= 2 and steps[0].wrong else account


def _alike(one: Account, other: Account, at: Scale) -> bool:
    if one.occupied is not other.occupied or signs_of(one) != signs_of(other):
        return False
    near = _near(one.empty, other.empty, one.empty_variance, other.empty_variance, at)
    return near and (not one.occupied or _near(one.stands, other.stands, one.stands_variance, other.stands_variance, at))


def _near(one: Vector, other: Vector, variance: Vector, other_variance: Vector, at: Scale) -> bool:
    return (
        sum((one[axis] - other[axis]) ** 2 / (min(variance[axis], other_variance[axis]) + at.noise[axis]) for axis in range(at.axes))
        <= _SAME
    )
