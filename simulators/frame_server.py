"""Units that do not speak Modbus: bytes of a request in, bytes of an answer out, like `modbus_server.py`.

Which bytes are one request is told by the protocol's `cut`; what is answered, by the device.
"""

from collections.abc import Callable, Mapping

from simulators.devices.frame import Cut, FrameDevice

_MOST_HEARD = 512
"""Of a request that never ends, only so much is kept."""


class FrameUnits:
    """The units of one line. `connect` gives one end of the line to speak to them."""

    def __init__(self, devices: Mapping[int, FrameDevice], clock: Callable[[], float], cut: Cut) -> None:
        self.devices = devices
        self.clock = clock
        self.cut = cut

    def connect(self, answered: Callable[[int, bytes], None]) -> "FrameSession":
        """`answered` gets the unit and the bytes of each answer."""
        return FrameSession(self, answered)


class FrameSession:
    """One connection to the units."""

    def __init__(self, units: FrameUnits, answered: Callable[[int, bytes], None]) -> None:
        self._units = units
        self._answered = answered
        self._heard = b""

    def ask(self, data: bytes) -> None:
        """Bytes of a request, as they come; they may come in parts."""
        asked, rest = self._units.cut(self._heard + data)
        self._heard = rest[-_MOST_HEARD:]
        for each in asked:
            for unit in self._units.devices if each.unit is None else (each.unit,):
                device = self._units.devices.get(unit)
                answer = b"" if device is None else device.answer(each.request, self._units.clock())
                if answer:
                    self._answered(unit, answer)

    def forget(self) -> None:
        """The line was silent for so long that what came before is no part of what comes next."""
        self._heard = b""
