"""What a magnetometer in the surface of a bay feels: the Earth, vehicles, its own iron, its temperature, and noise. In µT.

    change(bay, t)        own vehicle + neighbours' vehicles + passers-by + charging, in the bay's axes: x along it, y across, z down
    field(bay, t)         what its sensor measures of the Earth and the change (`sensing.py`)
    changes_over, fields_over      the same for a day of moments at once (arrays; the extra `traces`)

All of it depends on the seed and the time only, so that a process that begins in the middle feels the same. The parts are in
`dipoles.py` (fields), `track.py` (places), `warmth.py` (temperature), `charging.py`, `sensing.py`; here they are added up.
"""

from dataclasses import dataclass
from math import inf

from simulators.charging import Charging, charging_of
from simulators.dipoles import Vector, norm, plus
from simulators.fleet import EARTH_UT, earth_along
from simulators.plan import Weather
from simulators.quantity import Floats, Q
from simulators.sensing import MIDDLE, Node, Sensing, Spot, node_of
from simulators.street import LONGEST_PASSING_S, Street
from simulators.timeline import Timeline
from simulators.track import Leg, Place, Track
from simulators.traffic import Stay
from simulators.troubles import Trouble, TroubleKind, troubles_of
from simulators.warmth import Warmth

__all__ = ["EARTH_UT", "Magnetics", "Vector", "norm"]

_ZERO: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Still:
    """Nothing moves near a bay between these two times."""

    from_s: float
    to_s: float
    change_ut: Vector


class Magnetics:
    """Of the sensors in one spot of every bay: the middle, where nothing else is said."""

    def __init__(self, street: Street, weather: Weather, sensing: Sensing | None = None, spot: Spot = MIDDLE) -> None:
        self._street = street
        self._spot = spot
        self._sensing = Sensing() if sensing is None else sensing
        self.warmth = Warmth(street, weather)
        self.temperature = self.warmth.temperature
        self._earth_ut = earth_along(street.plan.cars.heading_deg)
        bays = street.plan.bays
        self._nodes = {bay: node_of(street.seed, bay + spot.name, self._sensing) for bay in bays}
        self._charging: dict[str, Charging | None] = {bay: charging_of(street.seed, bay, street.plan.cars.charger_share) for bay in bays}
        width = street.plan.cars.bay_width_m
        self._felt_from = {
            bay: tuple((bays[n], (n - index) * width) for n in (index, index - 1, index + 1) if 0 <= n < len(bays))
            for index, bay in enumerate(bays)
        }
        """The bay itself, and those beside it with how far across they are."""
        self._troubles = {bay: Timeline(troubles_of(street.seed, bay + spot.name, self._sensing.faults_per_day)) for bay in bays}
        self._still: dict[str, _Still] = {}

    # One moment.

    def field(self, bay: str, t: float) -> Vector:
        """What the sensor measures."""
        node = self._nodes[bay]
        trouble = self._troubles[bay].latest(t)
        if trouble is not None and trouble.kind is TroubleKind.FROZEN and t < trouble.ends_s:
            t = trouble.begins_s
        field = plus(node.turned(self.change(bay, t)), self.empty_field(bay, t))
        if trouble is not None:
            field = trouble.turned(field)
            field = trouble.spoilt(field, t) if t < trouble.ends_s else field
        return node.measured(field, t)

    def empty_field(self, bay: str, t: float) -> Vector:
        """Without vehicles and without noise."""
        late = t - self._sensing.lag_s
        return self._nodes[bay].empty(self._earth_ut, self.warmth.at(bay, late) - self.warmth.at_zero(bay))

    def change(self, bay: str, t: float) -> Vector:
        """What vehicles do to the empty field."""
        still = self._still.get(bay)
        if still is not None and still.from_s <= t < still.to_s:
            change = still.change_ut
        else:
            change, moving = self._change(bay, t)
            if not moving:
                self._still[bay] = _Still(t, self._still_until(bay, t), change)
        charging = self._charging[bay]
        return change if charging is None else plus(change, charging.felt(self._street.stay(bay, t), t))

    def parked_change(self, stay: Stay) -> Vector:
        """What its vehicle does to its own bay once it stands still."""
        return stay.vehicle.parked_field

    def felt(self, track: Track, along_m: Q, across_m: Q) -> tuple[Q, Q, Q]:
        """What a vehicle does to this spot, when its middle is so far from that of the bay."""
        return track.felt(along_m - self._spot.along_m, across_m)

    def node(self, bay: str) -> Node:
        return self._nodes[bay]

    def noise_ut(self, bay: str) -> float:
        return self._nodes[bay].noise_ut

    def beside(self, bay: str) -> tuple[str, ...]:
        """The bays on either side."""
        return tuple(each for each, _ in self._felt_from[bay][1:])

    def across(self, bay: str, beside: str) -> float:
        """How far, in metres, the middle of a bay beside is from this one's."""
        return dict(self._felt_from[bay])[beside]

    def _tracks(self, bay: str, t: float) -> list[tuple[Track, float]]:
        """What may be near a bay, and how far across its own bay is."""
        stays = ((self._street.stay(each, t), side_m) for each, side_m in self._felt_from[bay])
        tracks = [(stay.track, side_m) for stay, side_m in stays if stay is not None]
        return tracks + [(passing.track, 0.0) for passing in self._street.passings_at(bay, t)]

    def _change(self, bay: str, t: float) -> tuple[Vector, bool]:
        total, moving = _ZERO, False
        for track, side_m in self._tracks(bay, t):
            found = track.place(t)
            if found is not None:
                (along, across), moves = found
                total, moving = plus(total, self.felt(track, along, across + side_m)), moving or moves
        return total, moving

    def _still_until(self, bay: str, t: float) -> float:
        until = min((track.moves_after(t) for track, _ in self._tracks(bay, t)), default=inf)
        for each, _ in self._felt_from[bay]:
            following = self._street.next_stay(each, t)
            if following is not None:
                until = min(until, following.arrive_s)
        passing = self._street.next_passing(bay, t)
        return until if passing is None else min(until, passing.begins_s)

    # Many moments, in order.

    def fields_over(self, bay: str, times: Floats, changes: tuple[Floats, Floats, Floats] | None = None) -> tuple[Floats, Floats, Floats]:
        """`changes` are those of changes_over, where the caller has them already."""
        node = self._nodes[bay]
        cx, cy, cz = node.turned(self.changes_over(bay, times) if changes is None else changes)
        warmer = self.warmth.over(bay, times - self._sensing.lag_s) - self.warmth.at_zero(bay)
        ex, ey, ez = node.empty(self._earth_ut, warmer)
        x, y, z = ex + cx, ey + cy, ez + cz
        troubles = self.troubles(bay, float(times[0]), float(times[-1]))
        untils = [*(trouble.begins_s for trouble in troubles[1:]), inf]
        for trouble, until_s in zip(troubles, untils, strict=False):
            first, ended, last = times.searchsorted((trouble.begins_s, trouble.ends_s, until_s))
            x[first:last], y[first:last], z[first:last] = trouble.turned((x[first:last], y[first:last], z[first:last]))
            spoilt = trouble.spoilt((x[first:ended], y[first:ended], z[first:ended]), times[first:ended])
            x[first:ended], y[first:ended], z[first:ended] = spoilt
        measured = node.measured((x, y, z), times)
        for trouble in troubles:
            if trouble.kind is TroubleKind.FROZEN:
                first, ended = times.searchsorted((trouble.begins_s, trouble.ends_s))
                for axis, held in zip(measured, self.field(bay, trouble.begins_s), strict=True):
                    axis[first:ended] = held
        return measured

    def troubles(self, bay: str, from_s: float, to_s: float) -> list[Trouble]:
        """Of its sensor: the one that had begun last, and all that begin later."""
        return [each for each in self._troubles[bay].between(from_s, to_s) if each.begins_s < to_s]

    def changes_over(self, bay: str, times: Floats) -> tuple[Floats, Floats, Floats]:
        x, y, z = 0.0 * times, 0.0 * times, 0.0 * times
        begins, ends = float(times[0]), float(times[-1])
        tracks = [(stay.track, side_m) for each, side_m in self._felt_from[bay] for stay in self._street.stays(each, begins, ends)]
        tracks += [(passing.track, 0.0) for passing in self._street.passings(bay, begins - LONGEST_PASSING_S, ends)]
        for track, side_m in tracks:
            if track.ends_s < begins:
                continue
            for from_s, to_s, where in track.pieces():
                first, last = times.searchsorted((from_s, to_s))
                if first == last:
                    continue
                along, across = where.place(times[first:last]) if isinstance(where, Leg) else _standing(where, times[first:last])
                fx, fy, fz = self.felt(track, along, across + side_m)
                x[first:last] += fx
                y[first:last] += fy
                z[first:last] += fz
        charging = self._charging[bay]
        if charging is not None:
            for stay in self._street.stays(bay, begins, ends):
                first, last = times.searchsorted((stay.parked_s, stay.depart_s))
                fx, fy, fz = charging.over(stay, times[first:last])
                x[first:last] += fx
                y[first:last] += fy
                z[first:last] += fz
        return x, y, z


def _standing(place: Place, times: Floats) -> tuple[Floats, Floats]:
    """One value that numpy stretches over the piece."""
    along, across = 0.0 * times[:1], 0.0 * times[:1]
    return along + place[0], across + place[1]
