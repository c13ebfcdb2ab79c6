"""The model of a device profile: one device model as data, from registers to named values in physical units.

A profile says where each value lies, how to scale it, what the device's own limits are, and which registers tell that the
value must not be believed. It holds no code.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from config.protocols import VOCABULARY, Protocol
from config.site import Frozen, Parity

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Scale = Annotated[float, Field(ge=-1e5, le=1e5)]
"""No unit is so far from its counts; a value beyond 10^15 could not be written to a trace."""
ProfileName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class Table(StrEnum):
    COIL = "coil"
    DISCRETE = "discrete"
    INPUT = "input"
    HOLDING = "holding"

    @property
    def is_bits(self) -> bool:
        return self in (Table.COIL, Table.DISCRETE)


class WordOrder(StrEnum):
    """Which word of a 32-bit value comes first. Within a word the high byte always does."""

    BIG = "big"
    LITTLE = "little"


class PointType(StrEnum):
    """Registers are big-endian."""

    BIT = "bit"
    U16 = "u16"
    I16 = "i16"
    U32 = "u32"
    I32 = "i32"

    @property
    def words(self) -> int:
        return 2 if self in (PointType.U32, PointType.I32) else 1


class Key(StrEnum):
    """The values that detectors know; the names are those of the reading trace."""

    X_UT = "x_ut"
    Y_UT = "y_ut"
    Z_UT = "z_ut"
    B_UT = "b_ut"
    LEVEL = "level"
    OCCUPIED = "occupied"
    DISTANCE_MM = "distance_mm"
    TEMPERATURE_C = "temperature_c"
    BATTERY_V = "battery_v"
    BATTERY_PCT = "battery_pct"
    RSSI_DBM = "rssi_dbm"
    SNR_DB = "snr_db"
    FAULT = "fault"
    COUNT = "count"


class Point(Frozen):
    """One value: at an address (Modbus; PDU addresses, from 0, within the sub-unit's window where there are windows), or a field."""

    key: Key
    table: Table = Table.HOLDING
    address: int = Field(default=0, ge=0, le=65535)
    field: FieldName | None = Field(default=None, description="Name of a value in the answer, where the protocol has no registers")
    type: PointType = PointType.U16
    word_order: WordOrder = WordOrder.BIG
    bit: int | None = Field(default=None, ge=0, le=15, description="One bit of a register; 0 is the least significant")
    scale: Scale = Field(default=1.0, description="value = raw * scale + offset")
    offset: float = Field(default=0.0, ge=-1e6, le=1e6)
    minimum: float | None = Field(default=None, description="Below this the reading is bad, never an event")
    maximum: float | None = None
    absent: int | None = Field(default=None, description="The raw value that means: nothing measured")


class HealthEffect(StrEnum):
    SILENT = "silent"
    """The sensor is out of reach; its registers are old."""
    BAD = "bad"
    """The sensor answers, and its value must not be believed."""


class HealthRule(Frozen):
    """A register or field that tells whether the values are to be believed: (register & mask) == equals."""

    table: Table = Table.HOLDING
    address: int = Field(default=0, ge=0, le=65535)
    field: FieldName | None = None
    mask: int = Field(default=0xFFFF, ge=1, le=0xFFFF)
    equals: int = Field(ge=0, le=0xFFFF)
    effect: HealthEffect
    cause: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="A word for logs and events, e.g. radio_timeout")


class TagList(Frozen):
    """A list of tags heard in the last scan: a count, then entries of equal length."""

    table: Table = Table.HOLDING
    count_address: int = Field(ge=0, le=65535)
    first_address: int = Field(ge=0, le=65535)
    entries: int = Field(ge=1, le=25, description="Entries that the device has room for")
    tag_words: int = Field(ge=1, le=8, description="Words of the tag, most significant first")
    rssi: bool = Field(default=True, description="The tag is followed by one word, its RSSI in dBm (i16)")

    @property
    def stride(self) -> int:
        return self.tag_words + (1 if self.rssi else 0)


class SubUnits(Frozen):
    """Sensors that are windows of registers behind one unit: address = point + (sub_unit - first) * stride + base."""

    first: int = Field(ge=0, le=247)
    last: int = Field(ge=0, le=247)
    stride: int = Field(ge=1, le=65535)
    base: int = Field(default=0, ge=0, le=65535)


class Step(Frozen):
    """One register written, and how long the device then needs before it can be asked again."""

    table: Table = Table.HOLDING
    address: int = Field(ge=0, le=65535)
    value: int = Field(ge=0, le=0xFFFF)
    wait_ms: float = Field(default=0.0, ge=0, le=10000)


class Setting(Frozen):
    """One register of the device's configuration.

    Where the site or the profile gives a value, it is written once the device answers, and again whenever it has been away:
    some devices forget their configuration with their power. One that can be read back is written only where it differs.
    """

    name: FieldName
    table: Table = Table.HOLDING
    address: int = Field(ge=0, le=65535)
    minimum: int = Field(default=0, ge=0, le=0xFFFF)
    maximum: int = Field(default=0xFFFF, ge=0, le=0xFFFF)
    value: int | None = Field(default=None, ge=0, le=0xFFFF, description="What it shall be where the site is silent; else it is left alone")
    readable: bool = Field(default=True, description="It can be read back")
    before: tuple[Step, ...] = Field(default=(), max_length=8, description="Written first, e.g. a key that unlocks")
    after: tuple[Step, ...] = Field(default=(), max_length=8, description="Written last, e.g. a command to save")
    wait_ms: float = Field(default=0.0, ge=0, le=10000, description="What the device needs after the write itself")


class Identity(Frozen):
    """A register by which the device model is known: (register & mask) == equals. Catches a miswired or mistaken address."""

    table: Table = Table.HOLDING
    address: int = Field(ge=0, le=65535)
    mask: int = Field(default=0xFFFF, ge=1, le=0xFFFF)
    equals: int = Field(ge=0, le=0xFFFF)


class Factory(Frozen):
    """How the device leaves its factory: where to look for a new one."""

    unit: int = Field(ge=0, le=999)
    baud: int = Field(default=9600, ge=300, le=1_000_000)
    parity: Parity = Parity.NONE
    stop_bits: Literal[1, 2] = 1


class Limits(Frozen):
    """What the device bears."""

    registers_per_read: int = Field(default=125, ge=1, le=125)
    bits_per_read: int = Field(default=2000, ge=1, le=2000)
    holes: bool = Field(default=True, description="Registers between points may be read along")
    answer_ms: float = Field(default=10.0, ge=0, le=10000, description="Usual time from request to answer, without the wire")
    timeout_s: float = Field(default=0.3, gt=0, le=30)


class Title(Frozen):
    en: str
    zh: str


class Variant(Frozen):
    """A sibling of the model with the same map: only what differs is said. It has a name of its own and is used like any profile."""

    profile: ProfileName
    title: Title
    scale: dict[Key, Scale] = Field(default={}, description="Scales that differ, by key")
    identity: tuple[Identity, ...] | None = None
    factory: Factory | None = None


class Profile(Frozen):
    profile: ProfileName
    title: Title
    protocol: Protocol = Protocol.MODBUS
    source: str = Field(min_length=1, description="Where the map comes from: manual, part number, page; or that it is ours")
    unverified: tuple[str, ...] = Field(default=(), description="What no document or device has confirmed")
    poll_s: float = Field(default=1.0, gt=0, le=3600)
    limits: Limits = Limits()
    sub_units: SubUnits | None = None
    points: tuple[Point, ...] = ()
    health: tuple[HealthRule, ...] = ()
    tags: TagList | None = Field(default=None, description="Where the registers of a scan's tags are (Modbus)")
    before_read: tuple[Step, ...] = Field(default=(), max_length=8, description="Written before each read, e.g. a trigger")
    identity: tuple[Identity, ...] = Field(default=(), max_length=4)
    settings: tuple[Setting, ...] = Field(default=(), max_length=32)
    factory: Factory | None = None
    variants: tuple[Variant, ...] = Field(default=(), max_length=16, description="Where there are any, only they are used, not the base")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.points and self.tags is None and not VOCABULARY[self.protocol].tags:
            raise PydanticCustomError("config.profile_says_nothing", "a profile needs at least one point, or tags")
        return self
