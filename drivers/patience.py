"""How long to wait for a unit that did not answer last time: no longer than its answers take. Pure.

What the dead cost the living is the time that nobody answers in. A unit that has failed is asked again at once, and hardly ever is it
only slow: so it is given what 99 of 100 of its last answers took, and a margin. A unit that has never answered is given what others of
its model take. One whose answers have come too late gets its whole time, and so does every fourth attempt of any.
"""

from collections.abc import Mapping, Sequence

from drivers.counters import Tally
from drivers.device import BusDevice
from drivers.task import Ask

MARGIN_S = 0.050


class Patience:
    """`tallies` grow while the bus goes on."""

    def __init__(self, devices: Sequence[BusDevice], tallies: Mapping[str, Tally]) -> None:
        self._tallies = tallies
        self._model = {device.name: device.profile.profile for device in devices}

    def hurried_s(self, ask: Ask) -> float:
        """The timeout of a read whose unit failed last time."""
        own = [self._tallies[name] for name in ask.devices]
        if not ask.reads or any(tally.late for tally in own):
            return ask.timeout_s
        usual_s = _usual_s(own) or _usual_s(self._twins(ask))
        return min(ask.timeout_s, round(usual_s + MARGIN_S, 3)) if usual_s else ask.timeout_s

    def _twins(self, ask: Ask) -> list[Tally]:
        models = {self._model[name] for name in ask.devices}
        return [self._tallies[name] for name, model in self._model.items() if model in models]


def _usual_s(tallies: Sequence[Tally]) -> float:
    """Of each, what nearly all of its answers took; of all, the one in the middle. 0 where nobody has answered yet."""
    usual = sorted(sorted(tally.round_trips_s)[(len(tally.round_trips_s) - 1) * 99 // 100] for tally in tallies if tally.round_trips_s)
    return usual[len(usual) // 2] if usual else 0.0
