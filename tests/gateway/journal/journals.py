"""Rows, batches and journals for tests."""

import json
import random
import string
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from config.site import Journal as Settings
from gateway.detection.change import Kept
from gateway.journal.journal import Journal
from gateway.journal.row import UPLINK, Batch, Row

GATEWAY = "g-1"


AHEAD = 1 + 0xABCD % 999
"""How far the salt below makes an epoch step over those that may be forgotten."""


def salt() -> str:
    return "abcd"


def noise(characters: int, seed: int) -> str:
    """A text that takes about so many bytes once it is packed."""
    return "".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=characters * 4 // 3))


def row(sequence: int, subject: str = "bay/b1", *, padding: int = 0) -> Row:
    body = {
        "id": f"{GATEWAY}/0000000001-abcd/{sequence:016d}",
        "type": "kerbgate.bay.park_start",
        "subject": subject,
        "recordedtime": "2026-05-01T08:15:05.300Z",
        "sequence": f"{sequence:016d}",
        "data": {"replayed": False, "padding": noise(padding, sequence)},
    }
    return Row(sequence, subject.partition("/")[0], subject, json.dumps(body, separators=(",", ":")))


def gap(sequence: int, first: int, last: int) -> Row:
    body = json.loads(row(sequence, f"gateway/{GATEWAY}").body) | {
        "type": "kerbgate.gateway.gap",
        "data": {"first_sequence": first, "last_sequence": last},
    }
    return Row(sequence, "gateway", f"gateway/{GATEWAY}", json.dumps(body))


def batch(*sequences: int, state: str | None = None, padding: int = 0) -> Batch:
    rows = tuple(row(sequence, padding=padding) for sequence in sequences)
    return Batch(rows, () if state is None else (Kept("bay/b1", state),))


def settings(folder: Path, max_mb: int = 8) -> Settings:
    return Settings(path=folder / "journal.db", max_mb=max_mb)


@asynccontextmanager
async def opened(folder: Path, *, max_mb: int = 8, gateway: str = GATEWAY, uplinks: Sequence[str] = (UPLINK,)) -> AsyncIterator[Journal]:
    journal = await Journal.open(settings(folder, max_mb), gateway, salt, uplinks)
    try:
        yield journal
    finally:
        await journal.close()


async def sequences(journal: Journal, after: int = 0) -> list[int]:
    return [each.sequence for each in await journal.after(after, 1_000_000)]
