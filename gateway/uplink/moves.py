"""What the window is told, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.journal.row import Row


@dataclass(frozen=True, slots=True)
class Connected:
    """Everything up to `last_sequence` was journalled before: it is late."""

    last_sequence: int
    window_max: int | None = None
    """Messages in flight that this broker bears (MQTT 5: Receive Maximum)."""
    bytes_max: int | None = None
    """Bytes of one message that this broker takes (MQTT 5: Maximum Packet Size)."""
    greeted: int = 0
    """Messages that have gone out already: they count against the rate."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    blame: str | None = None
    """Where the broker said that it ends the connection for what it was sent: its words."""


@dataclass(frozen=True, slots=True)
class Read:
    """Rows that follow `after` in the journal, as `wanted` asked; `more` when there may be others behind them. Of those in `buried` a
    gap event tells already."""

    after: int
    rows: Sequence[Row]
    more: bool = False
    buried: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PubAck:
    """The broker has the message that begins with this event."""

    first: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The broker answered that it does not take the message that begins with this event."""

    first: int
    why: str
    whole_broker: bool
    """Whether its reason is about the broker or the topic, not about this message: then it is only asked again."""


@dataclass(frozen=True, slots=True)
class PlatformAck:
    """Everything up to here is stored for good."""

    upto: int


@dataclass(frozen=True, slots=True)
class Buried:
    """This event is in the dead-letter table and a gap event tells of it: go on without it."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Accounts:
    """The gap events that account for what `waited_for` asked: they go out before their turn."""

    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Aside:
    """A message goes out beside the log: it counts against the rate."""


Input = Connected | Disconnected | Read | PubAck | Refused | PlatformAck | Buried | Accounts | Aside


@dataclass(frozen=True, slots=True)
class Send:
    """One message. Events up to `late_upto` are late."""

    rows: tuple[Row, ...]
    late_upto: int

    @property
    def first(self) -> int:
        return self.rows[0].sequence


@dataclass(frozen=True, slots=True)
class Release:
    upto: int


@dataclass(frozen=True, slots=True)
class Bury:
    """The broker takes others, and not this one: put it aside, tell of the gap, and feed Buried."""

    row: Row
    why: str


Output = Send | Release | Bury


@dataclass(frozen=True, slots=True)
class Wanted:
    after: int
    limit: int
