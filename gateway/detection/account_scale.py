"""What a sample is weighed by, of a bay seen now and then: noise, drift since the last sample, and what its report tells."""

from dataclasses import dataclass

from gateway.detection.account import Scale
from gateway.detection.conditioning import Vector
from gateway.detection.jumps import Jumps
from gateway.detection.passers import Passers, Shown
from gateway.detection.track import Track

_LEAST_SIGMAS = 4.0
_USUAL_NOISE_UT = 0.3
_APART_MAX_S = 86400.0
_RARE_S = 60.0
_STILL: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class LastSample:
    """What was known as it was taken."""

    t: float
    z: Vector
    on_change: bool
    reported: bool
    """Whether the device had sent it because something had changed."""
    terms: tuple[float, float]
    """Those of the temperature, by which the baseline drifts."""

    @classmethod
    def of(cls, track: Track, t: float | None = None) -> "LastSample":
        """`t`: where what it shows was so at another time than its own."""
        empty, rhythm = track.empty, track.rhythm
        assert empty.baseline is not None
        return cls(track.t if t is None else t, track.z, rhythm.on_change, rhythm.out_of_turn, empty.baseline.terms(empty.warmth))


def account_scale(last: LastSample | None, track: Track, jumps: Jumps, passers: Passers) -> Scale:
    empty, t = track.empty, track.t
    assert empty.baseline is not None
    sigma = empty.noise.sigma
    apart, drift, last_s = 1.0, _STILL, None
    if last is not None:
        last_s, (w, d), (was_w, was_d) = last.t, empty.baseline.terms(empty.warmth), last.terms
        apart = min(max(t - last_s, 1.0), _APART_MAX_S)
        drift = empty.baseline.drift(w - was_w, d - was_d, apart, sigma)
    unit = empty.unit if empty.axes == 3 or empty.configured else max(max(sigma[: empty.axes]) / _USUAL_NOISE_UT, 1e-9)
    least = empty.half_way if empty.least[1] > 0.0 else _LEAST_SIGMAS * max(sigma[: empty.axes])
    return Scale(
        empty.axes,
        unit,
        (sigma[0] ** 2, sigma[1] ** 2, sigma[2] ** 2),
        drift,
        least * least,
        apart,
        track.rhythm.on_change,
        track.seen_until(last_s),
        track.rhythm.lost_s or t,
        t,
        track.usual_s >= _RARE_S,
        jumps.often,
        track.rhythm.out_of_turn,
        passers.passing(shown(track)),
        passers.lost,
        jumps.line is not None,
    )


def shown(track: Track) -> Shown:
    return Shown.REPORT if track.rhythm.out_of_turn else Shown.BEAT
