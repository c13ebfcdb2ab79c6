"""A scenario: a seeded street, the lines on which it answers, and what goes wrong when. One YAML file each."""

from importlib.resources import files
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from config.loader import load_model
from config.nearest import nearest
from config.profile import Title
from config.site import Frozen
from simulators.faults import DeviceFault, DeviceFaultKind, Fault, Outage
from simulators.layout import PILES, LinePlan, Model, Placed, placed
from simulators.plan import Bikes, Cars, Plan, StationPlan, Weather
from simulators.sampling import Sampling
from simulators.sensing import Sensing

_POSSIBLE = {
    Model.GEOMAGNETIC: (DeviceFaultKind.SILENT,),
    Model.DX80: (DeviceFaultKind.RADIO_LOST, DeviceFaultKind.POWER_LOSS),
    Model.PILE: (DeviceFaultKind.SILENT, DeviceFaultKind.READER_FAULT, DeviceFaultKind.TAMPERED),
    Model.LD120: (DeviceFaultKind.SILENT, DeviceFaultKind.LOOP_OPEN, DeviceFaultKind.LOOP_SHORTED),
    Model.URM08: (DeviceFaultKind.SILENT, DeviceFaultKind.NO_ECHO),
    Model.URM14: (DeviceFaultKind.SILENT, DeviceFaultKind.NO_ECHO),
    Model.URM15: (DeviceFaultKind.SILENT, DeviceFaultKind.NO_ECHO),
    Model.M77: (DeviceFaultKind.RADIO_LOST,),
    Model.UHF_READER: (DeviceFaultKind.SILENT,),
    Model.HMR2300: (DeviceFaultKind.SILENT,),
}


class Scenario(Frozen):
    title: Title
    seed: int = Field(default=1, ge=0)
    cars: Cars = Cars()
    bikes: Bikes = Bikes()
    weather: Weather = Weather()
    sensing: Sensing = Sensing()
    sampling: Sampling = Field(default=Sampling(), description="How devices report in a trace; on lines they are asked")
    lines: tuple[LinePlan, ...] = Field(min_length=1)
    faults: tuple[Fault, ...] = ()
    broker: tuple[Outage, ...] = Field(default=(), description="When the broker is away")

    @property
    def devices(self) -> tuple[Placed, ...]:
        return tuple(placed(self.lines))

    def plan(self) -> Plan:
        """What the street needs to know."""
        bays: list[str] = []
        piles: dict[str, list[str]] = {}
        for each in self.devices:
            if each.model in PILES:
                piles.setdefault(each.watches, []).append(each.device)
            else:
                bays.append(each.watches)
        stations = tuple(StationPlan(name, tuple(members)) for name, members in piles.items())
        return Plan(bays=tuple(bays), stations=stations, cars=self.cars, bikes=self.bikes)

    @model_validator(mode="after")
    def _one_name_each(self) -> Self:
        if len({line.name for line in self.lines}) != len(self.lines):
            raise PydanticCustomError("simulators.line_twice", "two lines have one name")
        return self

    @model_validator(mode="after")
    def _faults_of_something(self) -> Self:
        lines = {line.name for line in self.lines}
        models = {each.device: each.model for each in self.devices}
        for fault in self.faults:
            device = isinstance(fault, DeviceFault)
            named = fault.device if isinstance(fault, DeviceFault) else fault.line
            if named not in (models if device else lines):
                raise PydanticCustomError("simulators.fault_of_nothing", "a fault of {named}, which is not there", {"named": named})
            if isinstance(fault, DeviceFault) and fault.what not in _POSSIBLE[models[named]]:
                context = {"device": named, "kind": fault.kind}
                raise PydanticCustomError("simulators.fault_impossible", "{device} can't have the fault {kind}", context)
        return self


class UnknownScenario(Exception):
    """Neither the name of a packaged scenario nor a file. `nearest` is what was probably meant."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = nearest(name, scenario_names())


def _folder() -> Path:
    return Path(str(files("simulators").joinpath("scenarios")))


def scenario_names() -> tuple[str, ...]:
    """Of the scenarios that come with kerbgate."""
    return tuple(sorted(path.stem for path in _folder().glob("*.yaml")))


def load_scenario(name: str | Path) -> Scenario:
    """A packaged scenario by its name, or a file. Raises UnknownScenario, and ConfigError for a file that is wrong."""
    word = str(name)
    if word in scenario_names():
        return load_model(_folder() / f"{word}.yaml", Scenario)
    path = Path(word)
    if not path.exists() and "/" not in word and path.suffix not in (".yaml", ".yml"):
        raise UnknownScenario(word)
    return load_model(path, Scenario)
