"""The protocols that devices speak, and what each can name: what a profile may ask for is checked against this.

Modbus names its values by table and address; the others give a few named fields in every answer.
"""

from dataclasses import dataclass
from enum import StrEnum


class Protocol(StrEnum):
    MODBUS = "modbus"
    DEYING_M77 = "deying-m77"
    """ASCII frames of the M76R/M77R receivers of wireless geomagnetic detectors."""
    UHFREADER18 = "uhfreader18"
    """Binary frames with CRC 0x8408 of UHF RFID readers."""
    HMR2300 = "hmr2300"
    """ASCII frames of Honeywell's magnetometer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """`fields` are those of an answer; `units` and `sub_units` the addresses that the protocol has."""

    units: range
    sub_units: range | None = None
    fields: tuple[str, ...] = ()
    tags: bool = False
    """Whether an answer lists the tags of one scan."""


VOCABULARY = {
    # 248 to 254 are reserved, yet some devices ship there.
    Protocol.MODBUS: Vocabulary(units=range(1, 255)),
    Protocol.DEYING_M77: Vocabulary(
        units=range(1, 1000), sub_units=range(1, 100), fields=("channel", "state", "battery", "threshold", "delay_ms")
    ),
    Protocol.UHFREADER18: Vocabulary(units=range(255), fields=("status", "count"), tags=True),
    Protocol.HMR2300: Vocabulary(units=range(99), fields=("x", "y", "z")),
}
