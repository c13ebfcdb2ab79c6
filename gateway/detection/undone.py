"""What was taken into the empty field may come out of it again: a neighbour that left, or the rest of a vehicle that was nearly gone."""

from collections.abc import Iterable

from gateway.detection.conditioning import Vector
from gateway.detection.track import Track


def undone(z: Vector, taken: Iterable[Vector], most: float, track: Track) -> bool:
    """Whether a field that stands at `z` from empty is only the end of something `taken`: it left, nothing came. `most`: how near that must
    be, as a square in sigmas."""
    return any(track.apart(z, (-x, -y, -w)) <= most for x, y, w in taken)
