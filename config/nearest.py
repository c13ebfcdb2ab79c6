"""The known word that was probably meant by one that is not known."""

import difflib
from collections.abc import Iterable
from itertools import islice

_LONGEST = 80
_MOST_COMPARED = 2000


def nearest(word: str, known: Iterable[str]) -> str | None:
    """None where nothing is near enough to be worth a guess."""
    by_case = {name.lower(): name for name in islice(known, _MOST_COMPARED)}
    found = difflib.get_close_matches(word[:_LONGEST].lower(), by_case, n=1, cutoff=0.6)
    return by_case[found[0]] if found else None
