"""Clocks that lie, in numbers: three boots of a gateway under a wall clock that is wrong in every way, against the truth.

    python -m tests.faults.clocks --schedules 1000

A boot starts in 1970, in the right year, 56 years ahead, or an hour behind; in it the clock may step (an hour back, 56 years on, 5 s
either way), may be synchronised at some moment, or never. Meanwhile cars come and go, each event is minted, committed and read back.
Judged: the same events in the same order as under a perfect clock; within one boot, differences of time as the truth has them; a
time that is called synced right to a poll, one that is called estimated enclosed by its bounds.
"""

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from drivers.reading import Reading
from gateway.clock import Stamp, TimeQuality
from gateway.clock_watch import ClockWatch
from gateway.dating import Dating
from gateway.detection.change import BayChange, Change, Reason
from gateway.detection.detectors import Detectors, Polled
from gateway.first_words import first_anchors
from gateway.journal.opening import open_store
from gateway.journal.row import Anchor, Batch
from gateway.kept_times import is_known, moved_s, with_moment, without_moment, without_unknown_past
from gateway.minting import Mint, Now
from gateway.recorder import row_of
from tests.faults.recorded_changes import SITE
from tests.gateway.journal.journals import GATEWAY, salt, settings

POLL_S = 1.0
TRUE_START_S = 1_790_000_000.0
_BOOTS, _BOOT_S = 3, 120
_YEAR_S = 365.25 * 86400
_BOOT_IDS = [str(UUID(int=random.Random(number).getrandbits(128))) for number in range(_BOOTS)]
_BAY, _DEVICE = SITE.bays[0].id, SITE.bays[0].watched_by[0]
_IN_MEMORY = Path("/dev/shm")  # noqa: S108


@dataclass(frozen=True, slots=True)
class Boot:
    """Its truth, and what its wall clock says instead: `error_s` from each second on."""

    number: int
    true_start_s: float
    uptime_s: float
    errors: tuple[tuple[int, float], ...]
    synced_at: int | None

    def now(self, second: int) -> Now:
        since_boot_s = self.uptime_s + second
        synced = self.synced_at is not None and second >= self.synced_at
        error = 0.0 if synced else next(error for begin, error in reversed(self.errors) if begin <= second)
        wall_s = self.true_start_s + since_boot_s + error
        quality = TimeQuality.SYNCED if synced else TimeQuality.UNSYNCED
        # A process' monotonic clock begins anywhere.
        return Now(1000.0 * self.number + second, wall_s, quality, _BOOT_IDS[self.number], round(since_boot_s * 1e9))

    def truth_s(self, monotonic_s: float) -> float:
        return self.true_start_s + self.uptime_s + monotonic_s - 1000.0 * self.number


def boots(generator: random.Random, *, perfect: bool) -> list[Boot]:
    made, at = [], TRUE_START_S
    for number in range(_BOOTS):
        uptime_s = generator.uniform(5, 60)
        start = generator.choice((0.0, -at, 56 * _YEAR_S, -3600.0))
        steps = sorted(generator.sample(range(5, _BOOT_S), generator.randrange(0, 4)))
        errors = [(0, start)]
        for second in steps:
            errors.append((second, errors[-1][1] + generator.choice((-3600.0, 56 * _YEAR_S, 5.0, -5.0))))
        synced_at = generator.choice((None, generator.randrange(0, _BOOT_S)))
        made.append(Boot(number, at, uptime_s, ((0, 0.0),) if perfect else tuple(errors), 0 if perfect else synced_at))
        at += uptime_s + _BOOT_S + generator.uniform(1, 7200)
    return made


@dataclass(frozen=True, slots=True)
class Told:
    sequence: int
    kind: str
    boot: int
    truth_s: float
    """Of the onset."""
    seen: bool
    """Not one that happened while the gateway was off: when that was depends on what is known of the time between."""


def lived(schedule: list[Boot], cars: list[tuple[int, int]], folder: Path) -> tuple[list[Told], list[dict[str, object]]]:
    """What was minted, with its truth, and what the journal gives back at the end."""
    told: list[Told] = []
    for boot in schedule:
        store, resumed = open_store(settings(folder, 1), GATEWAY, salt)
        now = boot.now(0)
        detectors, mint = Detectors(SITE, [Polled(_DEVICE, POLL_S)], now.monotonic_s), Mint(GATEWAY, resumed.epoch, resumed.next_sequence)
        unknown_before_s: float | None = None
        for kept in resumed.states:
            inner, then = without_moment(kept)
            unknown_before_s = unknown_before_s if is_known(then, now) else now.monotonic_s
            mint.restore(inner) or detectors.restore(inner, moved_s(then, now))
        store.commit([Batch((), (), first_anchors(resumed, now))], {})
        watch = ClockWatch(_stamp(now))
        for second in range(_BOOT_S):
            now = boot.now(second)
            anchors: tuple[Anchor, ...] = ()
            if (found := watch.feed(_stamp(now))) is not None:
                anchors = (found.anchor,)
            parked = any(begin <= boot.number * _BOOT_S + second < end for begin, end in cars)
            reading = Reading(device=_DEVICE, t=now.monotonic_s, x_ut=30.0 + 20.0 * parked, y_ut=-3.0, z_ut=28.0 + second % 3 / 10)
            changes: list[Change] = [*detectors.feed(reading, now.monotonic_s), *detectors.tick(now.monotonic_s)]
            events = mint.events(without_unknown_past(changes, unknown_before_s), now)
            states = (*detectors.kept(changes), *mint.states(changes))
            if events or anchors or states:
                store.commit([Batch(tuple(map(row_of, events)), tuple(with_moment(kept, now) for kept in states), anchors)], {})
            told += [
                Told(event.sequence, event.change.kind.value, boot.number, boot.truth_s(event.change.onset_s), _seen(event.change))
                for event in events
            ]
        if boot is schedule[-1]:
            dating = Dating(store.anchors(), partial(_stamp, now))
            read = [json.loads(dating.dated(row).body) for row in store.after(0, 10_000)]
        # As a power cut ends it, or in order.
        (store.close if boot.number % 2 else store.drop)()
    return told, read


def _seen(change: Change) -> bool:
    return not (isinstance(change, BayChange) and change.reason is Reason.RESTART)


def _stamp(now: Now) -> Stamp:
    assert now.stamp is not None
    return now.stamp


def one(seed: str) -> Counter[str]:
    generator = random.Random(seed)
    starts = sorted(generator.sample(range(20, _BOOTS * _BOOT_S - 40), 4))
    cars = [(begin, begin + generator.randrange(15, 60)) for begin in starts]
    state = generator.getstate()
    schedule = boots(generator, perfect=False)
    generator.setstate(state)
    control = boots(generator, perfect=True)
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as temporary:
        folders = [Path(temporary) / name for name in ("lying", "control")]
        for folder in folders:
            folder.mkdir()
        told, read = lived(schedule, cars, folders[0])
        expected, _ = lived(control, cars, folders[1])
    found = Counter({"schedules": 1, "events": len(told)})
    found["lost or invented"] += [each.kind for each in told] != [each.kind for each in expected]
    # A dwell that ends early, or late, shows in when the change began or was certain.
    pairs = zip(told, expected, strict=False)
    found["decided at another moment"] += sum(a.seen and a.boot == b.boot and abs(a.truth_s - b.truth_s) > POLL_S for a, b in pairs)
    found["not read back in order"] += [int(str(each["sequence"])) for each in read] != [each.sequence for each in told]
    found.update(_misdated(told, read))
    return found


def _misdated(told: list[Told], read: list[dict[str, object]]) -> Counter[str]:
    found = Counter[str]()
    before: tuple[Told, float, str] | None = None
    for truth, event in zip(told, read, strict=False):
        data = event["data"]
        assert isinstance(data, dict)
        time_s, quality = datetime.fromisoformat(str(event["time"])).timestamp(), data["time_quality"]
        found[quality] += 1
        if truth.seen and quality == "synced" and abs(time_s - truth.truth_s) > POLL_S:
            found["synced and wrong"] += 1
        if truth.seen and quality == "estimated" and not _encloses(data["time_min"], data["time_max"], truth.truth_s):
            found["bounds that do not enclose"] += 1
        # Of one boot and of one quality, save where the clock was never put right.
        if before is not None and before[0].seen and truth.seen and before[0].boot == truth.boot and before[2] == quality != "unsynced":
            found["durations off by more than a poll"] += abs(time_s - before[1] - (truth.truth_s - before[0].truth_s)) > POLL_S
        before = (truth, time_s, quality)
    return found


def _encloses(least: str | None, most: str | None, truth_s: float) -> bool:
    after = least is None or datetime.fromisoformat(least).timestamp() <= truth_s + POLL_S
    return after and (most is None or truth_s <= datetime.fromisoformat(most).timestamp() + POLL_S)


FAULTS = (
    "lost or invented",
    "decided at another moment",
    "not read back in order",
    "synced and wrong",
    "bounds that do not enclose",
    "durations off by more than a poll",
)


def run(schedules: int, seed: int, processes: int = 2) -> Counter[str]:
    with ProcessPoolExecutor(processes) as pool:
        return sum(pool.map(one, (f"{seed} {number}" for number in range(schedules)), chunksize=5), Counter())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20260501)
    given = parser.parse_args()
    found = run(given.schedules, given.seed)
    for what, count in found.items():
        print(f"{count:8}  {what}")
    sys.exit(1 if any(found[what] for what in FAULTS) else 0)


if __name__ == "__main__":
    main()
