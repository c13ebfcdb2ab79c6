"""Floats for the live street, arrays for traces: the physics is written once and evaluated with either.

    field = earth + drift * warmer          does for a float and for an array of a day's moments
    sine(x), decay(x), above(x), whole(x)   what arithmetic alone does not do for both

Arrays are numpy's, and only traces need them: without numpy (the extra `traces`) the live street runs just the same.
"""

from math import exp, floor, sin
from typing import TYPE_CHECKING, Any, TypeVar, overload

try:
    import numpy as np
except ImportError:  # pragma: no cover  # the tests install it
    HAS_ARRAYS = False
else:
    HAS_ARRAYS = True

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.uint64]
else:
    Floats = Counts = Any

Q = TypeVar("Q", float, Floats)
"""One value or an array of them."""


@overload
def sine(x: float) -> float: ...
@overload
def sine(x: Floats) -> Floats: ...
def sine(x: Any) -> Any:
    return sin(x) if isinstance(x, float) else np.sin(x)


@overload
def decay(x: float) -> float: ...
@overload
def decay(x: Floats) -> Floats: ...
def decay(x: Any) -> Any:
    """exp(-x) from x = 0 on; 1 before."""
    return exp(-max(x, 0.0)) if isinstance(x, float) else np.exp(-np.maximum(x, 0.0))


@overload
def above(x: float) -> float: ...
@overload
def above(x: Floats) -> Floats: ...
def above(x: Any) -> Any:
    """x where it is positive, 0 elsewhere."""
    return max(x, 0.0) if isinstance(x, float) else np.maximum(x, 0.0)


@overload
def whole(x: float) -> int: ...
@overload
def whole(x: Floats) -> Counts: ...
def whole(x: Any) -> Any:
    """The count below, to be given to chance; a negative one wraps, as `chance.bits` has it."""
    return floor(x) if isinstance(x, float) else np.floor(x).astype(np.int64).astype(np.uint64)


@overload
def stepped(x: float, step: float, limit: float) -> float: ...
@overload
def stepped(x: Floats, step: float, limit: float) -> Floats: ...
def stepped(x: Any, step: float, limit: float) -> Any:
    """What a converter makes of it: multiples of `step`, none beyond ±`limit`."""
    if isinstance(x, float):
        return round(min(max(x, -limit), limit) / step) * step
    return np.round(np.clip(x, -limit, limit) / step) * step
