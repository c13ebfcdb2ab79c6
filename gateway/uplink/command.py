"""A platform's command, read with suspicion: whoever may publish there may also be mistaken. Pure.

    {"cmd_id":"c-17","op":"replay","args":{"from":18200,"to":18234},"expires":"2026-05-01T08:20:00Z"}

`cmd_id` is the platform's own and never used twice; `from` and `to` are sequences, both ends included, as numbers or as the text that an
event has; `expires` may be left out, and so may `issued`, which is not looked at. What is not known is refused, not ignored: a condition
that is overlooked is worse than a command that is not carried out.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway.trouble import Trouble
from gateway.uplink.payload import read_json

_BYTES_MAX = 4096
_IDENTIFIER_MAX = 64
_OP_MAX = 40
_SEQUENCE_MAX = (1 << 63) - 1
"""The journal counts in 64 bits."""


class Op(StrEnum):
    REPLAY = "replay"


class CommandTrouble(Trouble):
    """Why a command is not carried out."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Send again what was acknowledged, of these sequences."""

    identifier: str
    first: int
    last: int
    expires: datetime | None = None

    def expired(self, wall_s: float) -> bool:
        return self.expires is not None and self.expires.timestamp() < wall_s


@dataclass(frozen=True, slots=True)
class Unusable:
    """It says who it is, and is no command that we know."""

    identifier: str
    op: str
    trouble: CommandTrouble


def _sequence(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(_SEQUENCE_MAX)):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("not a sequence")


_Sequence = Annotated[int, BeforeValidator(_sequence), Field(ge=1, le=_SEQUENCE_MAX)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Range(_Strict):
    first: _Sequence = Field(alias="from")
    last: _Sequence = Field(alias="to")


class _Message(_Strict):
    cmd_id: str
    op: Op
    args: _Range
    issued: str | None = None
    expires: AwareDatetime | None = None


def read_command(payload: object) -> Replay | Unusable:
    """Raises ValueError for what does not even say who it is: there is nobody to answer."""
    message = read_json(payload, _BYTES_MAX)
    parts = message if isinstance(message, dict) else {}
    identifier = parts.get("cmd_id")
    if not isinstance(identifier, str) or not 0 < len(identifier) <= _IDENTIFIER_MAX or not identifier.isprintable():
        raise ValueError('no short text under "cmd_id"')  # the sender's mistake, not a caller's
    op = str(parts.get("op"))[:_OP_MAX]
    if op not in list(Op):
        return Unusable(identifier, op, CommandTrouble("commands.unknown", op=op, known=", ".join(Op)))
    try:
        found = _Message.model_validate(message)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))[:_OP_MAX]
        return Unusable(identifier, op, CommandTrouble("commands.malformed", where=where, why=first["msg"]))
    if found.args.last < found.args.first:
        return Unusable(identifier, op, CommandTrouble("commands.backwards", first=found.args.first, last=found.args.last))
    return Replay(identifier, found.args.first, found.args.last, found.expires)
