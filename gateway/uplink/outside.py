"""What an uplink asks of the rest of the gateway, and what it tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.journal.row import Row
from gateway.uplink.topics import Upto


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The present state of everything of one class: bay, station or device; a page of it where it is large. Never billable."""

    event_class: str
    body: str
    page: int = 1


class Outside(Protocol):
    def snapshots(self) -> Sequence[Snapshot]:
        """The present state, as it is now."""

    async def gap(self, uplink: str, row: Row, why: str) -> None:
        """Returns once a gap event is committed that accounts for this row: this uplink's platform will never get it."""

    async def rolled_back(self, has: Upto) -> None:
        """Returns once a new epoch is in use, later than that of an event which the platform has and this journal has not, and an
        event tells of it."""
