"""Puts right the times of events that were minted while the clock was not to be believed. Pure; rows themselves are never edited.

    the same boot has an anchor      time = anchor + what passed since, exact but for the drift of the crystal
    a boot that never had one        between the last trusted moment before it and the first after it, less what lay between:
                                     `time` is the latest possible, time_min and time_max enclose it, quality `estimated`
    no trusted moment after it yet   held back for ten minutes when the clock is surely wrong, then sent as it is, `unsynced`

Within one boot all events are moved by one and the same amount, so that durations and order stay what they were.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.clock import Stamp, TimeQuality, rfc3339
from gateway.journal.row import Anchor, Row

HELD_MAX_NS = 600 * 1_000_000_000
_DRIFT = 100e-6
_EXACT_NS = 1_000_000_000
_NEVER_BEFORE_NS = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000_000
"""No event of this program is older: a clock that says so is wrong."""


class Dating:
    """Of one start. `now` reads the clocks; the first moment of this start is read from them too."""

    def __init__(self, anchors: Sequence[Anchor], now: Callable[[], Stamp]) -> None:
        self._anchors = list(anchors)
        self._now = now
        self._since = now()
        self.holding = False
        """Whether something was held back when it was last asked for."""

    def learn(self, anchors: Sequence[Anchor]) -> None:
        self._anchors += anchors

    def tellable(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Those before the first that is held."""
        now = self._now()
        told = next((number for number, row in enumerate(rows) if self.held(row, now)), len(rows))
        self.holding = told < len(rows)
        return rows[:told]

    def held(self, row: Row, now: Stamp) -> bool:
        """Whether the event, and all behind it, should wait: its date is surely wrong, and may be known soon."""
        stamp = row.stamp
        # Not even once the clock is right: the anchor that puts this one right is then about to be kept.
        if stamp is None or stamp.quality is TimeQuality.SYNCED:
            return False
        trusted = [anchor.wall_ns for anchor in self._anchors if anchor.trusted]
        if self._shift(stamp) is not None or stamp.wall_ns >= max([_NEVER_BEFORE_NS, *trusted]):
            return False
        began_ns = stamp.boot_ns if stamp.boot_id == now.boot_id else self._since.boot_ns
        return now.boot_ns - began_ns < HELD_MAX_NS

    def dated(self, row: Row) -> Row:
        """The row with the best time that is known now."""
        stamp = row.stamp
        if stamp is None or stamp.quality is TimeQuality.SYNCED:
            return row
        shift = self._shift(stamp)
        return row if shift is None else replace(row, body=_moved(row.body, *shift))

    def _shift(self, stamp: Stamp) -> tuple[int | None, int, int | None] | None:
        """By how much the wall time moves: at least, best, at most (ns); no bounds where it is exact. None where nothing is known."""
        own = [anchor for anchor in self._anchors if anchor.boot_id == stamp.boot_id and anchor.trusted]
        if own:
            nearest = min(own, key=lambda anchor: abs(anchor.since_boot_ns - stamp.boot_ns))
            shift = nearest.wall_ns - nearest.since_boot_ns + stamp.boot_ns - stamp.wall_ns
            error = round(abs(nearest.since_boot_ns - stamp.boot_ns) * _DRIFT)
            return (None, shift, None) if error <= _EXACT_NS else (shift - error, shift, shift + error)
        latest = self._latest_ns(stamp)
        if latest is None:
            return None
        earliest = self._earliest_ns(stamp)
        return (None if earliest is None else min(earliest, latest) - stamp.wall_ns, latest - stamp.wall_ns, latest - stamp.wall_ns)

    def _latest_ns(self, stamp: Stamp) -> int | None:
        """It was before the next boot that knew the time began, and before all that is known to lie between."""
        own = [number for number, anchor in enumerate(self._anchors) if anchor.boot_id == stamp.boot_id]
        behind = self._anchors[own[-1] + 1 :] if own else []
        for number, anchor in enumerate(behind):
            if anchor.trusted:
                rest_ns = max([self._anchors[each].since_boot_ns for each in own] + [stamp.boot_ns]) - stamp.boot_ns
                return anchor.wall_ns - anchor.since_boot_ns - _lengths_ns(behind[:number], anchor.boot_id) - rest_ns
        return None

    def _earliest_ns(self, stamp: Stamp) -> int | None:
        """It was after the last moment before its boot that was known, and after all that is known to lie between."""
        first = next((number for number, anchor in enumerate(self._anchors) if anchor.boot_id == stamp.boot_id), len(self._anchors))
        before = self._anchors[:first]
        for number in range(len(before) - 1, -1, -1):
            if (known := before[number]).trusted:
                lasted_ns = max(anchor.since_boot_ns for anchor in before[number:] if anchor.boot_id == known.boot_id)
                between_ns = _lengths_ns(before[number:], known.boot_id)
                return known.wall_ns + lasted_ns - known.since_boot_ns + between_ns + stamp.boot_ns
        return None


def _lengths_ns(anchors: Sequence[Anchor], but_of: str) -> int:
    longest: dict[str, int] = {}
    for anchor in anchors:
        longest[anchor.boot_id] = max(longest.get(anchor.boot_id, 0), anchor.since_boot_ns)
    return sum(length for boot, length in longest.items() if boot != but_of)


def _moved(body: str, least_ns: int | None, best_ns: int, most_ns: int | None) -> str:
    event: dict[str, Any] = json.loads(body)
    data = event["data"]
    onset = event["time"]
    for key in ("time", "recordedtime"):
        event[key] = _later(event[key], best_ns)
    if least_ns is None and most_ns is None:
        data["time_quality"] = TimeQuality.SYNCED.value
        for key in ("time_min", "time_max"):
            data[key] = data[key] and _later(data[key], best_ns)
    else:
        data["time_quality"] = TimeQuality.ESTIMATED.value
        # A bound that was unknown (null although the other is there) stays so.
        unseen = data["time_min"] is not None or data["time_max"] is not None
        for key, by_ns in (("time_min", least_ns), ("time_max", most_ns)):
            bound = data[key] if unseen else onset
            data[key] = None if bound is None or by_ns is None else _later(bound, by_ns)
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _later(moment: str, by_ns: int) -> str:
    return rfc3339((datetime.fromisoformat(moment) + timedelta(microseconds=by_ns / 1000)).timestamp())
