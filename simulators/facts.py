"""The facts of one device's day, with what a scorer needs to know about each: from the street, the magnetics and the reports."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from math import hypot, inf

from simulators.dipoles import Vector, norm, plus, scaled
from simulators.magnetics import Magnetics
from simulators.quantity import Floats
from simulators.reports import Window, one_second_sigma_ut
from simulators.sampling import Form, Sampling
from simulators.street import Street
from simulators.track import Leg, Place, Track
from simulators.traffic import Stay
from simulators.truth import Fact, FactKind

_SWAP_S = 30.5
_BESIDE_S = 10.0


class Facts:
    """`times` are those of the readings that arrived."""

    def __init__(self, street: Street, magnetics: Magnetics, sampling: Sampling, device: str, bay: str, times: Floats) -> None:
        self._street = street
        self._magnetics = magnetics
        self._sampling = sampling
        self._form = sampling.form
        self._on_change = sampling.on_change_ut is not None
        self._node = magnetics.node(bay)
        self._sigma_ut = one_second_sigma_ut(sampling, self._node)
        self._device = device
        self._bay = bay
        self._times: list[float] = times.tolist()

    def of(self, window: Window, silent: list[Window]) -> list[Fact]:
        """In the order of t. What began before the window is told with its own, earlier t where it lasts into it."""
        from_s, to_s = window
        stays = self._street.stays(self._bay, from_s, to_s)
        beside = [stay for bay in self._magnetics.beside(self._bay) for stay in self._street.stays(bay, from_s, to_s)]
        moves = sorted(t for stay in beside for t in (stay.arrive_s, stay.depart_s))
        facts = [self._near(fact, moves) for fact in self._of_stays(stays)]
        facts += [fact for stay in stays for fact in self._shuffles(stay)]
        facts += self._passing(from_s, to_s)
        facts += [fact for bay in self._magnetics.beside(self._bay) for fact in self._beside(bay, from_s, to_s)]
        facts += self._troubles(from_s, to_s)
        for begins_s, ends_s in silent:
            facts.append(Fact(t=begins_s, device=self._device, what=FactKind.SILENT_FROM))
            facts.append(Fact(t=ends_s, device=self._device, what=FactKind.SILENT_TO))
        lasting = next((stay for stay in stays if stay.arrive_s < from_s < stay.depart_s), None)
        first = from_s if lasting is None else lasting.arrive_s
        return sorted((fact for fact in facts if first <= fact.t < to_s), key=lambda fact: fact.t)

    def _of_stays(self, stays: list[Stay]) -> Iterator[Fact]:
        for index, stay in enumerate(stays):
            before = stays[index - 1] if index else None
            after = self._street.next_stay(self._bay, stay.arrive_s)
            next_s = inf if after is None else after.arrive_s
            came = self._fact(FactKind.ARRIVED, stay.track, stay.track.legs[0], self._felt(stay.track, stay.track.legs[0].end))
            yield replace(
                came,
                swap=before is not None and stay.arrive_s - before.gone_s <= _SWAP_S,
                readings=self._shown(came, stay.depart_s),
            )
            last = stay.track.legs[-1]
            went = self._fact(FactKind.LEFT, stay.track, last, self._felt(stay.track, last.start))
            yield replace(went, swap=next_s - stay.gone_s <= _SWAP_S, readings=self._shown(went, next_s))

    def _shuffles(self, stay: Stay) -> Iterator[Fact]:
        for leg in stay.track.legs[1:-1]:
            one, other = self._felt(stay.track, leg.start), self._felt(stay.track, leg.end)
            yield self._fact(FactKind.SHUFFLED, stay.track, leg, plus(other, scaled(one, -1.0)))

    def _passing(self, from_s: float, to_s: float) -> Iterator[Fact]:
        for passing in self._street.passings(self._bay, from_s, to_s):
            what = FactKind.DRIVE_OVER if abs(passing.vehicle.across_m) < 1.0 else FactKind.BUS
            track = passing.track
            over_parts = [self._felt(track, (-part.along_m, passing.vehicle.across_m)) for part in passing.vehicle.dipoles]
            fact = self._fact(what, track, track.legs[0], max(over_parts, key=norm))
            yield replace(fact, settled_s=passing.ends_s)

    def _beside(self, bay: str, from_s: float, to_s: float) -> Iterator[Fact]:
        side_m = self._magnetics.across(self._bay, bay)
        for stay in self._street.stays(bay, from_s, to_s):
            for leg, (along, across) in ((stay.track.legs[0], stay.track.legs[0].end), (stay.track.legs[-1], stay.track.legs[-1].start)):
                yield self._fact(FactKind.NEIGHBOUR_MOVED, stay.track, leg, self._felt(stay.track, (along, across + side_m)))

    def _fact(self, what: FactKind, track: Track, leg: Leg, change: Vector) -> Fact:
        strength = self._seen(change, leg.begins_s)
        return Fact(
            t=leg.begins_s,
            device=self._device,
            what=what,
            settled_s=leg.ends_s,
            signature_ut=strength,
            signature_sigmas=strength / self._sigma_ut,
            vehicle=track.vehicle.kind.value,
            blind_s=self._blind(leg.begins_s, leg.ends_s),
        )

    def _felt(self, track: Track, place: Place) -> Vector:
        return self._magnetics.felt(track, *place)

    def _troubles(self, from_s: float, to_s: float) -> Iterator[Fact]:
        for trouble in self._magnetics.troubles(self._bay, from_s, to_s):
            if trouble.ends_s > from_s:
                yield Fact(t=trouble.begins_s, device=self._device, what=FactKind.FAULT_FROM, cause=trouble.kind.value)
                yield Fact(t=trouble.ends_s, device=self._device, what=FactKind.FAULT_TO, cause=trouble.kind.value)

    def _near(self, fact: Fact, moves: list[float]) -> Fact:
        first = bisect_left(moves, fact.t - _BESIDE_S)
        return replace(fact, neighbour=first < len(moves) and moves[first] <= (fact.settled_s or fact.t) + _BESIDE_S)

    def _seen(self, change: Vector, t: float) -> float:
        """How much of a change the device's own values show, µT."""
        x, y, z = self._node.turned(change)
        if self._form is Form.XY:
            return hypot(x, y)
        if self._form is Form.X:
            return abs(x)
        if self._form is Form.SCALAR:
            empty = self._magnetics.empty_field(self._bay, t)
            return abs(hypot(*plus(empty, (x, y, z))) - hypot(*empty))
        return hypot(x, y, z)

    def _between(self, from_s: float, to_s: float) -> int:
        return bisect_left(self._times, to_s) - bisect_left(self._times, from_s)

    def _blind(self, t: float, settled_s: float) -> float:
        """The longest of the gaps in which it moved: a vehicle that has driven for half a second as the last reading is made was not seen
        by it, either. A node that reports on change would have reported before, so its quiet is not blind; only what comes after t is late.
        In a gap longer than its heartbeat something was lost, and its quiet says nothing."""
        first, last = bisect_right(self._times, t), bisect_right(self._times, settled_s)
        return max(self._unseen(index, t) for index in range(first, last + 1))

    def _unseen(self, index: int, t: float) -> float:
        """How much of the gap before this reading is blind, for what began at t."""
        before = self._times[index - 1] if index else t
        after = self._times[index] if index < len(self._times) else max(t, before)
        sampling = self._sampling
        if self._on_change and after - before <= sampling.every_s + sampling.looks_s:
            return 0.0 if before > t else after - max(before, t - sampling.looks_s)
        return after - before

    def _shown(self, fact: Fact, until_s: float) -> int:
        """How many readings show the state that this fact led to. On change, one in the motion holds until something else is reported."""
        return self._between(fact.t if self._on_change or fact.settled_s is None else fact.settled_s, until_s)
