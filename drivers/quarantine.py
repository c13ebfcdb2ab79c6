"""Reads that a device refuses and that can be done without: asked again after a while, never left out for ever. Pure.

What once gave a good answer is in quarantine for a minute at the most: its refusal is noise, or a device that was busy, and no
configuration. The rest waits longer each time, up to ten minutes.
"""

from dataclasses import dataclass

from drivers.modbus.blocks import Block
from drivers.task import Ask

FIRST_S = 30.0
LONGEST_S = 600.0
LONGEST_OF_PROVED_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """For people: what is left out, why, and until when (seconds of the loop's clock)."""

    devices: tuple[str, ...]
    table: str
    address: int
    count: int
    code: int
    until: float


@dataclass(slots=True)
class _Held:
    code: int
    until: float
    wait_s: float


class Quarantine:
    def __init__(self) -> None:
        self._proved: set[Ask] = set()
        self._held: dict[Block, _Held] = {}
        self._news: list[Block] = []

    def holds(self, asked: Ask, now: float) -> bool:
        if not self._held or not isinstance(asked, Block):
            return False
        held = self._held.get(asked)
        return held is not None and now < held.until

    def answered(self, asked: Ask) -> None:
        if isinstance(asked, Block) and not asked.essential:
            self._proved.add(asked)
            self._held.pop(asked, None)

    def refused(self, block: Block, code: int, now: float) -> None:
        before = self._held.get(block)
        longest = LONGEST_OF_PROVED_S if block in self._proved else LONGEST_S
        wait_s = min(longest, FIRST_S if before is None else 2 * before.wait_s)
        self._held[block] = _Held(code, now + wait_s, wait_s)
        self._news.append(block)

    def shown(self, now: float) -> tuple[Quarantined, ...]:
        return tuple(_shown(block, held) for block, held in self._held.items() if now < held.until)

    def news(self) -> tuple[Quarantined, ...]:
        """What was put in since the last call, for the log."""
        fresh, self._news = self._news, []
        return tuple(_shown(block, self._held[block]) for block in fresh if block in self._held)


def _shown(block: Block, held: _Held) -> Quarantined:
    return Quarantined(
        devices=block.devices, table=block.table.value, address=block.address, count=block.count, code=held.code, until=held.until
    )
