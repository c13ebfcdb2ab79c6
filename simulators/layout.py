"""Which devices are on which line: a few rows of a scenario, and the numbered devices that they stand for."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from config.protocols import Protocol
from config.site import Frozen, Name, Wire
from simulators.devices.dx80 import NODES
from simulators.devices.hmr2300 import UNITS
from simulators.devices.m77 import DETECTORS, HOSTS

_FIRST_UNIT = "Of the first one; the others follow. A DX80 or an M77 receiver is one unit with nodes 1, 2, …"
_BAY_ID = "350582-0123-{:03d}"
_STATION_ID = "350582-F-{:04d}"


class Model(StrEnum):
    """Device models by the name of their profile."""

    GEOMAGNETIC = "witmotion-wt901c485"
    DX80 = "banner-dx80-mgage"
    PILE = "kerb-pile"
    LD120 = "ld120-loop"
    URM08 = "dfrobot-urm08"
    URM14 = "dfrobot-urm14"
    URM15 = "dfrobot-urm15"
    M77 = "deying-m77"
    UHF_READER = "uhfreader18"
    HMR2300 = "honeywell-hmr2300"

    @property
    def protocol(self) -> Protocol:
        return _PROTOCOLS.get(self, Protocol.MODBUS)


_PROTOCOLS = {Model.M77: Protocol.DEYING_M77, Model.UHF_READER: Protocol.UHFREADER18, Model.HMR2300: Protocol.HMR2300}
PILES = frozenset((Model.PILE, Model.UHF_READER))
"""They stand at bike stations; all others watch bays."""
DISTANCES = frozenset((Model.URM08, Model.URM14, Model.URM15))
"""They are polled, but no detector makes a bay of a distance yet: a site that is written for them binds them to none."""
_SUB_UNITS = {Model.DX80: NODES, Model.M77: DETECTORS}
"""The most that one unit of these models has."""
_MOST_UNIT = {Protocol.MODBUS: 247, Protocol.DEYING_M77: HOSTS, Protocol.UHFREADER18: 254, Protocol.HMR2300: UNITS}
_CALLED = {
    Model.GEOMAGNETIC: "geo",
    Model.DX80: "node",
    Model.PILE: "pile",
    Model.LD120: "loop",
    Model.URM08: "sonar",
    Model.URM14: "sonar",
    Model.URM15: "sonar",
    Model.M77: "stud",
    Model.UHF_READER: "reader",
    Model.HMR2300: "field",
}


class Carried(Frozen):
    """Devices of one model on a line: `bays` detectors, or the `piles` of one station."""

    model: Model
    unit: int = Field(default=1, ge=0, le=999, description=_FIRST_UNIT)
    bays: int = Field(default=0, ge=0, le=200)
    piles: int = Field(default=0, ge=0, le=100)

    @property
    def units(self) -> range:
        return range(self.unit, self.unit + (1 if self.model in _SUB_UNITS else self.bays + self.piles))

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.model in PILES:
            if self.bays or not self.piles:
                raise PydanticCustomError("simulators.piles_wanted", "this model needs piles and no bays")
        elif self.piles or not self.bays:
            raise PydanticCustomError("simulators.bays_wanted", "this model needs bays and no piles")
        most = _SUB_UNITS.get(self.model, self.bays)
        if self.bays > most:
            raise PydanticCustomError("simulators.nodes_too_many", "one unit of this model has {most} nodes at the most", {"most": most})
        first = 1 if self.model.protocol is Protocol.MODBUS or self.model is Model.M77 else 0
        last = _MOST_UNIT[self.model.protocol]
        if self.unit < first or self.units[-1] > last:
            raise PydanticCustomError("simulators.units_too_many", "unit ids go from {first} to {last}", {"first": first, "last": last})
        return self


class LineKind(StrEnum):
    PTY = "pty"
    TCP = "tcp"
    RTU_OVER_TCP = "rtu_over_tcp"


class LinePlan(Wire):
    """`baud`, `parity` and `stop_bits` are those of the pair; Modbus TCP has none."""

    name: Name
    kind: LineKind
    carries: tuple[Carried, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_unit_each(self) -> Self:
        taken: set[int] = set()
        for carried in self.carries:
            if taken.intersection(carried.units):
                raise PydanticCustomError("simulators.unit_twice", "two devices of this line have one unit id")
            taken.update(carried.units)
        return self

    @model_validator(mode="after")
    def _one_protocol(self) -> Self:
        if len({carried.model.protocol for carried in self.carries}) > 1:
            raise PydanticCustomError("simulators.protocols_mixed", "the devices of one line must speak one protocol")
        if self.kind is LineKind.TCP and self.protocol is not Protocol.MODBUS:
            raise PydanticCustomError("simulators.no_pair", "a line of kind tcp is Modbus TCP")
        return self

    @property
    def protocol(self) -> Protocol:
        return self.carries[0].model.protocol


@dataclass(frozen=True, slots=True)
class Placed:
    """One device. `watches` is the id of its bay or station."""

    line: str
    device: str
    model: Model
    unit: int
    sub_unit: int | None
    watches: str


def placed(lines: Iterable[LinePlan]) -> Iterator[Placed]:
    """Every device; bays, stations and devices are numbered through."""
    bay = station = 0
    named: Counter[str] = Counter()

    def name(model: Model) -> str:
        called = _CALLED[model]
        named[called] += 1
        return f"{called}-{named[called]:02d}"

    for line in lines:
        for carried in line.carries:
            if carried.model in PILES:
                station += 1
                for unit in carried.units:
                    yield Placed(line.name, name(carried.model), carried.model, unit, None, _STATION_ID.format(station))
                continue
            for number in range(carried.bays):
                bay += 1
                shared = carried.model in _SUB_UNITS
                unit, sub_unit = (carried.unit, number + 1) if shared else (carried.unit + number, None)
                yield Placed(line.name, name(carried.model), carried.model, unit, sub_unit, _BAY_ID.format(bay))
