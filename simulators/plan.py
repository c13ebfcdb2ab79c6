"""What a street is made of, and how busy it is: the parameters that, with a seed, give one street for ever.

Defaults of stays and gaps come from Melbourne's bay log of 2019 (log-normal, median 750 s, sigma 1.49), of manoeuvres from
labelled traces (arrival p50 4.5 s, departure p50 2.25 s, drive-over 1.5 to 3.9 s).
"""

from dataclasses import dataclass, field
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from config.site import Frozen, Operator
from simulators.fleet import Fleet


class Span(Frozen):
    """A log-normal duration between two bounds."""

    typical_s: float = Field(gt=0, le=86400 * 7, description="The median")
    spread: float = Field(default=1.0, ge=0, le=3, description="Standard deviation of the logarithm")
    spread_below: float | None = Field(default=None, ge=0, le=3, description="Below the median, where it differs")
    shortest_s: float = Field(gt=0, le=86400)
    longest_s: float = Field(default=86400.0, gt=0, le=86400 * 30)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.longest_s < self.shortest_s:
            raise PydanticCustomError("simulators.span_reversed", "longest_s must not be less than shortest_s")
        return self


MELBOURNE = Literal["melbourne"]
"""As in Melbourne's bay log, quantile by quantile."""


class Cars(Frozen):
    """Defaults make an easy street; what makes it hard is off, and draws from chance of its own."""

    stay: Span | MELBOURNE = Span(typical_s=750, spread=1.49, shortest_s=60)
    gap: Span | MELBOURNE = Span(typical_s=600, spread=1.2, shortest_s=30)
    occupied_at_start: float = Field(default=0.4, ge=0, le=1, description="Share of bays where a car stands at zero")
    first_move_s: float = Field(default=30.0, ge=0, description="Nothing moves before")
    arrival: Span = Span(typical_s=4.5, spread=0.63, shortest_s=1.6)
    departure: Span = Span(typical_s=2.25, spread=0.8, shortest_s=0.5)
    drive_over: Span | None = Field(default=None, description="Evenly between 1.5 and 4 s where absent; median 2.4 s measured")
    weakest_ut: float = Field(default=9.0, ge=0, le=50, description="A parked car changes the field by this at the least")
    weak_share: float = Field(default=0.0, ge=0, le=1, description="Share of cars that are exempt from the above")
    slowest_move_s: float = Field(default=13.0, ge=1, le=60, description="No manoeuvre takes longer; p95 of labelled arrivals is 13 s")
    drive_overs_per_h: float = Field(default=4.0, ge=0, le=600, description="Cars that cross an empty bay and do not park")
    buses_per_h: float = Field(default=6.0, ge=0, le=600, description="Buses and trucks that pass in the lane beside a bay")
    calm_s: float = Field(default=8.0, ge=0, le=600, description="No passer-by within so long of a manoeuvre in the same bay")

    fleet: Fleet | None = Field(default=None, description="Vehicles of a real street; the two weak_… do not apply to them")
    heading_deg: float = Field(default=0.0, ge=0, lt=360, description="Where the bays' axis points, from north towards east")
    bay_width_m: float = Field(default=3.2, ge=2, le=8, description="From one bay's middle to the next one's")
    swap_share: float = Field(default=0.0, ge=0, le=1, description="Departures after which the next car comes within swap_s")
    swap_s: tuple[float, float] = Field(default=(5.0, 30.0), description="How long the bay is empty then")
    shuffles_per_h: float = Field(default=0.0, ge=0, le=60, description="How often a parked car moves within its bay")
    bus_stop_share: float = Field(default=0.0, ge=0, le=1, description="Buses that stop beside the bay for 5 to 20 s")
    charger_share: float = Field(default=0.0, ge=0, le=1, description="Bays where electric cars charge, which is felt")

    @model_validator(mode="after")
    def _swap_in_order(self) -> Self:
        if not 0 < self.swap_s[0] <= self.swap_s[1]:
            raise PydanticCustomError("simulators.figures_reversed", "swap_s must be two times, the shorter first")
        return self


class Bikes(Frozen):
    stay: Span = Span(typical_s=900, spread=1.0, shortest_s=90)
    gap: Span = Span(typical_s=600, spread=1.0, shortest_s=60)
    per_pile: int = Field(default=1, ge=1, le=2, description="Bikes that fit at one pile")
    present_at_start: float = Field(default=0.4, ge=0, le=1)
    first_move_s: float = Field(default=30.0, ge=0)
    comes_back: float = Field(default=0.15, ge=0, le=1, description="Chance that the next bike at a place is the last one again")
    missed_scans: float = Field(default=0.1, ge=0, le=0.9, description="Chance that a pile does not hear a bike in one scan")
    operators: tuple[Operator, ...] = Field(
        default=(Operator(name="blue", tag_prefix="E280A1"), Operator(name="yellow", tag_prefix="E280B2")), min_length=1
    )


class Weather(Frozen):
    mean_c: float = Field(default=24.0, ge=-30, le=45)
    daily_swing_c: float = Field(default=12.0, ge=0, le=40, description="From the coldest to the warmest moment of the day")
    clouds_c: float = Field(default=0.6, ge=0, le=10, description="What clouds add and take, over ten minutes")
    begins_at_h: float = Field(default=8.0, ge=0, lt=24, description="Hour of the day at zero")
    sun_c: float = Field(default=0.0, ge=0, le=30, description="How much warmer a detector is in the sun than in the shade, at noon")


@dataclass(frozen=True, slots=True)
class StationPlan:
    name: str
    piles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Bays stand side by side in this order; so do the piles of a station."""

    bays: tuple[str, ...]
    stations: tuple[StationPlan, ...] = ()
    cars: Cars = field(default_factory=Cars)
    bikes: Bikes = field(default_factory=Bikes)
