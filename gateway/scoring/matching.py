"""One to one, in order: which told change is which fact.

A told start may be an arrival, a told end a departure, where its onset lies in the fact's window:

    from  t         - TOLERANCE_S - blind_s
    to    settled_s + TOLERANCE_S + blind_s

TOLERANCE_S is 10 s. `blind_s` is the longest gap between two readings in which it moved: what happened in it nobody saw, so any moment of
it is right. What was certain before t is something else. Matches never cross: of two starts the earlier one is the earlier arrival. Of
all such pairings the one with the most matches is taken, and of those the one with the least sum of |onset - t|. No fact and no told
change is used twice.
"""

from collections.abc import Iterator, Sequence

from gateway.scoring.told import Told
from gateway.scoring.truth import Fact

TOLERANCE_S = 10.0

Pairs = list[tuple[int, int]]


def fits(fact: Fact, told: Told) -> bool:
    slack = TOLERANCE_S + fact.blind_s
    return fact.t - slack <= told.onset_s <= fact.settled_s + slack and told.confirmed_s >= fact.t


def pairs(facts: Sequence[Fact], told: Sequence[Told]) -> Pairs:
    """Indices of facts and of what was told, both in the order of time."""
    found: Pairs = []
    for few_facts, few_told in _apart(facts, told):
        found += [(few_facts[one], few_told[other]) for one, other in _best([facts[i] for i in few_facts], [told[j] for j in few_told])]
    return found


def _apart(facts: Sequence[Fact], told: Sequence[Told]) -> Iterator[tuple[list[int], list[int]]]:
    """Groups that can't touch one another, so that each is small."""
    spans = [(fact.t - TOLERANCE_S - fact.blind_s, fact.settled_s + TOLERANCE_S + fact.blind_s, 0, i) for i, fact in enumerate(facts)]
    spans += [(each.onset_s, each.onset_s, 1, j) for j, each in enumerate(told)]
    group: tuple[list[int], list[int]] = ([], [])
    until_s = float("-inf")
    for from_s, to_s, which, index in sorted(spans):
        if from_s > until_s:
            if group[0] and group[1]:
                yield sorted(group[0]), sorted(group[1])
            group = ([], [])
        group[which].append(index)
        until_s = max(until_s, to_s)
    if group[0] and group[1]:
        yield sorted(group[0]), sorted(group[1])


def _best(facts: Sequence[Fact], told: Sequence[Told]) -> Pairs:
    """By dynamic programming over both orders: most matches first, then least error."""
    width = len(told) + 1
    best = [[(0, 0.0)] * width for _ in range(len(facts) + 1)]
    for i, fact in enumerate(facts, start=1):
        for j, each in enumerate(told, start=1):
            choice = max(best[i - 1][j], best[i][j - 1])
            if fits(fact, each):
                count, cost = best[i - 1][j - 1]
                choice = max(choice, (count + 1, cost - abs(each.onset_s - fact.t)))
            best[i][j] = choice
    found: Pairs = []
    i, j = len(facts), len(told)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            found.append((i, j))
    return found[::-1]
