"""Captures of a bus on disk: what went over the wire before a fault, saved beside the journal. Bounded in number and in rate.

<journal's folder>/captures/<bus>-20260501T081500Z.jsonl
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from drivers.capture import Piece, text_of
from gateway.clock import Clock
from gateway.logs import Log

MOST_FILES = 20
SELDOM_S = 300.0
"""A bus saves so often at the most: a unit that flaps must not wear the disk."""


class Captures:
    def __init__(self, folder: Path, clock: Clock, log: Log) -> None:
        self._folder = folder
        self._clock = clock
        self._log = log
        self._saved: dict[str, float] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def on_fault(self, bus: str, pieces: Callable[[], tuple[Piece, ...]]) -> Callable[[str], None]:
        """What a bus calls when something went wrong."""

        def fault(_words: str) -> None:
            now = self._clock.monotonic()
            if now - self._saved.get(bus, -SELDOM_S) < SELDOM_S:
                return
            self._saved[bus] = now
            # What follows a fault belongs to it, but nobody knows how much: what led to it is what is kept.
            task = asyncio.get_running_loop().create_task(self._save(bus, pieces(), now))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

        return fault

    async def _save(self, bus: str, pieces: tuple[Piece, ...], now: float) -> None:
        wall = datetime.fromtimestamp(self._clock.wall(), UTC)
        path = self._folder / f"{bus}-{wall:%Y%m%dT%H%M%SZ}.jsonl"
        lines = text_of(bus, pieces, f"{wall:%Y-%m-%dT%H:%M:%SZ}", now)
        try:
            await asyncio.to_thread(_write, path, "".join(line + "\n" for line in lines))
        except OSError as why:
            self._log.warning("a capture could not be saved", bus=bus, path=str(path), why=str(why))
        else:
            self._log.info("capture_saved", bus=bus, path=str(path))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    saved = sorted(path.parent.glob("*.jsonl"), key=lambda each: each.stat().st_mtime)
    for old in saved[:-MOST_FILES]:
        old.unlink(missing_ok=True)
