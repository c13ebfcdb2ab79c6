"""What a bus says beside its readings: in the log, in the capture, and as readings that tell of silence. Once, then now and then."""

from collections.abc import Callable, Iterable, Sequence

from drivers.capture import Capture, Way
from drivers.configuring import SettingTask, Verdict
from drivers.decode import unreachable
from drivers.device import BusDevice
from drivers.errors import LinkDown
from drivers.log import Log
from drivers.modbus.blocks import Block
from drivers.quarantine import Quarantined
from drivers.reading import Reading
from drivers.standing import Step
from drivers.turns import Told

REMIND_S = 60.0
"""While a link is down or a unit silent, its devices are reported again so often at the most."""


class Reporting:
    def __init__(self, bus: str, log: Log, capture: Capture, emit: Callable[[Reading], None], on_fault: Callable[[str], None]) -> None:
        self._bus = bus
        self._log = log
        self._capture = capture
        self._emit = emit
        self._on_fault = on_fault
        self._link_fault: str | None = None
        self._link_told: float | None = None
        self._devices_told: dict[str, float] = {}
        self._floods_told: dict[int, float] = {}

    def link_up(self, now: float) -> None:
        self._log.info("link_up", bus=self._bus)
        self._note("link_up", now)

    def proved(self) -> None:
        """Something was answered: the next outage is a new one."""
        self._link_told = None

    def link_lost(self, fault: LinkDown, devices: Iterable[BusDevice], now: float, *, was_up: bool) -> None:
        if was_up or self._link_fault != fault.sentence:
            self._note(f"link_down {fault.sentence}", now, fault=was_up)
            self._log.warning("link_down", bus=self._bus, fault=fault.sentence, **fault.values)
        self._link_fault = fault.sentence
        if self._link_told is None or now - self._link_told >= REMIND_S:
            self._link_told = now
            for device in devices:
                self._emit(unreachable(device, "link_down", now))

    def unit(self, told: Told, now: float) -> bool:
        """Its standing has changed, or is still bad. Whether its devices are away and this was told."""
        names = [device.name for device in told.poll.devices]
        if told.step is Step.CAME_BACK:
            self._log.info("unit_back", bus=self._bus, unit=told.poll.unit, devices=names)
            return False
        if told.step is Step.WENT_SILENT:
            self._log.warning("unit_silent", bus=self._bus, unit=told.poll.unit, devices=names, cause=told.outcome.value)
            self._note(f"unit_silent {told.poll.unit}", now, fault=True)
        elif now - self._devices_told.get(names[0], 0.0) < REMIND_S:
            return False
        for device in told.poll.devices:
            self._devices_told[device.name] = now
            self._emit(unreachable(device, told.outcome.value, now))
        return True

    def floods(self, unit: int, held_up_s: float, now: float) -> None:
        if now - self._floods_told.get(unit, -REMIND_S) >= REMIND_S:
            self._floods_told[unit] = now
            self._log.warning("unit_floods", bus=self._bus, unit=unit, held_up_s=round(held_up_s, 2))
            self._note(f"unit_floods {unit}", now)

    def left_out(self, news: Sequence[Quarantined], now: float) -> None:
        for values in news:
            self._log.warning(
                "values_left_out",
                fault="drivers.values_left_out",
                bus=self._bus,
                devices=", ".join(values.devices),
                table=values.table,
                address=values.address,
                count=values.count,
                refusal=values.code,
                for_s=round(values.until - now),
            )

    def split(self, unit: int, block: Block) -> None:
        self._log.info("read_split", bus=self._bus, unit=unit, table=block.table.value, address=block.address, count=block.count)

    def other_model(self, device: str) -> None:
        self._log.warning("other_model", fault="drivers.other_model", bus=self._bus, device=device)

    def setting(self, verdict: Verdict, task: SettingTask) -> None:
        self._log.info(verdict.value, bus=self._bus, device=task.device, setting=task.setting.name, value=task.value)

    def _note(self, words: str, now: float, *, fault: bool = False) -> None:
        self._capture.keep(now, Way.NOTE, words.encode())
        if fault:
            self._on_fault(words)
