"""One bay: readings in, occupancy changes out. The machine contract: feed, deadline, tick; time is an argument.

    believed    what the bay was last known to be: vacant, occupied, or unknown (never known)
    candidate   another occupancy, seen but not yet for `dwell_s`: a passer-by ends it, a parked car outlasts it
    checking    the bay must be known anew (a start, a silence that ended): whichever occupancy holds for `dwell_s` is the one
    lost        told as comms_lost: nothing that may be believed came for too long

An onset is back-dated to where the readings left what was steady before. It is rounded in the driver's favour: an arrival to
the first reading that had stirred, a departure to the last that had not. A change that happened unseen (restart, silence) is
told with the times between which it happened; a park_start then begins at the later bound, a park_end at the earlier one.
"""

from dataclasses import dataclass

from drivers.reading import Reading
from gateway.detection.change import BayChange, Occupancy, Reason
from tests.benchmarks.first_form.bay_telling import Settled, confidence, evidence_of, lost
from tests.benchmarks.first_form.empty import EmptyBay, distance, norm
from tests.benchmarks.first_form.evidence import Limits, Measured, Sense, measured
from tests.benchmarks.first_form.settings import BayDetection, FieldVector
from tests.benchmarks.first_form.silence import Silence

_LEAST_READINGS = 2
"""A single frame can pass its CRC by chance; no single one makes an event."""
_LONGEST_STIR_S = 15.0
"""p95 of a manoeuvre into a bay is 13 s; what has stirred for longer is not this manoeuvre."""
_UNDECIDED_DWELLS = 5.0
_PARKED_GAIN = 0.1


@dataclass(slots=True)
class Candidate:
    target: Occupancy
    since_s: float
    onset_s: float
    readings: int = 1


class BayMachine:
    """Feed it the readings of the bay's device, in order of time."""

    def __init__(
        self,
        bay: str,
        settings: BayDetection,
        *,
        now: float,
        interval_s: float | None = None,
        empty_field: FieldVector | None = None,
    ) -> None:
        self.bay = bay
        self.settings = settings
        self.silence = Silence(settings.silent_s, interval_s, now)
        self.empty = EmptyBay(settings, empty_field)
        self.believed = Occupancy.UNKNOWN
        self.lost = False
        self.since_s: float | None = None
        self._checking: Reason | None = Reason.RESTART
        self._first_seen_s: float | None = None
        self._steady_s: float | None = None
        self._stirred_since_s: float | None = None
        self._parked: tuple[float, ...] | None = None
        self._candidate: Candidate | None = None

    @property
    def state(self) -> Occupancy:
        """What is known now."""
        return Occupancy.UNKNOWN if self.lost else self.believed

    @property
    def settled(self) -> bool:
        """Whether the bay's state was confirmed by readings since the start or the last silence."""
        return self._checking is None

    # The machine contract.

    def feed(self, reading: Reading, now: float) -> list[BayChange]:
        changes = self.tick(now)
        self.silence.feed(reading, now)
        what = measured(reading) if reading.trusted else None
        if what is None:
            return changes
        departure = self.empty.departure(reading, what, now)
        if departure is None:
            return changes
        if self._parked is not None and len(self._parked) != len(departure):
            self._parked = None
        limits = self.empty.limits(self._parked if self.believed is Occupancy.OCCUPIED else None)
        known = self._checking is None
        settled = self._follow(what, departure, limits, now) if known else self._check(departure, limits, now)
        return changes if settled is None else changes + self._settle(settled, departure, limits, now)

    def deadline(self) -> float | None:
        return None if self.lost else self.silence.deadline()

    def tick(self, now: float) -> list[BayChange]:
        if self.lost or not self.silence.overdue(now):
            return []
        self.lost = True
        self._checking, self._first_seen_s, self._candidate, self._stirred_since_s = Reason.RECOVERED, None, None, None
        last = self.silence.last_trusted_s
        return [lost(self.bay, self.believed, self.silence.started_s if last is None else last, now, self.silence.cause)]

    # How a reading is judged.

    def _check(self, departure: tuple[float, ...], limits: Limits, now: float) -> Candidate | None:
        """Nothing is taken for granted: whichever occupancy holds for the dwell is the bay's."""
        if self._first_seen_s is None:
            self._first_seen_s = now
        far = norm(departure)
        seen = _verdict(far, limits)
        if seen is None and now - self._first_seen_s >= _UNDECIDED_DWELLS * self.settings.dwell_s:
            seen = Occupancy.OCCUPIED if far * far >= limits.occupied * limits.vacant else Occupancy.VACANT
        if seen is self.believed:
            self._steady_s = now
        return self._candidate_after(seen, now, now)

    def _follow(self, what: Measured, departure: tuple[float, ...], limits: Limits, now: float) -> Candidate | None:
        """The bay is known: does this reading leave what was steady, and for good?"""
        seen = _verdict(norm(departure), limits)
        if self.believed is Occupancy.VACANT:
            if seen is Occupancy.VACANT:
                self.empty.learn(what)
            stirred = norm(departure) > limits.stirred
        else:
            stirred = self._stirs_parked(departure, limits, now, still_occupied=seen is Occupancy.OCCUPIED)
        if not stirred:
            self._steady_s, self._stirred_since_s = now, None
        elif self._stirred_since_s is None:
            self._stirred_since_s = now
        if seen is self.believed:
            self._candidate = None
            return None
        if seen is None and self._candidate is None:
            return None
        return self._candidate_after(seen, now, self._onset(now))

    def _stirs_parked(self, departure: tuple[float, ...], limits: Limits, now: float, *, still_occupied: bool) -> bool:
        if self._parked is None:
            self._parked = departure
        if distance(departure, self._parked) > limits.stirred:
            if still_occupied and self._stirred_since_s is not None and now - self._stirred_since_s > _LONGEST_STIR_S:
                self._parked = departure  # It moved within the bay, or its neighbour came or went: this is steady now.
                return False
            return True
        gain = _PARKED_GAIN
        self._parked = tuple(old + gain * (new - old) for old, new in zip(self._parked, departure, strict=True))
        return False

    def _onset(self, now: float) -> float:
        """Where the readings left what was steady, in the driver's favour."""
        since = self._stirred_since_s
        if since is None or now - since > _LONGEST_STIR_S:
            return now
        if self.believed is Occupancy.OCCUPIED and self._steady_s is not None:
            return self._steady_s
        return since

    def _candidate_after(self, seen: Occupancy | None, now: float, onset_s: float) -> Candidate | None:
        """The candidate once it has held for the dwell; a reading between the limits neither begins nor ends one."""
        candidate = self._candidate
        if candidate is None or (seen is not None and candidate.target is not seen):
            self._candidate = None if seen is None else Candidate(seen, now, onset_s)
            return None
        candidate.readings += 1
        if candidate.readings < _LEAST_READINGS or now - candidate.since_s < self.settings.dwell_s:
            return None
        return candidate

    def _settle(self, candidate: Candidate, departure: tuple[float, ...], limits: Limits, now: float) -> list[BayChange]:
        """The candidate is what the bay is from now on."""
        checking, previous, arrived = self._checking, self.believed, candidate.target is Occupancy.OCCUPIED
        settled = Settled(self.bay, candidate.target, now, confidence(candidate.target, norm(departure), limits))
        evidence = evidence_of(self.empty, departure, candidate.readings)
        changes: list[BayChange] = []
        if self.lost:
            assert self._first_seen_s is not None
            changes.append(settled.restored(self._first_seen_s, evidence))
        if candidate.target is not previous and (arrived or previous is Occupancy.OCCUPIED):
            if checking is None:
                reason = Reason.DEVICE if self.empty.sense is Sense.DECISION else Reason.LEVEL
                change = settled.seen(previous, candidate.onset_s, reason, evidence)
            else:
                change = settled.unseen(previous, self._steady_s, candidate.since_s, checking, evidence)
            changes.append(change)
            self.since_s = change.onset_s
        self.believed, self.lost = candidate.target, False
        self._checking = self._candidate = self._stirred_since_s = None
        self._steady_s = now
        self._parked = departure if arrived else None
        return changes


def _verdict(far: float, limits: Limits) -> Occupancy | None:
    if far >= limits.occupied:
        return Occupancy.OCCUPIED
    return Occupancy.VACANT if far <= limits.vacant else None
