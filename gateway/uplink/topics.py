"""The names on the broker, and how an acknowledgement is read.

    kerb/v1/{gateway}/ev/{class}     events              kerb/v1/{gateway}/state   whether we are there, retained, and the will
    kerb/v1/{gateway}/snap/{class}   present state       kerb/v1/{gateway}/ack     {"upto":"<event id>"}: stored for good up to there
                                                         kerb/v1/{gateway}/cmd     commands (`command.py`)

A present state that is larger than one message may be goes on under snap/{class}/2, snap/{class}/3 and so on.

No dots and no spaces: they must work on every broker.
"""

from dataclasses import dataclass

from gateway.events import epoch_number_of, sequence_of
from gateway.uplink.payload import read_json

_ACKNOWLEDGEMENT_BYTES_MAX = 1024

OFFLINE = '{"online":false}'


@dataclass(frozen=True, slots=True)
class Topics:
    gateway: str

    def events(self, event_class: str) -> str:
        return f"kerb/v1/{self.gateway}/ev/{event_class}"

    def snapshot(self, event_class: str, page: int = 1) -> str:
        return f"kerb/v1/{self.gateway}/snap/{event_class}" + (f"/{page}" if page > 1 else "")

    @property
    def state(self) -> str:
        return f"kerb/v1/{self.gateway}/state"

    @property
    def acknowledgements(self) -> str:
        return f"kerb/v1/{self.gateway}/ack"

    @property
    def commands(self) -> str:
        return f"kerb/v1/{self.gateway}/cmd"


@dataclass(frozen=True, slots=True)
class Upto:
    """A platform's word that everything up to this event is stored for good."""

    identifier: str
    epoch: int
    sequence: int


def read_acknowledgement(payload: object, gateway: str) -> Upto:
    """Raises ValueError for anything that is not an acknowledgement of this gateway's events."""
    message = read_json(payload, _ACKNOWLEDGEMENT_BYTES_MAX)
    identifier = message.get("upto") if isinstance(message, dict) else None
    if not isinstance(identifier, str):
        raise ValueError('no text under "upto"')  # noqa: TRY004  # the sender's mistake, not a caller's
    sequence = sequence_of(identifier)
    if not identifier.startswith(gateway + "/"):
        raise ValueError("another gateway's event")
    return Upto(identifier, epoch_number_of(identifier), sequence)
