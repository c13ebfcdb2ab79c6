"""What a crew should look at first: devices ranked by how much their trouble costs, with its causes."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.detection.ailments import Ailment

_WEIGHTS: dict[str, float] = {
    "frozen": 100.0,
    "saturated": 100.0,
    Ailment.TAMPERED: 90.0,
    Ailment.FLOODED: 80.0,
    Ailment.STUCK_OCCUPIED: 70.0,
    Ailment.EM_DISTURBED: 50.0,
    Ailment.NOISY: 40.0,
    Ailment.DRIFTING: 30.0,
    Ailment.BATTERY_LOW: 25.0,
    Ailment.HUM: 10.0,
}
_SILENT = 95.0
"""Of any cause for which a device says nothing: its bay is unknown, and nobody is billed."""


@dataclass(frozen=True, slots=True)
class Work:
    device: str
    causes: tuple[str, ...]
    weight: float
    """The heaviest cause counts whole, each further one a tenth."""


def work_list(ailing: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Work, ...]:
    """Devices with their causes, the most urgent first; those without any are left out."""
    work = []
    for device, causes in ailing:
        weights = sorted((_WEIGHTS.get(cause, _SILENT) for cause in causes), reverse=True)
        if weights:
            work.append(Work(device, causes, weights[0] + 0.1 * sum(weights[1:])))
    return tuple(sorted(work, key=lambda each: (-each.weight, each.device)))
