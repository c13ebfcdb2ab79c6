"""One task under way: from slice to slice, once more where an answer was corrupt, and Readings of the answers. Pure.

slice ─answered─▶ next slice … ─▶ Readings
  │ corrupt: once more      │ refused: the block is split, or the values in it are left out for a while
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from config.profile import Profile
from drivers.counters import Tally
from drivers.decode import Decoder, FieldDecoder, decoder_for, refused
from drivers.device import BusDevice
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitRefused, WireError
from drivers.links.pacing import Pace
from drivers.modbus.blocks import Block
from drivers.quarantine import Quarantine
from drivers.question import Answer
from drivers.reading import Reading
from drivers.task import Ask, Task
from drivers.turns import Doubt, Outcome, SliceEnded

UNREACHED = (0x0A, 0x0B)
"""Refusals of a gateway that mean: the unit behind me did not answer, or I have no path to it."""
TOO_MUCH = (2, 3)
"""Refusals that may be meant for a part of the registers, or for their number."""

_OUTCOMES = {FrameCorrupt: Outcome.CORRUPT, AnswerMismatched: Outcome.MISMATCHED}


@dataclass(frozen=True, slots=True)
class Finished:
    """What a task brought. A unit that refuses has answered: the error is there, and the readings are bad ones."""

    outcome: Outcome
    readings: tuple[Reading, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    error: WireError | None = None
    answers: tuple[Answer, ...] = ()
    """Of the reads, in their order."""
    too_much: Block | None = None
    """Refused as a whole; smaller reads may be granted."""


_MOST_DECODERS = 20_000
_NONE: frozenset[Ask] = frozenset()


class Decoders:
    """Built once for each task, and again where values are left out."""

    def __init__(self, can_split: Callable[[Task, Block], bool]) -> None:
        self.can_split = can_split
        self._kept: dict[tuple[int, str, frozenset[Ask]], tuple[Task, Decoder | FieldDecoder, tuple[Ask, ...]]] = {}

    def of(self, task: Task, device: BusDevice, unread: frozenset[Ask]) -> tuple[Decoder | FieldDecoder, tuple[Ask, ...]]:
        """The decoder, and the slices whose answers it wants, in their order."""
        key = (id(task), device.name, unread)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is task:
            return kept[1], kept[2]
        slices = tuple(each for each in task.slices if each.reads and each not in unread)
        decoder = decoder_for(_without(device, unread), slices)
        if len(self._kept) >= _MOST_DECODERS:
            self._kept.clear()
        self._kept[key] = (task, decoder, slices)
        return decoder, slices


def _without(device: BusDevice, unread: frozenset[Ask]) -> BusDevice:
    """The device as far as it was read."""
    blocks = [each for each in unread if isinstance(each, Block) and device.name in each.devices]
    if not blocks:
        return device
    profile: Profile = device.profile
    points = tuple(
        point
        for point in profile.points
        if not any(
            block.table is point.table and block.address <= point.address + device.window < block.address + block.count for block in blocks
        )
    )
    return replace(device, profile=profile.model_copy(update={"points": points}))


class Cycle:
    def __init__(self, task: Task, pace: Pace, tallies: Mapping[str, Tally], quarantine: Quarantine, decoders: Decoders) -> None:
        self.task = task
        self._pace = pace
        self._tallies = tallies
        self._quarantine = quarantine
        self._decoders = decoders
        self._answers: dict[Ask, Answer] = {}
        self._refusals: dict[Ask, UnitRefused] = {}
        self._retried: Ask | None = None
        self._doubts: list[Doubt] = []

    def ended(
        self, asked: Ask, result: Answer | WireError, round_trip_s: float, now: float, *, may_retry: bool, cut_s: float = 0.0
    ) -> SliceEnded | Finished:
        """What to do after a slice. Its timeout was shorter by `cut_s`: so much longer its answer may come."""
        tallies = [self._tallies[device] for device in asked.devices]
        for tally in tallies:
            tally.requests += 1
        if isinstance(result, WireError):
            for tally in tallies:
                tally.failed(result)
            if not isinstance(result, UnitRefused) and not may_retry:
                self._doubt(asked, self._pace.late_s + cut_s)
            return self._without_answer(asked, result, now, may_retry=may_retry)
        for tally in tallies:
            tally.answered(round_trip_s)
        if self._retried is asked:
            # What we took for a corrupt answer may have been noise, and this the answer to the first try.
            self._doubt(asked, asked.timeout_s)
        self._answers[asked] = result
        self._quarantine.answered(asked)
        return self._go_on(asked, now)

    def _without_answer(self, asked: Ask, error: WireError, now: float, *, may_retry: bool) -> SliceEnded | Finished:
        if isinstance(error, UnitRefused) and error.code not in UNREACHED:
            return self._refused(asked, error, now)
        if isinstance(error, FrameCorrupt) and may_retry and self._retried is not asked:
            self._retried = asked
            return SliceEnded(asked, 0.0, self._told())
        return self._failed(_OUTCOMES.get(type(error), Outcome.SILENT), error)

    def _refused(self, asked: Ask, refusal: UnitRefused, now: float) -> SliceEnded | Finished:
        if isinstance(asked, Block) and refusal.code in TOO_MUCH and self._decoders.can_split(self.task, asked):
            return Finished(Outcome.ANSWERED, (), self._told(), refusal, too_much=asked)
        self._refusals[asked] = refusal
        if not asked.reads:
            return self._finished(now)
        if isinstance(asked, Block) and not asked.essential:
            self._quarantine.refused(asked, refusal.code, now)
        return self._go_on(asked, now)

    def _go_on(self, asked: Ask, now: float) -> SliceEnded | Finished:
        slices = self.task.slices
        for following in slices[slices.index(asked) + 1 :]:
            if not self._quarantine.holds(following, now):
                return SliceEnded(following, asked.wait_s, self._told())
        return self._finished(now)

    def _finished(self, now: float) -> Finished:
        error = next(iter(self._refusals.values()), None)
        answered, slices = self._answers, self.task.slices
        unread = _NONE if len(answered) == len(slices) else frozenset(each for each in slices if each.reads and each not in answered)
        readings = []
        for device in self.task.devices:
            if self._refusals and (spoilt := self._spoilt(device)) is not None:
                readings.append(refused(device, spoilt.code, now))
                continue
            decoder, wanted = self._decoders.of(self.task, device, unread)
            readings.append(decoder.decode([answered[each] for each in wanted], now))  # type: ignore[misc]
        answers = tuple([answered[each] for each in slices if each.reads and each in answered])
        return Finished(Outcome.ANSWERED, tuple(readings), self._told(), error, answers)

    def _spoilt(self, device: BusDevice) -> UnitRefused | None:
        """The refusal without which there would be a reading."""
        for asked, refusal in self._refusals.items():
            if device.name in asked.devices and not (isinstance(asked, Block) and not asked.essential):
                return refusal
        return None

    def _failed(self, outcome: Outcome, error: WireError) -> Finished:
        return Finished(outcome, (), self._told(), error)

    def _doubt(self, asked: Ask, hold_s: float) -> None:
        """Only where answers can't be told apart; on Modbus TCP the transaction id does."""
        if self._pace.late_s:
            self._doubts.append(Doubt(asked.question.shape, hold_s))

    def _told(self) -> tuple[Doubt, ...]:
        if not self._doubts:
            return ()
        doubts, self._doubts = tuple(self._doubts), []
        return doubts
