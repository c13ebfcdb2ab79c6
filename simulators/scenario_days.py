"""A scenario as days of its bays: each device gives what its model gives, as often as the scenario's sampling says."""

from simulators.bay_day import BayDay, TraceStreet
from simulators.layout import DISTANCES, PILES, Model
from simulators.sampling import Form, Sampling
from simulators.scenario import Scenario
from simulators.sensing import Spot

_BEHIND = Spot("-b", -1.2)
_FORMS = {Model.DX80: Form.LEVEL, Model.M77: Form.DECISION, Model.LD120: Form.DECISION}
"""The others are magnetometers and give what the sampling says."""


def days_of(scenario: Scenario, seed: int, to_s: float) -> list[BayDay]:
    """Every detector of a bay that tells occupancy, from zero to `to_s`."""
    street = TraceStreet(seed, scenario.plan(), scenario.weather, scenario.sensing)
    told = [each for each in scenario.devices if each.model not in PILES and each.model not in DISTANCES]
    window = (0.0, to_s)
    days = [street.day(each.watches, each.device, window, _of(each.model, scenario.sampling)) for each in told]
    if scenario.sampling.sensors_per_bay == 2:
        behind = street.in_spot(_BEHIND)
        days += [behind.day(each.watches, f"{each.device}-b", window, _of(each.model, scenario.sampling)) for each in told]
    return days


def _of(model: Model, sampling: Sampling) -> Sampling:
    form = _FORMS.get(model)
    return sampling if form is None else sampling.model_copy(update={"form": form})


def wall_of(scenario: Scenario) -> str:
    """Wall time at zero: the hour at which the scenario's weather begins, of a day in May."""
    minutes = round(scenario.weather.begins_at_h * 60)
    return f"2026-05-01T{minutes // 60 % 24:02d}:{minutes % 60:02d}:00Z"
