"""A small street for detector tests: one bay's field over time, seeded, without the simulators' physics."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from drivers.reading import Reading

EARTH = (36.4, -2.9, 28.3)


@dataclass(frozen=True)
class Stay:
    arrive_s: float
    leave_s: float
    delta_ut: tuple[float, float, float] = (12.0, -8.0, 15.0)
    into_s: float = 4.5
    out_s: float = 2.25

    def share(self, t: float) -> float:
        """How much of the vehicle's field is there: 0 before, 1 while parked."""
        if t < self.arrive_s or t > self.leave_s + self.out_s:
            return 0.0
        if t < self.arrive_s + self.into_s:
            return (t - self.arrive_s) / self.into_s
        return 1.0 if t <= self.leave_s else 1.0 - (t - self.leave_s) / self.out_s


def field_readings(
    stays: tuple[Stay, ...],
    end_s: float,
    *,
    start_s: float = 0.0,
    interval_s: float = 1.0,
    seed: int = 1,
    noise_ut: float = 0.3,
    temperature: Callable[[float], float] = lambda _: 20.0,
    drift_ut_per_c: tuple[float, float, float] = (0.0, 0.0, 0.0),
    device: str = "bay-1",
) -> Iterator[Reading]:
    random = Random(seed)
    t = start_s
    while t < end_s:
        warm = temperature(t)
        axes = [
            earth + drift * (warm - 20.0) + sum(stay.share(t) * stay.delta_ut[axis] for stay in stays) + random.gauss(0.0, noise_ut)
            for axis, (earth, drift) in enumerate(zip(EARTH, drift_ut_per_c, strict=True))
        ]
        yield Reading(device=device, t=t, x_ut=axes[0], y_ut=axes[1], z_ut=axes[2], temperature_c=warm)
        t += interval_s
