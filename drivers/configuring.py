"""Keeps devices configured as the site says: looks once a device answers, and again whenever it was away. Pure.

    away ──answers──▶ look ──as wanted──▶ kept
                       │ differs                    ▲
                       └────▶ write ──read back─────┘        fails: again after a minute; not taken: after ten

A setting that can't be read back is written each time: some devices forget their configuration with their power, and nothing
but their having been away tells so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from config.profile import Setting, Step
from drivers.device import BusDevice
from drivers.links.pacing import Pace
from drivers.modbus.pdu import ModbusQuestion, read, write
from drivers.question import Answer
from drivers.task import Ask, Duty, Task

AGAIN_S = 60.0
NOT_TAKEN_AGAIN_S = 600.0


class Stage(StrEnum):
    LOOK = "look"
    WRITE = "write"


class Verdict(StrEnum):
    """For the log."""

    WRITTEN = "setting_written"
    NOT_TAKEN = "setting_not_taken"
    FAILED = "setting_failed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SettingTask(Task):
    """Equal to itself only."""

    device: str
    setting: Setting
    value: int
    stage: Stage


@dataclass(slots=True)
class _Kept:
    setting: Setting
    value: int
    wanted: bool = True
    under_way: bool = False
    not_before: float = 0.0


@dataclass(slots=True)
class Configuring:
    devices: Sequence[BusDevice]
    pace: Pace
    _kept: dict[str, list[_Kept]] = field(default_factory=dict)
    _devices: dict[str, BusDevice] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for device in self.devices:
            if device.settings:
                self._devices[device.name] = device
                self._kept[device.name] = [_Kept(setting, value) for setting, value in device.settings]

    def away(self, device: str) -> None:
        """It may have lost its power meanwhile."""
        for kept in self._kept.get(device, ()):
            kept.wanted = True
            kept.under_way = False

    def answered(self, device: str, now: float) -> SettingTask | None:
        """What to do with it next; one thing at a time."""
        every = self._kept.get(device)
        if every is None or any(kept.under_way for kept in every):
            return None
        for kept in every:
            if kept.wanted and now >= kept.not_before:
                kept.under_way = True
                stage = Stage.LOOK if kept.setting.readable else Stage.WRITE
                return self.task(self._devices[device], kept.setting, kept.value, stage)
        return None

    def ended(self, task: SettingTask, answers: Sequence[Answer] | None, now: float) -> tuple[Verdict | None, SettingTask | None]:
        """What to log and what follows. `answers` are those of the task's reads; None where it failed."""
        (kept,) = (each for each in self._kept[task.device] if each.setting is task.setting)
        kept.under_way = False
        if answers is None:
            kept.not_before = now + AGAIN_S
            return Verdict.FAILED, None
        if task.setting.readable and answers[-1][0] != task.value:
            if task.stage is Stage.LOOK:
                kept.under_way = True
                return None, self.task(self._devices[task.device], task.setting, task.value, Stage.WRITE)
            kept.not_before = now + NOT_TAKEN_AGAIN_S
            return Verdict.NOT_TAKEN, None
        kept.wanted = False
        return (Verdict.WRITTEN if task.stage is Stage.WRITE else None), None

    def task(self, device: BusDevice, setting: Setting, value: int, stage: Stage) -> SettingTask:
        slices = (
            []
            if stage is Stage.LOOK
            else [self._write(device, step) for step in (*setting.before, _itself(setting, value), *setting.after)]
        )
        if setting.readable:
            slices.append(self._ask(device, read(device.unit, setting.table, setting.address + device.window, 1), reads=True))
        return SettingTask(
            unit=device.unit,
            duty=Duty.COMMAND,
            slices=tuple(slices),
            devices=(),
            device=device.name,
            setting=setting,
            value=value,
            stage=stage,
        )

    def _write(self, device: BusDevice, step: Step) -> Ask:
        question = write(device.unit, step.table, step.address + device.window, [step.value])
        return self._ask(device, question, reads=False, wait_s=step.wait_ms / 1000)

    def _ask(self, device: BusDevice, question: ModbusQuestion, *, reads: bool, wait_s: float = 0.0) -> Ask:
        return Ask(
            question=question,
            timeout_s=device.timeout_s,
            cost_s=self.pace.exchange_s(question.request_octets, question.answer_octets, device.profile.limits.answer_ms / 1000),
            devices=(device.name,),
            wait_s=wait_s,
            reads=reads,
        )


def _itself(setting: Setting, value: int) -> Step:
    return Step(table=setting.table, address=setting.address, value=value, wait_ms=setting.wait_ms)
