"""What was taken into the empty field may come out of it again: a neighbour that left, or the rest of a vehicle that was nearly gone."""

from collections.abc import Iterable

from gateway.detection.conditioning import Vector, squared
from gateway.detection.track import Track

Taken = tuple[Vector, ...]
"""Steps that were taken into the empty field, the oldest first."""

_MOST = 4


def also(taken: Taken, step: Vector) -> Taken:
    """The least makes room: the largest is what matters, and may stay the longest."""
    if len(taken) == _MOST:
        least = min(taken, key=squared)
        taken = tuple(each for each in taken if each is not least)
    return (*taken, step)


def undone(z: Vector, taken: Iterable[Vector], most: float, track: Track) -> bool:
    """Whether a field that stands at `z` from empty is only the end of something `taken`: it left, nothing came. `most`: how near that must
    be, as a square in sigmas."""
    return any(_ends(z, step, most, track) for step in taken)


def without(z: Vector, taken: Taken, most: float, track: Track) -> Taken:
    """What is left of them where a field that stands at `z` from empty has ended one."""
    return tuple(step for step in taken if not _ends(z, step, most, track))


def _ends(z: Vector, step: Vector, most: float, track: Track) -> bool:
    x, y, w = step
    return track.apart(z, (-x, -y, -w)) <= most
