"""The devices of a scenario: built from where they are, what they watch, and what goes wrong with them."""

from collections.abc import Callable, Mapping, Sequence

from config.protocols import Protocol
from simulators.devices import (
    M77,
    Device,
    Dx80,
    Dx80Node,
    FrameDevice,
    Geomagnetic,
    Hmr2300,
    Ld120,
    Pile,
    UhfReader18,
    Urm,
    hmr2300,
    m77,
    uhfreader18,
)
from simulators.devices.frame import Cut
from simulators.devices.ld120 import Loop
from simulators.devices.pile import READER_FAULT, TAMPERED
from simulators.devices.urm import Variant
from simulators.faults import DeviceFault, DeviceFaultKind
from simulators.layout import Model, Placed
from simulators.magnetics import Magnetics
from simulators.radio import Radio
from simulators.scenario import Scenario
from simulators.street import Street
from simulators.wire import Answers

_STATUS = {DeviceFaultKind.READER_FAULT: READER_FAULT, DeviceFaultKind.TAMPERED: TAMPERED}
_LOOP = {DeviceFaultKind.LOOP_OPEN: Loop.FAULT | Loop.OPEN, DeviceFaultKind.LOOP_SHORTED: Loop.FAULT | Loop.SHORTED}
_VARIANTS = {Model.URM08: Variant.URM08, Model.URM14: Variant.URM14, Model.URM15: Variant.URM15}
_READ_FROM_DBM = -68
"""A reader's power is set so that its antenna reads the tags of its own pile and not those beside it."""
CUTS: Mapping[Protocol, Cut] = {
    Protocol.DEYING_M77: m77.cut,
    Protocol.UHFREADER18: uhfreader18.cut,
    Protocol.HMR2300: hmr2300.cut,
}


class Equipment:
    def __init__(self, scenario: Scenario, street: Street, magnetics: Magnetics) -> None:
        self._placed = scenario.devices
        self._faults = tuple(fault for fault in scenario.faults if isinstance(fault, DeviceFault))
        self._magnetics = magnetics
        self._street = street
        self._radio = Radio(street)

    def on(self, line: str) -> dict[int, Device]:
        """The Modbus units of a line, by their id."""
        units: dict[int, Device] = {}
        nodes: dict[int, dict[int, Dx80Node]] = {}
        for placed in self._placed:
            if placed.line != line:
                continue
            if placed.model is Model.GEOMAGNETIC:
                units[placed.unit] = Geomagnetic(placed.watches, self._magnetics)
            elif placed.model is Model.PILE:
                status = _status(self._faults_of(placed, *_STATUS))
                units[placed.unit] = Pile(placed.device, self._radio, self._magnetics.temperature, status)
            elif placed.model is Model.LD120:
                units[placed.unit] = Ld120(placed.watches, placed.unit, self._street, _loop(self._faults_of(placed, *_LOOP)))
            elif placed.model in _VARIANTS:
                deaf = _since(self._faults_of(placed, DeviceFaultKind.NO_ECHO))
                variant, warm = _VARIANTS[placed.model], self._magnetics.temperature
                units[placed.unit] = Urm(placed.watches, placed.unit, variant, self._street, warm, _is(deaf))
            else:
                assert placed.sub_unit is not None
                lost = _since(self._faults_of(placed, DeviceFaultKind.RADIO_LOST, DeviceFaultKind.POWER_LOSS))
                powered = _powered(self._faults_of(placed, DeviceFaultKind.POWER_LOSS))
                nodes.setdefault(placed.unit, {})[placed.sub_unit] = Dx80Node(placed.watches, lost, powered)
        return units | {unit: Dx80(members, self._magnetics) for unit, members in nodes.items()}

    def framed_on(self, line: str) -> dict[int, FrameDevice]:
        """The units of a line that does not speak Modbus, by their id."""
        units: dict[int, FrameDevice] = {}
        detectors: dict[int, dict[int, m77.Detector]] = {}
        for placed in self._placed:
            if placed.line != line:
                continue
            if placed.model is Model.UHF_READER:
                units[placed.unit] = UhfReader18(placed.unit, self._present(placed.device))
            elif placed.model is Model.HMR2300:
                units[placed.unit] = Hmr2300(placed.watches, self._magnetics)
            else:
                assert placed.sub_unit is not None
                detectors.setdefault(placed.unit, {})[placed.sub_unit] = m77.Detector(self._detected(placed))
        return units | {host: M77(host, members) for host, members in detectors.items()}

    def _present(self, pile: str) -> Callable[[float], Sequence[bytes]]:
        def present(t: float) -> Sequence[bytes]:
            return [bytes.fromhex(each.tag) for each in self._radio.heard(pile, t) if each.rssi_dbm >= _READ_FROM_DBM]

        return present

    def _detected(self, placed: Placed) -> Callable[[float], m77.State]:
        failed = _since(self._faults_of(placed, DeviceFaultKind.RADIO_LOST))

        def state(t: float) -> m77.State:
            if failed(t) is not None:
                return m77.State.FAILED
            return m77.State.VACANT if self._street.parked(placed.watches, t) is None else m77.State.VEHICLE

        return state

    def answers(self, line: str, devices: Mapping[int, Device] | Mapping[int, FrameDevice]) -> Answers:
        """Who answers on a line, and how soon."""
        silent = {placed.unit: self._faults_of(placed, DeviceFaultKind.SILENT) for placed in self._placed if placed.line == line}

        def thinks_s(unit: int, t: float) -> float | None:
            if any(fault.at(t) for fault in silent[unit]):
                return None
            return devices[unit].answer_s

        return thinks_s

    def _faults_of(self, placed: Placed, *kinds: DeviceFaultKind) -> tuple[DeviceFault, ...]:
        return tuple(fault for fault in self._faults if fault.device == placed.device and fault.what in kinds)


def _since(faults: Sequence[DeviceFault]) -> Callable[[float], float | None]:
    def since(t: float) -> float | None:
        return next((fault.from_s for fault in faults if fault.at(t)), None)

    return since


def _is(since: Callable[[float], float | None]) -> Callable[[float], bool]:
    return lambda t: since(t) is not None


def _powered(faults: Sequence[DeviceFault]) -> Callable[[float], float]:
    """Since when there has been power without a break; while there is none, when it will be back."""

    def powered(t: float) -> float:
        return max((fault.to_s for fault in faults if fault.from_s <= t), default=float("-inf"))

    return powered


def _loop(faults: Sequence[DeviceFault]) -> Callable[[float], Loop]:
    def loop(t: float) -> Loop:
        return next((_LOOP[fault.what] for fault in faults if fault.at(t)), Loop.WELL)

    return loop


def _status(faults: Sequence[DeviceFault]) -> Callable[[float], int]:
    def status(t: float) -> int:
        return sum({_STATUS[fault.what] for fault in faults if fault.at(t)})

    return status
