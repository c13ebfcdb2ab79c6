"""Merges the registers of devices behind one unit into as few reads as their limits allow. Pure.

A device is not torn over two reads where one can hold it: its value and the register that tells whether to believe it should
be of one moment. Devices are not merged into a read that would keep the line from a command for longer than a slice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.profile import Key, Profile, Table
from drivers.device import BusDevice
from drivers.links.pacing import Pace
from drivers.modbus.pdu import read
from drivers.task import Ask

SLICE_S = 0.100
"""A command waits for one slice at the most."""
_AUXILIARY = frozenset({Key.TEMPERATURE_C, Key.BATTERY_V, Key.BATTERY_PCT, Key.RSSI_DBM, Key.SNR_DB, Key.COUNT})
"""A reading without these is still a reading."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block(Ask):
    """Registers that are read in one exchange. Equal to itself only."""

    table: Table
    address: int
    count: int
    essential: bool = True
    """Without it, no reading of its devices can be trusted."""


@dataclass(frozen=True, slots=True)
class Span:
    """Registers that must not be torn: a point of one or two words, one entry of a list."""

    table: Table
    address: int
    count: int
    essential: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """The strictest limits of those who share a block."""

    registers: int
    bits: int
    holes: bool
    answer_s: float
    timeout_s: float
    pace: Pace

    @classmethod
    def of(cls, group: Sequence[BusDevice], pace: Pace) -> "Rules":
        limits = [device.profile.limits for device in group]
        return cls(
            registers=min(limit.registers_per_read for limit in limits),
            bits=min(limit.bits_per_read for limit in limits),
            holes=all(limit.holes for limit in limits),
            answer_s=min(limit.answer_ms for limit in limits) / 1000,
            timeout_s=max(device.timeout_s for device in group),
            pace=pace,
        )

    def fits_a_slice(self, table: Table, count: int) -> bool:
        return self.cost_s(table, count) <= SLICE_S

    def cost_s(self, table: Table, count: int) -> float:
        return self.pace.exchange_s(8, 5 + ((count + 7) // 8 if table.is_bits else 2 * count), self.answer_s)

    def most(self, table: Table) -> int:
        return self.bits if table.is_bits else self.registers

    def bridges(self, table: Table, hole: int) -> bool:
        octets = (hole + 7) // 8 if table.is_bits else 2 * hole
        return hole <= 0 or (self.holes and self.pace.hole_is_cheap(octets, self.answer_s))


@dataclass(slots=True)
class _Run:
    """A block that still grows."""

    start: int
    end: int
    devices: dict[str, None]
    essential: bool


def spans_of(profile: Profile, window: int, *, identify: bool = False) -> tuple[Span, ...]:
    """All registers that a device of this profile needs, with its window added; and those that tell its model, if asked for."""
    spans = [
        Span(point.table, point.address + window, 1 if point.table.is_bits else point.type.words, point.key not in _AUXILIARY)
        for point in profile.points
    ]
    spans += [Span(rule.table, rule.address + window, 1) for rule in profile.health]
    if (tags := profile.tags) is not None:
        spans.append(Span(tags.table, tags.count_address + window, 1))
        spans += [Span(tags.table, tags.first_address + window + entry * tags.stride, tags.stride) for entry in range(tags.entries)]
    if identify:
        spans += [Span(each.table, each.address + window, 1, essential=False) for each in profile.identity]
    return tuple(spans)


def blocks_of(table: Table, group: Sequence[BusDevice], rules: Rules, *, identify: bool) -> list[Block]:
    needs: list[tuple[list[Span], str]] = []
    for device in group:
        spans = sorted(
            {span for span in spans_of(device.profile, device.window, identify=identify) if span.table is table},
            key=lambda span: (span.address, span.count),
        )
        if spans:
            needs.append((spans, device.name))
    needs.sort(key=lambda need: need[0][0].address)
    runs: list[_Run] = []
    for spans, name in needs:
        if not (runs and _taken_whole(runs[-1], spans, name, table, rules)):
            runs += _runs_of_one(spans, name, table, rules)
    return [_block(table, run, group[0].unit, rules) for run in runs]


def block_in_parts(block: Block, device: BusDevice, rules: Rules) -> list[Block]:
    """One device's block as the smallest reads that tear nothing; fewer than two where it can't be made smaller."""
    inside = sorted(
        {span for span in spans_of(device.profile, device.window, identify=True) if span.table is block.table and _within(span, block)},
        key=lambda span: (span.address, span.count),
    )
    runs: list[_Run] = []
    for span in inside:
        if runs and span.address < runs[-1].end:
            runs[-1].end = max(runs[-1].end, span.address + span.count)
            runs[-1].essential = runs[-1].essential or span.essential
        else:
            runs.append(_Run(span.address, span.address + span.count, {device.name: None}, span.essential))
    return [_block(block.table, run, device.unit, rules) for run in runs]


def _within(span: Span, block: Block) -> bool:
    return block.address <= span.address and span.address + span.count <= block.address + block.count


def _block(table: Table, run: _Run, unit: int, rules: Rules) -> Block:
    count = run.end - run.start
    return Block(
        question=read(unit, table, run.start, count),
        timeout_s=rules.timeout_s,
        cost_s=rules.cost_s(table, count),
        devices=tuple(run.devices),
        table=table,
        address=run.start,
        count=count,
        essential=run.essential,
    )


def _taken_whole(run: _Run, spans: Sequence[Span], name: str, table: Table, rules: Rules) -> bool:
    """Whether the run could take all of a device's spans; if so, it has."""
    start, end = run.start, run.end
    for span in spans:
        start = min(start, span.address)
        if not rules.bridges(table, span.address - end):
            return False
        end = max(end, span.address + span.count)
    if end - start > rules.most(table):
        return False
    if name not in run.devices and not rules.fits_a_slice(table, end - start):
        return False
    run.start, run.end = start, end
    run.devices[name] = None
    run.essential = run.essential or any(span.essential for span in spans)
    return True


def _runs_of_one(spans: Iterable[Span], name: str, table: Table, rules: Rules) -> list[_Run]:
    runs: list[_Run] = []
    for span in spans:
        if not (runs and _taken_whole(runs[-1], (span,), name, table, rules)):
            runs.append(_Run(span.address, span.address + span.count, {name: None}, span.essential))
    return runs
