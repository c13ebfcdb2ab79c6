"""Errors of the wire, sorted by what happens next, not by where they came from.

Every error carries the id of its sentence for people (`sentence`, in config/text/drivers.json, with a hint under
`sentence + ".next"`) and the values that fill it in.
"""


class WireError(Exception):
    """Base of all that can go wrong between a request and its Reading; never raised itself."""

    sentence = "drivers.error"

    def __init__(self, **values: object) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in values.items()))
        self.values = values


class LinkDown(WireError):
    """The port vanished, was refused, or gave EIO. Next: end the cycle, reopen with backoff, all its units are stale."""

    sentence = "drivers.link_down"


class UnitSilent(WireError):
    """No answer in time. Next: this unit only; silent after N cycles and T seconds, both."""

    sentence = "drivers.unit_silent"


class FrameCorrupt(WireError):
    """CRC, length or noise. Next: one retry in the cycle; counted per line."""

    sentence = "drivers.frame_corrupt"


class AnswerMismatched(WireError):
    """An answer to another question. Next: drop it, drain the line, wait one frame gap."""

    sentence = "drivers.answer_mismatched"


class UnitRefused(WireError):
    """The device's exception answer. Next: by its code; never a reason to exclude a point for ever."""

    sentence = "drivers.unit_refused"

    def __init__(self, *, code: int, **values: object) -> None:
        super().__init__(code=code, **values)
        self.code = code


class BusBusy(WireError):
    """More reads were asked for at once than the bus keeps waiting. Next: ask again later."""

    sentence = "drivers.bus_busy"
