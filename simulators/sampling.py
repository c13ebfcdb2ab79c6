"""How a device reports, in a trace: what it gives, how often, and how much of it is lost.

    every_s            a poll, or a node's own rhythm; 0.0862 s is the 11.6 Hz at which 50 Hz shows as 3.44 Hz
    then_every_s       another rhythm in every second half hour
    on_change_ut       a node looks each second and reports what has changed by so much for 5 s; every_s is then its heartbeat. So who
                       drives over it is not reported: deployed nodes send 10 to 16 changes a day
    loss               reports that are lost: most of them in bad spells of 20 s, and twice as many under a parked car
    silences_per_day   nothing at all for half an hour to 3.6 hours, as deployed nodes do

Losses of 2.6 to 17 % and silences of 0.5 to 3.6 h are measured on deployed nodes; a car over a node costs 10 to 15 dB.
"""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from config.site import Frozen

_LOOKS_S = 1.0


class Form(StrEnum):
    """What a device gives."""

    XYZ = "xyz"
    XY = "xy"
    X = "x"
    SCALAR = "scalar"
    LEVEL = "level"
    DECISION = "decision"


class Sampling(Frozen):
    form: Form = Form.XYZ
    every_s: float = Field(default=1.0, ge=0.04, le=3600)
    then_every_s: float | None = Field(default=None, ge=0.04, le=3600)
    irregular: bool = Field(default=False, description="Gaps of any length around every_s, as by a queue")
    on_change_ut: float | None = Field(default=None, gt=0, le=100)
    on_change_s: float = Field(default=5.0, ge=0, le=60)
    jitter_s: float = Field(default=0.003, ge=0, le=10)
    loss: float = Field(default=0.0, ge=0, le=0.5)
    silences_per_day: float = Field(default=0.0, ge=0, le=10)
    sensors_per_bay: int = Field(default=1, ge=1, le=2, description="A second one is called as the first with -b, and lies behind it")
    wake_ut: float = Field(default=0.0, ge=0, le=200, description="What a sensor is wrong by when it wakes after a silence; it takes 2 s")

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        if self.on_change_ut is not None and (self.irregular or self.then_every_s is not None):
            raise PydanticCustomError("simulators.two_rhythms", "a device that reports on change has one heartbeat, every_s")
        return self

    @property
    def looks_s(self) -> float:
        """Between two measurements, reported or not."""
        return min(_LOOKS_S, self.every_s) if self.on_change_ut is not None else self.every_s
