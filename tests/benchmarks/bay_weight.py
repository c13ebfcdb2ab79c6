"""What a bay weighs in memory: the bytes of every object that belongs to it alone, by the class that holds them.

What two bays share (settings, enums, the zero vector, small numbers) belongs to neither: it is found by walking a second bay and is left
out; so are names, which are the site's. What Python 3.11 keeps the attributes of an object without `__slots__` in, nobody can ask for.
"""

import gc
import sys
from collections import Counter
from collections.abc import Iterable
from enum import Enum

from gateway.detection.bay import BayMachine
from gateway.detection.health import HealthMachine


def weight(bay: BayMachine | HealthMachine, other: BayMachine | HealthMachine) -> Counter[str]:
    """Bytes by the class that holds them; `other` is of a bay that has nothing to do with this one but what all share."""
    shared = {id(each) for each, _ in _within(other)}
    found: Counter[str] = Counter()
    for each, holder in _within(bay):
        if id(each) not in shared:
            found[holder] += sys.getsizeof(each)
    return found


def _within(root: object) -> Iterable[tuple[object, str]]:
    """Everything that an object refers to, itself included, once; with the name of the class of ours that holds it."""
    seen, open_ = {id(root)}, [(root, type(root).__name__)]
    while open_:
        thing, holder = open_.pop()
        yield thing, holder
        for inner in gc.get_referents(thing):
            if id(inner) in seen or isinstance(inner, type | Enum | str) or callable(inner):
                continue
            seen.add(id(inner))
            ours = type(inner).__module__.startswith("gateway.")
            open_.append((inner, type(inner).__name__ if ours else holder))
