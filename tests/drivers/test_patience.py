"""A unit that failed is waited for no longer than answers take; what is late, was never heard of, or is a write gets its whole time."""

import pytest

from config.profile import Profile
from drivers.counters import Tally
from drivers.errors import UnitSilent
from drivers.patience import MARGIN_S, Patience
from drivers.polls import polls_of
from drivers.task import Ask
from tests.drivers.things import LEVEL, TCP, device

OTHER = LEVEL.model_copy(update={"profile": "other"})


class Bus:
    def __init__(self, **models: Profile) -> None:
        self.devices = [device(name, unit, model, timeout_s=0.5) for unit, (name, model) in enumerate(models.items(), 1)]
        self.tallies = {each.name: Tally() for each in self.devices}
        self.asks = {each.name: polls_of((each,), TCP)[0].slices[0] for each in self.devices}
        self.patience = Patience(self.devices, self.tallies)

    def answered(self, name: str, *round_trips_s: float) -> None:
        for each in round_trips_s:
            self.tallies[name].answered(each)

    def waits_s(self, name: str) -> float:
        return self.patience.hurried_s(self.asks[name])


def test_a_unit_gets_what_nearly_all_of_its_last_answers_took_and_a_margin() -> None:
    bus = Bus(a=LEVEL, b=LEVEL)
    bus.answered("a", *[0.02] * 120, 0.4, 0.11, 0.03, 0.11)
    bus.answered("b", 0.3)
    assert bus.waits_s("a") == pytest.approx(0.11 + MARGIN_S)


def test_a_unit_that_has_never_answered_gets_what_others_of_its_model_take() -> None:
    bus = Bus(a=LEVEL, b=LEVEL, c=LEVEL, d=LEVEL, e=OTHER)
    bus.answered("b", 0.03)
    bus.answered("c", 0.02)
    bus.answered("d", 0.3)
    bus.answered("e", 0.2)
    assert bus.waits_s("a") == pytest.approx(0.03 + MARGIN_S)


def test_where_nothing_is_known_a_unit_gets_its_whole_time_and_never_more() -> None:
    bus = Bus(a=LEVEL, b=OTHER)
    bus.answered("b", 0.48)
    assert bus.waits_s("a") == 0.5
    assert bus.waits_s("b") == 0.5


def test_a_unit_whose_answers_have_come_too_late_gets_its_whole_time() -> None:
    bus = Bus(a=LEVEL)
    bus.answered("a", 0.02)
    bus.tallies["a"].failed(UnitSilent(unit=1, timeout_s=0.5))
    bus.tallies["a"].late += 1
    assert bus.waits_s("a") == 0.5


def test_a_write_gets_its_whole_time() -> None:
    bus = Bus(a=LEVEL)
    bus.answered("a", 0.02)
    read = bus.asks["a"]
    write = Ask(question=read.question, timeout_s=0.5, cost_s=0.1, devices=("a",), reads=False)
    assert bus.patience.hurried_s(write) == 0.5
