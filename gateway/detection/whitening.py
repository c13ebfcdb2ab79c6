"""How far a residual is, in sigmas, when its axes are neither equally noisy nor independent: d² = rᵀ S⁻¹ r.

    S = noise of a sample + uncertainty of the expectation (both per axis) + covariance of what the expectation missed while vacant

The last one is learned. An axis that drifts with every cloud counts for little then, and one that never does for much; drift that
moves all axes together counts once. Sensors with fewer axes have weight zero on those that they lack.
"""

from array import array
from collections.abc import Sequence
from struct import Struct

from gateway.detection.conditioning import Vector

_GAIN = 0.03
_CLIP = 4.0
_MISSED = Struct("6d")
_INVERSE = Struct(f"{_MISSED.size}x6d")
_Square = tuple[float, float, float, float, float, float]


class Whitening:
    __slots__ = ("_numbers", "axes")

    def __init__(self, axes: int) -> None:
        self.axes = axes
        self._numbers = array("d", (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0))
        """xx yy zz xy xz yz of what was missed, and of the inverse: packed, for there is one of them for each bay."""

    @property
    def missed(self) -> _Square:
        return _MISSED.unpack_from(self._numbers)

    def resume(self, missed: Sequence[float]) -> None:
        """Go on with what another process had learned."""
        _MISSED.pack_into(self._numbers, 0, *missed)

    def _invert(self, *inverse: float) -> None:
        _MISSED.pack_into(self._numbers, _MISSED.size, *inverse)

    def learn(self, residual: Sequence[float], sigma: Sequence[float]) -> None:
        """What the expectation missed, while the bay was surely vacant."""
        missed, numbers = self.missed, self._numbers
        clipped = [0.0, 0.0, 0.0]
        for axis in range(self.axes):
            most = _CLIP * (sigma[axis] + missed[axis] ** 0.5)
            off = residual[axis]
            clipped[axis] = -most if off < -most else off if off < most else most
        x, y, z = clipped
        for index, (was, product) in enumerate(zip(missed, (x * x, y * y, z * z, x * y, x * z, y * z), strict=True)):
            numbers[index] = was + _GAIN * (product - was)

    def refresh(self, sigma: Sequence[float], variances: Sequence[float]) -> None:
        a, b, c, d, e, f = self.missed
        a += sigma[0] * sigma[0] + variances[0]
        if self.axes == 1:
            self._invert(1.0 / a, 0.0, 0.0, 0.0, 0.0, 0.0)
            return
        b += sigma[1] * sigma[1] + variances[1]
        if self.axes == 2:
            determinant = a * b - d * d
            self._invert(b / determinant, a / determinant, 0.0, -d / determinant, 0.0, 0.0)
            return
        c += sigma[2] * sigma[2] + variances[2]
        # The adjugate of [[a d e], [d b f], [e f c]].
        xx, yy, zz = b * c - f * f, a * c - e * e, a * b - d * d
        xy, xz, yz = e * f - d * c, d * f - b * e, d * e - a * f
        determinant = a * xx + d * xy + e * xz
        self._invert(xx / determinant, yy / determinant, zz / determinant, xy / determinant, xz / determinant, yz / determinant)

    def square(self, r: Vector) -> float:
        x, y, z = r
        xx, yy, zz, xy, xz, yz = _INVERSE.unpack_from(self._numbers)
        square: float = x * x * xx + y * y * yy + z * z * zz + 2.0 * (x * y * xy + x * z * xz + y * z * yz)
        return square
