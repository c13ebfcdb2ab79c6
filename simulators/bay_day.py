"""A bay over a day: every reading that its device gave, and the truth. In one go, over arrays (the extra `traces`).

    street = TraceStreet(scenario_or_plan…)
    day = street.day("bay-3", "geo-03", 0.0, 86400.0)
    day.times, day.columns, day.facts

Which values a device gives is its Form: three axes, fewer, their norm, a level in counts, or occupied yes or no.
"""

from copy import copy
from dataclasses import dataclass

import numpy as np

from simulators.chance import gauss, key_of
from simulators.deciding import decisions
from simulators.devices.dx80 import COUNTS_PER_UT
from simulators.facts import Facts
from simulators.magnetics import Magnetics
from simulators.plan import Plan, Weather
from simulators.quantity import Floats, whole
from simulators.reports import Indices, Window, arrive, changed, moments, one_second_sigma_ut, silences, waking
from simulators.sampling import Form, Sampling
from simulators.sensing import Sensing, Spot
from simulators.street import Street
from simulators.truth import DeviceNote, Fact

_TEMPERATURE_NOISE_C = 0.05


@dataclass(frozen=True, slots=True)
class Column:
    """One named value of every reading; names are those of the reading trace."""

    name: str
    values: Floats
    digits: int


@dataclass(frozen=True, slots=True)
class BayDay:
    device: str
    bay: str
    times: Floats
    columns: tuple[Column, ...]
    facts: tuple[Fact, ...]
    note: DeviceNote


class TraceStreet:
    """A street whose bays can be told as traces; the same one that the simulated devices answer for."""

    def __init__(self, seed: int, plan: Plan, weather: Weather, sensing: Sensing) -> None:
        self.seed = seed
        self.street = Street(seed, plan)
        self._given = weather, sensing
        self.magnetics = Magnetics(self.street, weather, sensing)

    def in_spot(self, spot: Spot) -> "TraceStreet":
        """The same street, felt by sensors in another spot of each bay."""
        other = copy(self)
        other.magnetics = Magnetics(self.street, *self._given, spot)
        return other

    def day(self, bay: str, device: str, window: Window, sampling: Sampling) -> BayDay:
        """The readings of `device`, which watches `bay`, between two moments of street time."""
        measured = moments(sampling, self.seed, device, window)
        silent = silences(sampling, self.seed, device, window)
        columns, reported = self._measured(bay, device, measured, sampling, silent)
        times = measured[reported]
        came = arrive(sampling, self.seed, device, times, self._covered(bay, times), silent)
        times = times[came]
        facts = Facts(self.street, self.magnetics, sampling, device, bay, times).of(window, silent)
        kept = tuple(Column(each.name, np.round(each.values[came], each.digits), each.digits) for each in columns)
        return BayDay(device, bay, times, kept, tuple(facts), self._note(bay, sampling))

    def _measured(
        self, bay: str, device: str, times: Floats, sampling: Sampling, silent: list[Window]
    ) -> tuple[tuple[Column, ...], Indices]:
        """The values of what is reported, and which measurements that is."""
        everything = np.arange(times.size)
        if sampling.form is Form.DECISION:
            said = decisions(self.street, bay, times)
            reported = everything if sampling.on_change_ut is None else changed((said * 100.0,), times, sampling)
            return (Column("occupied", said[reported], 0),), reported
        changes = self.magnetics.changes_over(bay, times)
        if sampling.form is Form.LEVEL:
            level = self._level(bay, device, times, changes)
            reported = everything if sampling.on_change_ut is None else changed((level / COUNTS_PER_UT,), times, sampling)
            return (Column("level", level[reported], 0),), reported
        x, y, z = self.magnetics.fields_over(bay, times, changes)
        wrong = waking(sampling, self.seed, device, times, silent)
        x, y, z = x + wrong, y - 0.6 * wrong, z + 0.8 * wrong
        reported = everything if sampling.on_change_ut is None else changed((x, y, z), times, sampling)
        warm = self.magnetics.warmth.over(bay, times[reported])
        warm = warm + _TEMPERATURE_NOISE_C * gauss(key_of("warmth", bay), whole(times[reported]))
        axes = _axes(sampling.form, x[reported], y[reported], z[reported])
        return (*axes, Column("temperature_c", warm, 1)), reported

    def _level(self, bay: str, device: str, times: Floats, changes: tuple[Floats, Floats, Floats]) -> Floats:
        felt = np.sqrt(changes[0] ** 2 + changes[1] ** 2 + changes[2] ** 2)
        jitter = 0.5 * self.magnetics.noise_ut(bay) * np.abs(gauss(key_of("m-gage", device), whole(times * 2.0)))
        return np.minimum(np.round((felt + jitter) * COUNTS_PER_UT), 65535.0)

    def _covered(self, bay: str, times: Floats) -> Floats:
        covered = np.zeros(times.size)
        if times.size:
            for stay in self.street.stays(bay, times[0], times[-1]):
                first, last = times.searchsorted((stay.parked_s, stay.depart_s))
                covered[first:last] = 1.0
        return covered

    def _note(self, bay: str, sampling: Sampling) -> DeviceNote:
        node = self.magnetics.node(bay)
        return DeviceNote(
            form=sampling.form.value,
            interval_s=sampling.every_s,
            on_change=sampling.on_change_ut is not None,
            loss=sampling.loss,
            sigma_ut=one_second_sigma_ut(sampling, node),
            drift_ut_per_c=node.worst_drift_ut_per_c,
            hum_ut=max(abs(axis) for axis in node.hum_ut),
        )


def _axes(form: Form, x: Floats, y: Floats, z: Floats) -> tuple[Column, ...]:
    if form is Form.SCALAR:
        return (Column("b_ut", np.sqrt(x * x + y * y + z * z), 3),)
    named = (Column("x_ut", x, 3), Column("y_ut", y, 3), Column("z_ut", z, 3))
    return named[: {Form.XYZ: 3, Form.XY: 2, Form.X: 1}[form]]
