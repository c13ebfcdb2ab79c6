"""What the detectors say: changes of bays, stations and devices, on the monotonic clock.

A change is a fact about the street; it becomes an event when it is given an id and wall time (`gateway/minting.py`).
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Occupancy(StrEnum):
    VACANT = "vacant"
    OCCUPIED = "occupied"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """What convinced the detector."""

    LEVEL = "level"
    SIGNATURE = "signature"
    BOTH = "both"
    DEVICE = "device"
    TIMEOUT = "timeout"
    RECOVERED = "recovered"
    RESTART = "restart"
    OPERATOR = "operator"


class Billing(StrEnum):
    """What the city's policy makes of an arrival or a departure."""

    BILLABLE = "billable"
    REVIEW = "review"
    """Somebody looks at it first: it is not sure enough, or nobody saw it and the policy wants it so."""
    FREE = "free"
    """Of a departure: the stay was within the free minutes."""


class Kind(StrEnum):
    """Event types of the contract, without their prefix "kerbgate."."""

    PARK_START = "bay.park_start"
    PARK_END = "bay.park_end"
    COMMS_LOST = "bay.comms_lost"
    COMMS_RESTORED = "bay.comms_restored"
    CORRECTION = "bay.correction"
    BIKE_ARRIVED = "station.bike_arrived"
    BIKE_LEFT = "station.bike_left"
    COUNT_CHANGED = "station.count_changed"
    OVER_CAPACITY = "station.over_capacity"
    CAPACITY_CLEARED = "station.capacity_cleared"
    DEVICE_FAULT = "device.fault"
    DEVICE_RECOVERED = "device.recovered"
    GATEWAY_STARTED = "gateway.started"
    GATEWAY_GAP = "gateway.gap"
    GATEWAY_CLOCK_STEP = "gateway.clock_step"
    GATEWAY_BACKLOG = "gateway.backlog"
    COMMAND_RESULT = "command.result"

    @property
    def subject_class(self) -> str:
        """bay, station, device, gateway or command: the last part of the topic."""
        return self.value.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a bay's change was believed; all of it optional, for devices differ."""

    delta_ut: tuple[float, float, float] | None = None
    baseline_ut: tuple[float, float, float] | None = None
    level: float | None = None
    temperature_c: float | None = None
    readings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BayChange:
    """`onset_s` is the moment that is billed; where it was not seen itself, `earliest_s` and `latest_s` enclose it.

    Bounds that are None although `bounded` is set are unknown on that side (nothing was known before the first start).
    """

    bay: str
    kind: Kind
    state: Occupancy
    previous: Occupancy
    onset_s: float
    confirmed_s: float
    confidence: float
    reason: Reason
    earliest_s: float | None = None
    latest_s: float | None = None
    cause: str | None = None
    evidence: Evidence | None = None
    billing: Billing | None = None
    """None for what is no arrival and no departure."""


@dataclass(frozen=True, slots=True)
class OperatorCount:
    operator: str
    bikes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StationChange:
    station: str
    kind: Kind
    onset_s: float
    confirmed_s: float
    reason: Reason
    tag: str | None = None
    operator: str | None = None
    total: int | None = None
    by_operator: tuple[OperatorCount, ...] = ()
    capacity: int | None = None
    earliest_s: float | None = None
    latest_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChange:
    device: str
    kind: Kind
    cause: str
    onset_s: float
    confirmed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayChange:
    """The gateway's own: started, a gap in the numbers or in time, …"""

    kind: Kind
    onset_s: float
    confirmed_s: float
    cause: str
    first_sequence: int | None = None
    last_sequence: int | None = None
    count: int | None = None
    ranges: tuple[tuple[int, int], ...] = ()
    """Of a gap: which numbers between the first and the last are meant, where it is not all of them."""
    step_s: float | None = None
    """Of a clock that was set: by how much, forward positive."""


class Outcome(StrEnum):
    """What became of a command."""

    SUCCEEDED = "succeeded"
    REJECTED = "rejected"
    """Nothing was done."""
    EXPIRED = "expired"
    FAILED = "failed"
    """A part of it was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandChange:
    """A platform's command has ended. `command` is the platform's own name for it, and `code` the sentence that `message` and
    `advice` are in the site's language."""

    kind: Kind = Kind.COMMAND_RESULT
    onset_s: float
    confirmed_s: float
    uplink: str
    command: str
    op: str
    outcome: Outcome
    code: str | None = None
    message: str | None = None
    advice: str | None = None
    first_sequence: int | None = None
    last_sequence: int | None = None
    count: int | None = None


Change = BayChange | StationChange | DeviceChange | GatewayChange | CommandChange


@dataclass(frozen=True, slots=True)
class Kept:
    """A detector's confirmed state, to be kept in the same transaction as the change that it explains.

    `subject` is "bay/…" or "station/…"; `state` is the machine's own JSON text, opaque to the journal.
    """

    subject: str
    state: str = field(repr=False)
