"""Banner Sure Cross DX80 gateway with M-GAGE nodes: one Modbus unit, sixteen holding registers a node.

    @ = (I/O - 1) + node * 16            node 0 is the gateway itself

    I/O 1    deviation of the total field from the stored baseline, u16, counts
    I/O 8    device message: 0, or 0x3501 while the node's radio is lost; stays until it is cleared unless auto-recover is on
    I/O 13   configuration, a bit field; the node forgets it when it loses its power, and the host must write it again
    I/O 15   control message: 0x1000 stores a new baseline

Source: Banner M-GAGE manual P/N 131598 rev F; Host Controller Systems P/N 132114. While its radio is lost a node's value stays
frozen. COUNTS_PER_UT is ours: a count of 0.05 µT puts the thresholds of the manual (50 to 800) at 2.5 to 40 µT, where the steps of
real cars lie (7 to 84 µT). The node takes its drift out itself (ambient filter), so that only vehicles and noise are left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulators.chance import gauss, key_of
from simulators.devices.device import Refusal, Refused
from simulators.magnetics import Magnetics, Vector, norm

COUNTS_PER_UT = 20.0
WINDOW = 16
NODES = 47
_LEVEL, _MESSAGE, _CONFIGURATION, _CONTROL = 0, 7, 12, 14
RADIO_TIMEOUT = 0x3501
_STORE_BASELINE = 0x1000
_REPORT_S = 0.5
"""A node measures and reports so often; between two reports its register stands."""


@dataclass(slots=True)
class Dx80Node:
    """One M-GAGE. `lost_since` tells since when its radio is lost at a time, None when it is not; `powered_since`, since when it
    has had power without a break."""

    bay: str
    lost_since: Callable[[float], float | None]
    powered_since: Callable[[float], float] = lambda _: float("-inf")
    baseline_ut: Vector = (0.0, 0.0, 0.0)
    _configured: tuple[int, float] = (0, float("-inf"))
    _key: int = field(init=False)

    def __post_init__(self) -> None:
        self._key = key_of("m-gage", self.bay)

    def level(self, magnetics: Magnetics, t: float) -> int:
        lost = self.lost_since(t)
        reported = (t if lost is None else lost) // _REPORT_S * _REPORT_S
        change = magnetics.change(self.bay, reported)
        jitter = 0.5 * magnetics.noise_ut(self.bay) * COUNTS_PER_UT * abs(gauss(self._key, int(reported / _REPORT_S)))
        felt = norm((change[0] - self.baseline_ut[0], change[1] - self.baseline_ut[1], change[2] - self.baseline_ut[2]))
        return min(round(felt * COUNTS_PER_UT + jitter), 0xFFFF)

    def message(self, t: float) -> int:
        return 0 if self.lost_since(t) is None else RADIO_TIMEOUT

    def configuration(self, t: float) -> int:
        value, written_s = self._configured
        return value if written_s >= self.powered_since(t) else 0

    def configure(self, value: int, t: float) -> None:
        if self.lost_since(t) is None:
            self._configured = (value, t)


class Dx80:
    """`nodes` by their number, from 1."""

    registers = (NODES + 1) * WINDOW
    answer_s = 0.020

    def __init__(self, nodes: dict[int, Dx80Node], magnetics: Magnetics) -> None:
        self._nodes = nodes
        self._magnetics = magnetics

    def read(self, address: int, count: int, t: float) -> Sequence[int]:
        values = [0] * count
        for number in range(address // WINDOW, (address + count - 1) // WINDOW + 1):
            node = self._nodes.get(number)
            if node is None:
                continue
            level = number * WINDOW + _LEVEL - address
            if 0 <= level < count:
                values[level] = node.level(self._magnetics, t)
            message = number * WINDOW + _MESSAGE - address
            if 0 <= message < count:
                values[message] = node.message(t)
            configuration = number * WINDOW + _CONFIGURATION - address
            if 0 <= configuration < count:
                values[configuration] = node.configuration(t)
        return values

    def write(self, address: int, values: Sequence[int], t: float) -> None:
        for at, value in enumerate(values, address):
            number, place = divmod(at, WINDOW)
            if place not in (_MESSAGE, _CONFIGURATION, _CONTROL):
                raise Refused(Refusal.ADDRESS)
            node = self._nodes.get(number)
            if node is not None and place == _CONFIGURATION:
                node.configure(value, t)
            elif node is not None and place == _CONTROL and value == _STORE_BASELINE and node.lost_since(t) is None:
                node.baseline_ut = self._magnetics.change(node.bay, t)
