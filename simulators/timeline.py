"""Things that follow one another, made as far as anybody has asked, and looked up by time.

A timeline is a cache of its generator and of nothing else: the generator is seeded and always runs from the beginning, so that
who asks when, and in which order, changes nothing.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Generic, Protocol, TypeVar

MOST_ITEMS = 50_000
"""Then nothing follows any more: weeks of the busiest street."""


class Begins(Protocol):
    @property
    def begins_s(self) -> float: ...


T = TypeVar("T", bound=Begins)


class Timeline(Generic[T]):
    """`following` yields in the order of `begins_s`."""

    def __init__(self, following: Iterator[T]) -> None:
        self._following = islice(following, MOST_ITEMS)
        self._items: list[T] = []
        self._begins: list[float] = []
        self._made_until_s = float("-inf")

    def _make(self, until_s: float) -> None:
        while self._made_until_s <= until_s:
            item = next(self._following, None)
            if item is None:
                self._made_until_s = float("inf")
                return
            self._items.append(item)
            self._begins.append(item.begins_s)
            self._made_until_s = item.begins_s

    def latest(self, t: float) -> T | None:
        """The last one that has begun at `t`."""
        if self._made_until_s <= t:
            self._make(t)
        index = bisect_right(self._begins, t)
        return self._items[index - 1] if index else None

    def following(self, t: float) -> T | None:
        """The first one that begins after `t`."""
        if self._made_until_s <= t:
            self._make(t)
        index = bisect_right(self._begins, t)
        return self._items[index] if index < len(self._items) else None

    def between(self, after_s: float, until_s: float) -> list[T]:
        """The one that had begun last at `after_s`, and all that begin later, until `until_s`."""
        self._make(until_s)
        first = max(bisect_right(self._begins, after_s) - 1, 0)
        return self._items[first : bisect_right(self._begins, until_s)]
