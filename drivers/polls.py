"""What is polled on a line: the devices of each unit in as few questions as can be, at the period that they ask for. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from config.profile import Table
from config.protocols import Protocol
from config.site import Line
from drivers.device import BusDevice
from drivers.frames import question_for
from drivers.links.pacing import Pace, pace_of
from drivers.modbus.blocks import Block, Rules, block_in_parts, blocks_of
from drivers.modbus.pdu import write
from drivers.task import Ask, Duty, Poll


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
    smaller = block_in_parts(block, device, Rules.of([device], pace_of(line)))
    if len(smaller) < 2:
        return None
    slices = [each for ask in poll.slices for each in (smaller if ask is block else [ask])]
    return (replace(poll, slices=_essential_first(slices)),)


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


def _polls_of_group(group: Sequence[BusDevice], pace: Pace, *, identify: bool = False) -> list[Poll]:
    rules = Rules.of(group, pace)
    blocks = [block for table in Table for block in blocks_of(table, group, rules, identify=identify)]
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
