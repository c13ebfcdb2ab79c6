"""What goes wrong in a scenario, and when: faults of lines, of devices, and of the way to the broker. Times are street time."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from config.site import Frozen, Name

_YEAR_S = 366 * 86400.0


class Timed(Frozen):
    from_s: float = Field(default=0.0, ge=0, le=_YEAR_S)
    to_s: float = Field(default=_YEAR_S, gt=0, le=_YEAR_S, description="For ever where absent")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_s <= self.from_s:
            raise PydanticCustomError("simulators.fault_reversed", "to_s must be later than from_s")
        return self

    def at(self, t: float) -> bool:
        return self.from_s <= t < self.to_s


class LineFault(Timed):
    line: Name


class Cut(LineFault):
    """The wire is cut: what is sent goes nowhere, and nobody is told."""

    kind: Literal["cut"]


class Unplugged(LineFault):
    """The port itself is gone: a pty and its link vanish, a TCP port refuses and hangs up."""

    kind: Literal["unplugged"]


class Noise(LineFault):
    """Each is a chance: of a flipped bit and a lost byte per byte, of junk bytes before or behind a piece per piece."""

    kind: Literal["noise"]
    flipped_bits: float = Field(default=0.0, ge=0, le=1)
    lost_bytes: float = Field(default=0.0, ge=0, le=1)
    junk: float = Field(default=0.0, ge=0, le=1)


class Echo(LineFault):
    """The adapter hears itself: every byte that is sent comes back."""

    kind: Literal["echo"]


class Late(LineFault):
    """An answer comes late, with this chance and by so much."""

    kind: Literal["late"]
    chance: float = Field(default=1.0, gt=0, le=1)
    by_s: float = Field(gt=0, le=60)


class DeviceFaultKind(StrEnum):
    SILENT = "silent"
    """A unit without power: it does not answer."""
    RADIO_LOST = "radio_lost"
    """A node of a DX80: its value is frozen and I/O 8 says 0x3501."""
    POWER_LOSS = "power_loss"
    """A node of a DX80 without power: as with its radio lost, and its configuration is forgotten."""
    LOOP_OPEN = "loop_open"
    LOOP_SHORTED = "loop_shorted"
    """A loop detector: its wire is broken, or touches itself."""
    NO_ECHO = "no_echo"
    """An ultrasonic sensor: snow, rain or a cloth swallows what it sends."""
    READER_FAULT = "reader_fault"
    """A pile: bit 8 of its status."""
    TAMPERED = "tampered"
    """A pile: bit 9 of its status."""


class DeviceFault(Timed):
    kind: Literal["silent", "radio_lost", "power_loss", "loop_open", "loop_shorted", "no_echo", "reader_fault", "tampered"]
    device: Name

    @property
    def what(self) -> DeviceFaultKind:
        return DeviceFaultKind(self.kind)


Fault = Annotated[Cut | Unplugged | Noise | Echo | Late | DeviceFault, Field(discriminator="kind")]


class OutageKind(StrEnum):
    REFUSE = "refuse"
    """It is not there: connections end and new ones are refused."""
    STALL = "stall"
    """Connections stand, and nothing passes."""
    DELAY = "delay"
    """Everything passes, `delay_s` later."""


class Outage(Timed):
    kind: OutageKind = OutageKind.REFUSE
    delay_s: float = Field(default=1.0, gt=0, le=60)
