"""How a piece of a bus's bytes is shown: time, direction, the bytes, and in words what they are.

08:15:01.503 → 01 03 00 00 00 0A C5 CD            unit 1: read 10 holding registers from 0
08:15:01.545 ← 01 03 14 00 00 00 01 … (25)        unit 1 answers, 42 ms after the request
"""

from datetime import UTC, datetime

from config.sentences import say
from config.site import Language
from drivers.annotation import Annotated, Kind
from drivers.capture import Way

_MOST_OCTETS = 32
_WIDTH = 3 * 12
_ARROWS = {Way.OUT: "→", Way.IN: "←"}


def shown(said: Annotated, wall_zero_s: float, language: Language) -> str:
    """`wall_zero_s` is the wall clock's time at t = 0."""
    time = datetime.fromtimestamp(wall_zero_s + said.piece.t, UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
    if said.kind is Kind.NOTE:
        return f"{time} -- {said.piece.data.decode()}"
    data = said.piece.data
    octets = data[:_MOST_OCTETS].hex(" ").upper()
    if len(data) > _MOST_OCTETS:
        octets += f" … ({len(data)})"
    return f"{time} {_ARROWS[said.piece.way]} {octets:<{_WIDTH}} {_words(said, language)}"


def _words(said: Annotated, language: Language) -> str:
    table = say(f"tracing.table_{said.function}", language) if said.kind is Kind.READ else ""
    ms = "?" if said.after_s is None else f"{1000 * said.after_s:.0f}"
    return say(
        f"tracing.{said.kind.value}",
        language,
        unit=said.unit,
        count=said.count,
        address=said.address,
        code=said.code,
        table=table,
        ms=ms,
    )
