"""Registers or fields to a Reading, as the profile of the device says. Pure.

Where each value lies is looked up once, when the decoder is built; decoding itself is arithmetic only. An exchange gives the
same object for the same bytes: where all answers are those of last time, so are the values, and only the time is new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import is_

from config.profile import HealthEffect, HealthRule, Key, Point, PointType, Table, TagList, WordOrder
from config.protocols import VOCABULARY, Protocol
from drivers.device import BusDevice
from drivers.frames.uhfreader18 import Scan
from drivers.identity import OTHER_MODEL
from drivers.modbus.blocks import Block
from drivers.question import Answer
from drivers.reading import Quality, Reading, Sighting
from drivers.task import Ask

Answers = Sequence[tuple[int, ...]]
"""The registers or bits of each block of a poll, in the order of its blocks."""

Values = dict[str, object]
"""All of a Reading but its time."""

_DECIMALS = 6
"""Scaling by 0.01 leaves dust in the last binary digits; no sensor knows the seventh decimal."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value lies in the answers of a poll."""

    block: int
    offset: int


def _place(blocks: Sequence[Block], table: Table, address: int, count: int) -> _Place:
    for index, block in enumerate(blocks):
        if block.table is table and block.address <= address and address + count <= block.address + block.count:
            return _Place(index, address - block.address)
    raise ValueError(f"no block holds {table} {address}")


class Decoder:
    """Of one device, for the blocks of one poll."""

    def __init__(self, device: BusDevice, blocks: Sequence[Block]) -> None:
        profile, window = device.profile, device.window
        self.device = device
        self.blocks = _indexes(device, blocks)
        self._known: tuple[tuple[int, ...], ...] = ()
        self._values: Values = {}
        self._points = [
            (point, _place(blocks, point.table, point.address + window, 1 if point.table.is_bits else point.type.words))
            for point in profile.points
        ]
        self._health = [(rule, _place(blocks, rule.table, rule.address + window, 1)) for rule in _worst_first(profile.health)]
        self._tags = profile.tags
        if (tags := profile.tags) is not None:
            self._tag_count = _place(blocks, tags.table, tags.count_address + window, 1)
            self._tag_entries = [
                _place(blocks, tags.table, tags.first_address + window + entry * tags.stride, tags.stride) for entry in range(tags.entries)
            ]
        # Read only where it was asked for, and granted.
        self._identity = [
            (each, _place(blocks, each.table, each.address + window, 1))
            for each in profile.identity
            if any(block.table is each.table and block.address <= each.address + window < block.address + block.count for block in blocks)
        ]
        places = [place for _, place in (*self._points, *self._health, *self._identity)]
        places += [] if tags is None else [self._tag_count, *self._tag_entries]
        # A value may be read from a block of a neighbour, where that holds it too.
        self._used = tuple({place.block for place in places})

    def decode(self, answers: Answers, t: float) -> Reading:
        heard = tuple([answers[index] for index in self._used])
        if not self._known or not all(map(is_, heard, self._known)):
            self._values = self._decoded(answers)
            self._known = heard
        return Reading(t=t, **self._values)  # type: ignore[arg-type]

    def _decoded(self, answers: Answers) -> Values:
        verdict = self._told(answers)
        if verdict is not None and verdict.effect is HealthEffect.SILENT:
            return _out_of_reach(self.device, verdict)
        cause = None if verdict is None else verdict.cause
        if any(answers[place.block][place.offset] & each.mask != each.equals for each, place in self._identity):
            cause = OTHER_MODEL
        values: Values = {}
        for point, place in self._points:
            cause = _put(values, point, _raw(point, answers[place.block], place.offset), cause)
        if self._tags is not None:
            sightings = self._sightings(self._tags, answers)
            if sightings is None:
                cause = cause or "tags_implausible"
            values["sightings"] = sightings
        return _judged(values, self.device, cause)

    def _told(self, answers: Answers) -> HealthRule | None:
        for rule, place in self._health:
            if answers[place.block][place.offset] & rule.mask == rule.equals:
                return rule
        return None

    def _sightings(self, tags: TagList, answers: Answers) -> tuple[Sighting, ...] | None:
        """None when the count is more than the device has room for."""
        count = answers[self._tag_count.block][self._tag_count.offset]
        if count > tags.entries:
            return None
        heard = []
        for place in self._tag_entries[:count]:
            words = answers[place.block][place.offset : place.offset + tags.stride]
            tag = "".join(f"{word:04X}" for word in words[: tags.tag_words])
            heard.append(Sighting(tag, float(_signed(words[tags.tag_words], 16)) if tags.rssi else None))
        return tuple(heard)


class FieldDecoder:
    """Of one device whose answer has named fields or lists tags, in one slice of a poll."""

    def __init__(self, device: BusDevice, asks: Sequence[Ask]) -> None:
        """Raises ValueError for a field that the protocol does not have, and where no slice is for the device."""
        profile, vocabulary = device.profile, VOCABULARY[device.profile.protocol]
        self.device = device
        self.blocks = _indexes(device, asks)
        if not self.blocks:
            raise ValueError(f"no slice is for {device.name}")
        self._wanted = min(self.blocks)
        self._lists_tags = vocabulary.tags
        fields = vocabulary.fields
        self._points = [(point, fields.index(point.field or "")) for point in profile.points]
        self._health = [(rule, fields.index(rule.field or "")) for rule in _worst_first(profile.health)]
        self._known: Answer | None = None
        self._values: Values = {}

    def decode(self, answers: Sequence[Answer], t: float) -> Reading:
        answer = answers[self._wanted]
        if answer is not self._known:
            self._values = self._decoded(answer)
            self._known = answer
        return Reading(t=t, **self._values)  # type: ignore[arg-type]

    def _decoded(self, answer: Answer) -> Values:
        raws = [answer.status, len(answer)] if isinstance(answer, Scan) else [int(raw) for raw in answer]
        cause = None
        for rule, index in self._health:
            if raws[index] & rule.mask == rule.equals:
                if rule.effect is HealthEffect.SILENT:
                    return _out_of_reach(self.device, rule)
                cause = rule.cause
                break
        values: Values = {}
        for point, index in self._points:
            raw = raws[index] if point.bit is None else raws[index] >> point.bit & 1
            cause = _put(values, point, None if raw == point.absent else raw, cause)
        if self._lists_tags:
            values["sightings"] = tuple(Sighting(str(tag)) for tag in answer)
        return _judged(values, self.device, cause)


def decoder_for(device: BusDevice, asks: Sequence[Ask]) -> Decoder | FieldDecoder:
    """For the answers of these slices of a poll, in their order."""
    if device.profile.protocol is Protocol.MODBUS:
        return Decoder(device, [ask for ask in asks if isinstance(ask, Block)])
    return FieldDecoder(device, asks)


def refused(device: BusDevice, code: int, t: float) -> Reading:
    """The device answered, and would not say."""
    return Reading(device=device.name, t=t, quality=Quality.BAD, cause=f"refused_{code}")


def unreachable(device: BusDevice, cause: str, t: float) -> Reading:
    return Reading(device=device.name, t=t, silent=True, cause=cause)


def _signed(raw: int, bits: int) -> int:
    return raw - (1 << bits) if raw >> (bits - 1) else raw


def _indexes(device: BusDevice, asks: Sequence[Ask]) -> frozenset[int]:
    return frozenset(index for index, ask in enumerate(asks) if device.name in ask.devices)


def _worst_first(rules: Iterable[HealthRule]) -> list[HealthRule]:
    """A sensor out of reach outweighs one that is merely not to be believed."""
    return sorted(rules, key=lambda rule: rule.effect is not HealthEffect.SILENT)


def _out_of_reach(device: BusDevice, rule: HealthRule) -> Values:
    """What it answers is of another time: no value is better than an old one."""
    return {"device": device.name, "silent": True, "cause": rule.cause}


def _put(values: Values, point: Point, raw: int | None, cause: str | None) -> str | None:
    """Scales a value and puts it among the others; the cause, or that of a value which can't be."""
    if raw is None:
        return cause
    value = raw * point.scale + point.offset
    values[point.key.value] = _typed(point.key, value)
    return f"{point.key}_out_of_range" if cause is None and not _plausible(point, value) else cause


def _judged(values: Values, device: BusDevice, cause: str | None) -> Values:
    values["device"] = device.name
    if cause is not None:
        values["quality"] = Quality.BAD
        values["cause"] = cause
    return values


def _raw(point: Point, registers: tuple[int, ...], offset: int) -> int | None:
    """None where the device says that it measured nothing."""
    raw = registers[offset]
    if not point.table.is_bits:
        if point.bit is not None or point.type is PointType.BIT:
            raw = raw >> (point.bit or 0) & 1
        elif point.type.words == 2:
            other = registers[offset + 1]
            raw = raw << 16 | other if point.word_order is WordOrder.BIG else other << 16 | raw
    unsigned = raw
    if point.type is PointType.I16 and point.bit is None:
        raw = _signed(raw, 16)
    elif point.type is PointType.I32 and point.bit is None:
        raw = _signed(raw, 32)
    if point.absent is not None and point.absent in (raw, unsigned):
        return None
    return raw


def _plausible(point: Point, value: float) -> bool:
    return not ((point.minimum is not None and value < point.minimum) or (point.maximum is not None and value > point.maximum))


def _typed(key: Key, value: float) -> float | int | bool:
    if key is Key.OCCUPIED:
        return bool(value)
    if key in (Key.FAULT, Key.COUNT):
        return int(value)
    return round(value, _DECIMALS)
