"""What an uplink asks of the rest of the gateway, and what it tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.detection.change import Kept, Outcome
from gateway.journal.row import Row
from gateway.uplink.command import CommandTrouble
from gateway.uplink.topics import Upto


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The present state of everything of one class: bay, station or device; a page of it where it is large. Never billable."""

    event_class: str
    body: str
    page: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a command."""

    uplink: str
    identifier: str
    op: str
    outcome: Outcome
    trouble: CommandTrouble | None = None
    done: tuple[int, int] | None = None
    """Of these sequences all that the journal has was sent again, both ends included."""
    sent: int | None = None
    """Events."""


class Outside(Protocol):
    def snapshots(self, octets: int) -> Sequence[Snapshot]:
        """The present state, as it is now, in pages of so many bytes at the most."""

    async def gap(self, uplink: str, row: Row, why: str) -> None:
        """Returns once a gap event is committed that accounts for this row: this uplink's platform will never get it."""

    async def rolled_back(self, has: Upto) -> None:
        """Returns once a new epoch is in use, later than that of an event which the platform has and this journal has not, and an
        event tells of it."""

    def keep(self, kept: Kept) -> None:
        """To be committed soon. Never waits."""

    def command_ended(self, result: Result, kept: Kept) -> None:
        """An event tells of it, in one commit with what is to be kept. Never waits."""
