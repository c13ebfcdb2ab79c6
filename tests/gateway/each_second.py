"""Three axes once a second for detector tests, seeded: fields that stand there for a while, one beside the other."""

from collections.abc import Callable, Iterable, Iterator
from random import Random

from drivers.reading import Reading
from tests.gateway.field import EARTH

Vector = tuple[float, float, float]
Share = Callable[[float], float]


def seconds(parts: Iterable[tuple[Vector, Share]], end_s: float, seed: int = 1, noise_ut: float = 0.3) -> Iterator[Reading]:
    """Once a second; each part is a field and how much of it is there."""
    random = Random(seed)
    for t in range(int(end_s)):
        x, y, z = (
            earth + sum(share(t) * field[axis] for field, share in parts) + random.gauss(0.0, noise_ut) for axis, earth in enumerate(EARTH)
        )
        yield Reading(device="d", t=float(t), x_ut=x, y_ut=y, z_ut=z)


def between(from_s: float, to_s: float) -> Share:
    return lambda t: 1.0 if from_s <= t < to_s else 0.0
