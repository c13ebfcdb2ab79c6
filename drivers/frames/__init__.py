"""Frames of the protocols that are not Modbus: one file each, with its layout and its source."""

from config.protocols import Protocol
from drivers.frames.deying_m77 import M77Question
from drivers.frames.hmr2300 import Hmr2300Question
from drivers.frames.uhfreader18 import UhfReader18Question
from drivers.question import Question


def question_for(protocol: Protocol, unit: int, sub_unit: int | None) -> Question:
    """The one question that such a device is asked. Raises ValueError for an address that the protocol does not have."""
    match protocol:
        case Protocol.DEYING_M77:
            if sub_unit is None:
                raise ValueError(f"which detector behind host {unit}?")
            return M77Question(unit=unit, detector=sub_unit)
        case Protocol.UHFREADER18:
            return UhfReader18Question(unit=unit)
        case Protocol.HMR2300:
            return Hmr2300Question(unit=unit)
        case Protocol.MODBUS:
            raise ValueError("questions of Modbus are made in drivers/modbus/")
