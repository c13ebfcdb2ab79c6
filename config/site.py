"""The model of a site: what one roadside box is connected to, and where its events go.

Pydantic stands at this edge only. What a type can say is said here; what concerns two places of a file at once (two devices
at one unit, a bus that is too slow for its polls) is in `rules.py`.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

GatewayName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,23}$")]
"""Also the MQTT client id, the certificate's common name and a topic segment, hence so narrow."""

Name = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,63}$")]
"""Names a bus, a device, a bay or a station in logs, topics and events."""

# What one roadside box can be asked to look after.
MOST_BUSES = 64
MOST_DEVICES = 5000
MOST_STATIONS = 1000
MOST_PILES = 500
MOST_OPERATORS = 100
MOST_UPLINKS = 8


def _beside_the_site(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    return path if folder is None else Path(folder) / path.expanduser()


SitePath = Annotated[Path, AfterValidator(_beside_the_site)]
"""A path in a site file; a relative one starts at the folder of that file (validation context: folder)."""


class Frozen(BaseModel):
    """Everything read from a file: immutable, and a key that nobody knows is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Parity(StrEnum):
    NONE = "none"
    EVEN = "even"
    ODD = "odd"


class Wire(Frozen):
    """How bytes travel on an RS-485 pair."""

    baud: int = Field(default=9600, ge=300, le=1_000_000, description="Bits a second on the wire")
    parity: Parity = Parity.NONE
    stop_bits: Literal[1, 2] = 1


class Rs485(Frozen):
    """Direction control by the serial driver (TIOCSRS485), where the adapter does not switch by itself."""

    rts_on_send: bool = Field(default=True, description="RTS is high while sending; false where the transceiver wants it low")
    delay_before_ms: int = Field(default=0, ge=0, le=100)
    delay_after_ms: int = Field(default=0, ge=0, le=100)
    hear_oneself: bool = Field(default=False, description="The receiver stays on while sending")


class SerialLine(Wire):
    kind: Literal["serial"]
    port: str = Field(min_length=1, description="Device path; prefer /dev/serial/by-id/… or by-path/…, which survive a replug")
    rs485: Rs485 | None = Field(default=None, description="For ports whose driver switches the direction; most do it themselves")


class TcpLine(Frozen):
    kind: Literal["tcp"]
    host: str = Field(min_length=1)
    port: int = Field(default=502, ge=1, le=65535)


class RtuOverTcpLine(Wire):
    """A transparent serial server: RTU frames inside a TCP stream, with an RS-485 pair behind it."""

    kind: Literal["rtu_over_tcp"]
    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)


Line = Annotated[SerialLine | TcpLine | RtuOverTcpLine, Field(discriminator="kind")]


class Bus(Frozen):
    name: Name
    line: Line
    mixed_protocols: bool = Field(default=False, description="Devices of several protocols share this line, and bear each other's frames")


class Device(Frozen):
    name: Name
    bus: Name
    profile: str = Field(min_length=1, description="Name of a device profile, e.g. banner-dx80-mgage")
    unit: int = Field(ge=0, le=999, description="Unit id: for Modbus 1 to 247, though some devices ship at 254")
    sub_unit: int | None = Field(default=None, ge=0, le=247, description="One sensor behind a concentrator, where the profile has windows")
    poll_s: float | None = Field(default=None, gt=0, le=3600, description="Period of polls; the profile's where absent")
    timeout_s: float | None = Field(default=None, gt=0, le=30, description="Longest wait for an answer; the profile's where absent")
    settings: dict[Name, Annotated[int, Field(ge=0, le=0xFFFF)]] = Field(
        default={},
        max_length=32,
        description="Values for settings of the profile, written when the device answers",
    )


class BayDetection(Frozen):
    """How a bay's readings become occupancy. The scale is learned from each sensor; these are limits beyond what it says."""

    occupied_ut: float = Field(default=5.0, gt=0, description="A smaller departure is a vehicle only where three axes saw it drive in, µT")
    vacant_ut: float = Field(default=2.0, gt=0, description="At a smaller departure the bay is empty again, whatever stood there, µT")
    occupied_level: float = Field(default=150, gt=0, description="The same two limits for devices that report counts of their own")
    vacant_level: float = Field(default=100, gt=0)
    dwell_s: float = Field(default=0.0, ge=0, le=120, description="Least time that an arrival must last, where the evidence is not enough")
    silent_s: float = Field(default=30.0, gt=0, le=86400, description="Without a good reading for so long, the bay is unknown")


class PowerGap(StrEnum):
    """How a change that nobody saw is told."""

    BOUNDS = "bounds"
    """With the times between which it happened; a start is billed from the later, an end to the earlier one."""
    REVIEW = "review"
    """The same, and never for billing: somebody looks at it first."""


class FieldVector(Frozen):
    """A magnetic field, µT."""

    x_ut: float
    y_ut: float
    z_ut: float
    temperature_c: float | None = None


class BayPolicy(Frozen):
    """What the city makes of a bay's events. kerbgate tells them all; this says how they are rounded and which may be billed."""

    billed_confidence: float = Field(default=0.8, ge=0, le=1, description="Events below are marked for review, not for billing")
    grace_s: float = Field(default=0.0, ge=0, le=3600, description="Stays that are shorter are marked as free")
    round_s: float = Field(
        default=0.0, ge=0, le=60, description="A start is told later and an end earlier by so much, in the driver's favour"
    )
    after_power_gap: PowerGap = Field(
        default=PowerGap.BOUNDS, description="What becomes of a change that happened while the gateway was off"
    )


MOST_DEVICES_OF_BAY = 4


class Bay(Frozen):
    id: Name = Field(description="The city's number of the bay (泊位编号)")
    device: Name | None = Field(default=None, description="The device that watches it; or name several under devices")
    devices: tuple[Name, ...] = Field(
        default=(), max_length=MOST_DEVICES_OF_BAY, description="Several devices that watch this bay together; what they say is fused"
    )
    neighbours: tuple[Name, ...] | None = Field(
        default=None, max_length=4, description="All bays beside this one; where absent, those before and after it in this list"
    )
    label: str | None = Field(default=None, max_length=80, description="What people call it")
    empty_field: FieldVector | None = Field(default=None, description="The field measured when the bay was surely empty")
    detection: BayDetection | None = Field(default=None, description="Where this bay differs from the site's detection")
    policy: BayPolicy | None = Field(default=None, description="Where this bay differs from the site's policy")

    @model_validator(mode="after")
    def _watched(self) -> Self:
        if (self.device is None) == (not self.devices):
            raise PydanticCustomError("config.bay_watched", "a bay has either device or devices")
        return self

    @property
    def watched_by(self) -> tuple[str, ...]:
        """Its devices, one or more."""
        return self.devices if self.device is None else (self.device,)


class StationDetection(Frozen):
    present_s: float = Field(default=4.0, ge=0, le=600, description="A bike is present once it was seen for so long")
    gone_s: float = Field(default=20.0, gt=0, le=3600, description="A bike has left when it was not seen for so long")
    weakest_dbm: float = Field(default=-85.0, ge=-120, le=0, description="Sightings weaker than this belong to bikes outside the fence")
    silent_s: float = Field(default=60.0, gt=0, le=86400)


class Operator(Frozen):
    name: Name
    tag_prefix: str = Field(pattern=r"^[0-9A-F]{1,32}$", description="Their tags begin with this (hexadecimal digits, upper case)")


class Station(Frozen):
    id: Name = Field(description="The city's number of the fence station (电子围栏站点编号)")
    piles: tuple[Name, ...] = Field(min_length=1, max_length=MOST_PILES)
    label: str | None = Field(default=None, max_length=80)
    capacity: int | None = Field(default=None, ge=0, le=10000, description="How many bikes may stand here")
    detection: StationDetection | None = None


class Journal(Frozen):
    # A word, validated: the default path too must start at the site's folder, whether a site is read from JSON or built here.
    path: SitePath = Field(default=cast("Path", "journal.db"), validate_default=True)
    max_mb: int = Field(default=256, ge=1, le=65536, description="The file never grows beyond this")
    checkpoint_s: float = Field(default=14400.0, ge=10, description="How often moved baselines are kept; those of an event at once")


class Tls(Frozen):
    """Verification is always on; these say against what, and who we are."""

    ca_file: SitePath | None = Field(default=None, description="Authorities to trust; the system's where absent")
    certificate_file: SitePath | None = None
    key_file: SitePath | None = None
    next_certificate_file: SitePath | None = Field(
        default=None,
        description="The certificate that is to follow: tried as soon as the file is there, used once a round trip succeeded",
    )
    next_key_file: SitePath | None = None


class Acknowledgement(StrEnum):
    """Whose word releases an event from the journal."""

    PLATFORM = "platform"
    """The platform's own message on the ack topic: it is stored for good."""
    BROKER = "broker"
    """The broker's PUBACK: durable only as far as that broker is."""


class MqttVersion(StrEnum):
    AUTO = "auto"
    """5 first, 3.1.1 where the broker does not take it."""
    V5 = "5"
    V311 = "3.1.1"


class Uplink(Frozen):
    name: Name = Field(default="platform", description="Its place in the journal is kept under this name; of several, each has its own")
    host: str = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535, description="1883, or 8883 with TLS, where absent")
    tls: Tls | None = None
    username: str | None = None
    password_file: SitePath | None = Field(default=None, description="A file that holds the password and nothing else")
    ack: Acknowledgement = Acknowledgement.BROKER
    ack_timeout_s: float = Field(default=30.0, ge=1, le=3600, description="Unacknowledged by the platform for so long: sent again")
    commands: bool = Field(default=True, description="Listen to the platform's commands; false where the broker ends the connection for it")
    mqtt: MqttVersion = Field(default=MqttVersion.AUTO, description="5 first and 3.1.1 where it is not taken; or one of them only")
    window: int = Field(default=16, ge=1, le=100, description="Messages in flight at the most")
    batch: int = Field(default=50, ge=1, le=500, description="Events in one message at the most; 1: each event is a message of its own")
    rate_per_s: float = Field(default=20.0, ge=0, le=100_000, description="Messages a second at the most, in the mean; 0: no limit")
    keepalive_s: int = Field(default=60, ge=5, le=1200)
    reconnect_max_s: float = Field(default=60.0, ge=1, le=3600)


class Language(StrEnum):
    EN = "en"
    ZH = "zh"


class Site(Frozen):
    """One gateway: its buses and devices, the bays and stations they watch, its journal and its uplinks."""

    gateway: GatewayName
    language: Language | None = Field(default=None, description="Of sentences for people; the locale's where absent")
    buses: tuple[Bus, ...] = Field(min_length=1, max_length=MOST_BUSES)
    devices: tuple[Device, ...] = Field(min_length=1, max_length=MOST_DEVICES)
    bays: tuple[Bay, ...] = Field(default=(), max_length=MOST_DEVICES)
    stations: tuple[Station, ...] = Field(default=(), max_length=MOST_STATIONS)
    operators: tuple[Operator, ...] = Field(default=(), max_length=MOST_OPERATORS)
    detection: BayDetection = BayDetection()
    policy: BayPolicy = BayPolicy()
    station_detection: StationDetection = StationDetection()
    # A dict, validated: the default path too must start at the site's folder.
    journal: Journal = Field(default_factory=dict, validate_default=True)
    uplink: Uplink | None = Field(default=None, description="Without one, events are kept in the journal only")
    uplinks: tuple[Uplink, ...] = Field(
        default=(), max_length=MOST_UPLINKS, description="Instead of uplink: several platforms, none of which holds back another"
    )

    @property
    def forwards_to(self) -> tuple[Uplink, ...]:
        """Every uplink, whichever way it is written."""
        return self.uplinks if self.uplink is None else (self.uplink, *self.uplinks)
