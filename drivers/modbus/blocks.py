"""Plans reads: the registers of devices behind one unit, merged into as few exchanges as their limits allow. Pure.

A device is not torn over two reads where one can hold it: its value and the register that tells whether to believe it should
be of one moment. Devices are not merged into a read that would keep the line from a command for longer than a slice.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from config.profile import Key, Profile, Table
from config.protocols import Protocol
from config.site import Line
from drivers.device import BusDevice
from drivers.frames import question_for
from drivers.links.pacing import Pace, pace_of
from drivers.modbus.pdu import read, write
from drivers.task import Ask, Duty, Poll

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
class _Rules:
    """The strictest limits of those who share a block."""

    registers: int
    bits: int
    holes: bool
    answer_s: float
    timeout_s: float
    pace: Pace

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


def polls_of(devices: Sequence[BusDevice], line: Line, *, identify: bool = False) -> tuple[Poll, ...]:
    """The polls of one bus; with the registers that tell each model, if `identify`.

    Raises ValueError where a device would need registers that Modbus does not have.
    """
    pace = pace_of(line)
    polls: list[Poll] = []
    groups: dict[tuple[int, float, bool], list[BusDevice]] = defaultdict(list)
    for device in devices:
        if device.profile.protocol is not Protocol.MODBUS:
            polls.append(_framed(device, pace))
        elif device.profile.before_read:
            polls.append(_triggered(device, pace, identify=identify))
        else:
            groups[device.unit, device.poll_s, device.bound].append(device)
    polls += (poll for group in groups.values() for poll in _polls_of_group(group, pace, identify=identify))
    return tuple(polls)


def split(poll: Poll, block: Block, line: Line) -> tuple[Poll, ...] | None:
    """The same devices in smaller reads, after this block was refused as a whole; None where it can't be made smaller."""
    if len(block.devices) > 1:
        half = (len(block.devices) + 1) // 2
        names = frozenset(block.devices[:half])
        apart = [[device for device in poll.devices if (device.name in names) is first] for first in (True, False)]
        return tuple(each for group in apart for each in _polls_of_group(group, pace_of(line)))
    (device,) = (each for each in poll.devices if each.name in block.devices)
    rules = _rules_of([device], pace_of(line))
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
    if len(runs) < 2:
        return None
    smaller = [_block(block.table, run, device.unit, rules) for run in runs]
    slices = [each for ask in poll.slices for each in (smaller if ask is block else [ask])]
    return (replace(poll, slices=_essential_first(slices)),)


def _within(span: Span, block: Block) -> bool:
    return block.address <= span.address and span.address + span.count <= block.address + block.count


def _duty(device: BusDevice) -> Duty:
    return Duty.EVENT if device.bound else Duty.ROUTINE


def _framed(device: BusDevice, pace: Pace) -> Poll:
    """A device that does not speak Modbus is one question."""
    question = question_for(device.profile.protocol, device.unit, device.sub_unit)
    answer_s = device.profile.limits.answer_ms / 1000
    ask = Ask(
        question=question,
        timeout_s=device.timeout_s,
        cost_s=pace.exchange_s(question.request_octets, question.answer_octets, answer_s),
        devices=(device.name,),
    )
    return Poll(unit=device.unit, duty=_duty(device), slices=(ask,), devices=(device,), period_s=device.poll_s)


def _triggered(device: BusDevice, pace: Pace, *, identify: bool) -> Poll:
    """Its writes come first; while it measures, the line is free for others."""
    (poll,) = _polls_of_group([device], pace, identify=identify)
    answer_s = device.profile.limits.answer_ms / 1000
    writes = tuple(
        Ask(
            question=write(device.unit, step.table, step.address + device.window, [step.value]),
            timeout_s=device.timeout_s,
            cost_s=pace.exchange_s(8, 8, answer_s),
            devices=(device.name,),
            wait_s=step.wait_ms / 1000,
            reads=False,
        )
        for step in device.profile.before_read
    )
    return replace(poll, slices=writes + poll.slices)


def _rules_of(group: Sequence[BusDevice], pace: Pace) -> _Rules:
    limits = [device.profile.limits for device in group]
    return _Rules(
        registers=min(limit.registers_per_read for limit in limits),
        bits=min(limit.bits_per_read for limit in limits),
        holes=all(limit.holes for limit in limits),
        answer_s=min(limit.answer_ms for limit in limits) / 1000,
        timeout_s=max(device.timeout_s for device in group),
        pace=pace,
    )


def _polls_of_group(group: Sequence[BusDevice], pace: Pace, *, identify: bool = False) -> list[Poll]:
    rules = _rules_of(group, pace)
    blocks = [block for table in Table for block in _blocks_of_table(table, group, rules, identify=identify)]
    return [
        Poll(
            unit=group[0].unit,
            duty=_duty(group[0]),
            slices=_essential_first([block for block in blocks if not names.isdisjoint(block.devices)]),
            devices=tuple(members),
            period_s=group[0].poll_s,
        )
        for names in _together(blocks)
        if (members := [device for device in group if device.name in names])
    ]


def _essential_first(slices: Iterable[Ask]) -> tuple[Ask, ...]:
    return tuple(sorted(slices, key=lambda ask: isinstance(ask, Block) and not ask.essential))


def _block(table: Table, run: _Run, unit: int, rules: _Rules) -> Block:
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


def _blocks_of_table(table: Table, group: Sequence[BusDevice], rules: _Rules, *, identify: bool) -> list[Block]:
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


def _taken_whole(run: _Run, spans: Sequence[Span], name: str, table: Table, rules: _Rules) -> bool:
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


def _runs_of_one(spans: Iterable[Span], name: str, table: Table, rules: _Rules) -> list[_Run]:
    runs: list[_Run] = []
    for span in spans:
        if not (runs and _taken_whole(runs[-1], (span,), name, table, rules)):
            runs.append(_Run(span.address, span.address + span.count, {name: None}, span.essential))
    return runs


def _together(blocks: Iterable[Ask]) -> list[set[str]]:
    """Names of devices that must be read in one turn, since a block serves them both."""
    sets: list[set[str]] = []
    for block in blocks:
        joined = set(block.devices)
        apart = []
        for names in sets:
            if joined.isdisjoint(names):
                apart.append(names)
            else:
                joined |= names
        sets = [*apart, joined]
    return sets
