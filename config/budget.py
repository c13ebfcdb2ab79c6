"""What polls cost on a wire, in milliseconds: pure arithmetic, so that a bus that can't keep up is told before it runs.

One read of n registers, RTU (Modbus over Serial Line V1.02, 2.5.1.1):

    request 8 bytes | the unit thinks | answer 5 + 2n bytes | silence of 3.5 characters, before and after

A device that does not speak Modbus is one question of its own length. A character is start + 8 data + parity + stop bits.
Above 19200 baud the silence is fixed at 1.75 ms.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

from config.profile import Profile, Table
from config.protocols import Protocol
from config.site import Device, Parity, Wire

FIXED_GAP_ABOVE_BAUD = 19200
FIXED_GAP_MS = 1.75
_REQUEST_BYTES = 8
_ANSWER_BYTES = 5
_ECHO_BYTES = 8
"""What answers a write of one register: the request again."""

FRAMES = {Protocol.DEYING_M77: (9, 27), Protocol.UHFREADER18: (5, 20), Protocol.HMR2300: (5, 28)}
"""Octets of a question and its answer, where every device is one question. A reader's answer is that of one tag of twelve bytes."""

SLICE_MS = 100.0
"""Devices are not read together where that would keep the line from a command for longer."""
FULL_MS_PER_S = 1000.0
COMFORTABLE_MS_PER_S = 800.0
"""Above this a silent unit or a retry already makes the polls late."""


def character_ms(wire: Wire) -> float:
    bits = 1 + 8 + (wire.parity is not Parity.NONE) + wire.stop_bits
    return 1000.0 * bits / wire.baud


def gap_ms(wire: Wire) -> float:
    """The silence between frames, T3.5."""
    return 3.5 * character_ms(wire) if wire.baud <= FIXED_GAP_ABOVE_BAUD else FIXED_GAP_MS


def read_ms(wire: Wire, count: int, answer_ms: float, *, bits: bool = False) -> float:
    """One read of so many registers (or bits), from the first byte of the request until the line is free again."""
    data = (count + 7) // 8 if bits else 2 * count
    return exchange_ms(wire, _REQUEST_BYTES, _ANSWER_BYTES + data, answer_ms)


def exchange_ms(wire: Wire, request: int, answer: int, answer_ms: float) -> float:
    """So many octets there and back, from the first one until the line is free again."""
    return (request + answer) * character_ms(wire) + 2 * gap_ms(wire) + answer_ms


@dataclass(frozen=True, slots=True)
class Round:
    """One unit's polls of one period: the windows that can be read together are."""

    devices: tuple[str, ...]
    period_s: float
    reads: int
    cost_ms: float


@dataclass(frozen=True, slots=True)
class Load:
    rounds: tuple[Round, ...]

    @property
    def ms_per_s(self) -> float:
        return sum(each.cost_ms / each.period_s for each in self.rounds)

    @property
    def percent(self) -> float:
        return 100.0 * self.ms_per_s / FULL_MS_PER_S

    @property
    def reads_per_s(self) -> float:
        return sum(each.reads / each.period_s for each in self.rounds)

    @property
    def fitting_poll_s(self) -> float:
        """One period for all that leaves the line room for retries, rounded up to a tenth of a second."""
        needed = sum(each.cost_ms for each in self.rounds) / COMFORTABLE_MS_PER_S
        return -(-needed * 10 // 1) / 10


def load_of(wire: Wire, members: Iterable[tuple[Device, Profile]]) -> Load:
    """What the polls of these devices take of their line."""
    together: defaultdict[tuple[int, float], list[tuple[Device, Profile]]] = defaultdict(list)
    for device, profile in members:
        together[device.unit, device.poll_s or profile.poll_s].append((device, profile))
    return Load(tuple(_round(wire, period, group) for (_, period), group in sorted(together.items())))


def _round(wire: Wire, period_s: float, group: Sequence[tuple[Device, Profile]]) -> Round:
    modbus = [(device, profile) for device, profile in group if profile.protocol is Protocol.MODBUS]
    costs = _reads(wire, modbus) if modbus else []
    for _, profile in group:
        answer_ms = profile.limits.answer_ms
        if profile.protocol is not Protocol.MODBUS:
            costs.append(exchange_ms(wire, *FRAMES[profile.protocol], answer_ms))
        # While a step waits, the line is free for others.
        costs += [exchange_ms(wire, _REQUEST_BYTES, _ECHO_BYTES, answer_ms) for _ in profile.before_read]
    return Round(tuple(device.name for device, _ in group), period_s, len(costs), sum(costs))


def _reads(wire: Wire, group: Sequence[tuple[Device, Profile]]) -> list[float]:
    limits = [profile.limits for _, profile in group]
    answer_ms = min(limit.answer_ms for limit in limits)
    costs = []
    for table in Table:
        most = min(limit.bits_per_read if table.is_bits else limit.registers_per_read for limit in limits)
        blocks = _Blocks(wire, most, answer_ms, table.is_bits, all(limit.holes for limit in limits))
        needs = [[span for of, *span in spans_of(profile, device.sub_unit) if of is table] for device, profile in group]
        for spans in sorted(sorted(spans) for spans in needs if spans):
            blocks.add(spans)
        costs += [read_ms(wire, end - start, max(limit.answer_ms for limit in limits), bits=table.is_bits) for start, end in blocks.all]
    return costs


def spans_of(profile: Profile, sub_unit: int | None) -> list[tuple[Table, int, int]]:
    """The half-open ranges of addresses that one device needs, on the wire."""
    windows = profile.sub_units
    base = 0 if windows is None or sub_unit is None else windows.base + (sub_unit - windows.first) * windows.stride
    spans = [(point.table, point.address, point.type.words) for point in profile.points]
    spans += [(rule.table, rule.address, 1) for rule in profile.health]
    if (tags := profile.tags) is not None:
        spans.append((tags.table, tags.count_address, 1))
        spans += [(tags.table, tags.first_address + entry * tags.stride, tags.stride) for entry in range(tags.entries)]
    return [(table, base + start, base + start + length) for table, start, length in spans]


@dataclass(slots=True)
class _Blocks:
    """Reads of one table that grow while the device bears it. A device is not torn over two where one can hold it.

    The drivers plan their reads by the same rule; a test compares the two.
    """

    wire: Wire
    most: int
    answer_ms: float
    bits: bool
    holes: bool
    all: list[tuple[int, int]] = field(default_factory=list)

    def add(self, spans: Sequence[Sequence[int]]) -> None:
        """All of one device's spans into the last read, else into reads of their own."""
        if self._joined(spans, SLICE_MS):
            return
        start, end = spans[0]
        self.all.append((start, end))
        for span in spans[1:]:
            if not self._joined([span], inf):
                self.all.append((span[0], span[1]))

    def _joined(self, spans: Sequence[Sequence[int]], longest_ms: float) -> bool:
        if not self.all:
            return False
        first, last = self.all[-1]
        for start, end in spans:
            if not self._bridges(start - last):
                return False
            first, last = min(first, start), max(last, end)
        if last - first > self.most or read_ms(self.wire, last - first, self.answer_ms, bits=self.bits) > longest_ms:
            return False
        self.all[-1] = (first, last)
        return True

    def _bridges(self, hole: int) -> bool:
        """Reading a hole along must be cheaper than asking again."""
        if hole <= 0:
            return True
        alone = read_ms(self.wire, 0, self.answer_ms)
        return self.holes and read_ms(self.wire, hole, 0, bits=self.bits) - read_ms(self.wire, 0, 0) <= alone
