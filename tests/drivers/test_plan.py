"""Whose turn it is. `Street` plays a line: it ticks the plan, lets every exchange take its time, and keeps a record."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.device import BusDevice
from drivers.modbus.pdu import Function
from drivers.plan import MOST_JOBS, Plan
from drivers.polls import polls_of
from drivers.question import Shape
from drivers.shares import PROBE_SHARE
from drivers.standing import State, Step
from drivers.task import Poll
from drivers.turns import Asked, Babbled, Doubt, Ended, LinkLost, LinkOpened, Outcome, Told, Turn, Withdrawn
from tests.drivers.things import TCP, device

OK = Ended(Outcome.ANSWERED)
NO = Ended(Outcome.SILENT)


def polls(*devices: BusDevice) -> tuple[Poll, ...]:
    return polls_of(devices, TCP)


class Street:
    def __init__(self, *devices: BusDevice, costs: Callable[[str], tuple[float, Ended]] = lambda _: (0.01, OK)) -> None:
        self.plan = Plan(polls(*devices))
        self.costs = costs
        self.now = 100.0
        self.turns: list[tuple[float, str, int | None]] = []
        self.told: list[tuple[float, Told]] = []
        self.plan.feed(LinkOpened(), self.now)

    def play(self, until: float) -> None:
        while self.now <= until:
            outputs = self.plan.tick(self.now)
            if not outputs:
                deadline = self.plan.deadline()
                if deadline is None or deadline > until:
                    self.now = until
                    return
                assert deadline > self.now, "a plan that wants to be woken now has work now"
                self.now = deadline
                continue
            (turn,) = outputs
            assert isinstance(turn, Turn)
            name = turn.task.devices[0].name
            self.turns.append((self.now, name, turn.ticket))
            cost, ended = self.costs(name)
            self.now += cost
            self.told += [(self.now, told) for told in self.plan.feed(ended, self.now) if isinstance(told, Told)]

    def times(self, name: str) -> list[float]:
        return [at for at, who, ticket in self.turns if who == name and ticket is None]


def test_polls_start_staggered_and_keep_their_grid() -> None:
    street = Street(*[device(f"bay-{number}", number) for number in range(1, 5)])
    street.play(103.0)
    assert street.times("bay-1") == [100.0, 101.0, 102.0, 103.0]
    assert street.times("bay-3") == [100.5, 101.5, 102.5]


def test_a_rare_poll_is_first_made_within_seconds() -> None:
    street = Street(device("a", 1, poll_s=600.0), device("b", 2, poll_s=600.0))
    street.play(110.0)
    assert [at for at, _, _ in street.turns] == [100.0, 102.5]


def test_a_late_poll_is_skipped_not_queued() -> None:
    street = Street(device("a", poll_s=1.0), costs=lambda _: (2.5, OK))
    street.play(111.0)
    assert street.times("a") == [100.0, 103.0, 106.0, 109.0]
    assert street.plan.skipped == 8


def test_a_line_too_slow_for_all_serves_all_alike() -> None:
    street = Street(*[device(f"bay-{number}", number) for number in range(1, 9)], costs=lambda _: (0.3, OK))
    street.play(160.0)
    counts = Counter(name for _, name, _ in street.turns)
    assert max(counts.values()) - min(counts.values()) <= 2
    assert sum(counts.values()) >= 198


def test_a_silent_unit_does_not_hold_up_its_neighbours() -> None:
    dead = "bay-3"
    street = Street(
        *[device(f"bay-{number}", number) for number in range(1, 25)],
        costs=lambda name: (0.3, NO) if name == dead else (0.01, OK),
    )
    street.play(700.0)
    assert len(street.times(dead)) <= 4 + 5 + 10 + 3
    for name in ("bay-1", "bay-2", "bay-24"):
        times = street.times(name)
        assert len(times) >= 599
        assert max(later - earlier for earlier, later in pairwise(times)) < 1.5


def test_a_silent_unit_is_told_once_probed_rarely_and_told_back_after_two_answers() -> None:
    ends = {"a": NO}
    street = Street(device("a"), costs=lambda name: (0.3, ends[name]))
    street.play(250.0)
    steps = [told.step for _, told in street.told]
    assert steps[0] is Step.WENT_SILENT
    assert set(steps[1:]) == {Step.STILL_SILENT}
    assert street.told[0][0] >= 105.0
    gaps = [later - earlier for earlier, later in pairwise(street.times("a"))]
    assert gaps[-1] > 30.0
    ends["a"] = OK
    street.play(400.0)
    assert [told.step for _, told in street.told if told.step is Step.CAME_BACK] == [Step.CAME_BACK]
    assert street.plan.state_of("a") is State.HEALTHY
    assert street.times("a")[-1] - street.times("a")[-2] == pytest.approx(1.0)


def test_half_a_street_that_died_does_not_starve_the_other_half() -> None:
    street = Street(
        *[device(f"bay-{number}", number) for number in range(1, 25)],
        costs=lambda name: (0.3, NO) if int(name[4:]) % 2 else (0.01, OK),
    )
    street.play(200.0)
    for number in range(2, 25, 2):
        # In the first cycle nobody knows yet who is dead; after it the dead wait for the living.
        times = [at for at in street.times(f"bay-{number}") if at > 105.0]
        assert max(later - earlier for earlier, later in pairwise(times)) < 1.7
    assert all(street.plan.state_of(f"bay-{number}") is State.SILENT for number in range(1, 25, 2))


def test_an_overloaded_line_still_probes_a_silent_unit_and_takes_it_back() -> None:
    ends = {"bay-1": NO}
    street = Street(*[device(f"bay-{number}", number, poll_s=0.1) for number in range(1, 9)], costs=lambda name: (0.1, ends.get(name, OK)))
    street.play(130.0)
    assert street.plan.state_of("bay-1") is State.SILENT
    ends.clear()
    street.play(200.0)
    assert street.plan.state_of("bay-1") is State.HEALTHY


def test_a_technicians_job_goes_before_polls_that_are_due() -> None:
    street = Street(device("a", 1), device("b", 2))
    (job,) = polls(device("b", 2))
    street.plan.feed(Asked(7, job), street.now)
    street.play(100.0)
    assert street.turns[0][1:] == ("b", 7)


def test_a_technician_who_asks_without_end_does_not_starve_the_polls() -> None:
    street = Street(device("a", 1, poll_s=0.005))
    (job,) = polls(device("b", 2))
    for ticket in range(10):
        street.plan.feed(Asked(ticket, job), street.now)
    street.play(100.2)
    who = [ticket is None for _, _, ticket in street.turns[:16]]
    assert who[0] is False, "somebody waits: his is the next slice"
    assert sum(who) >= 5, "and the polls keep a share of their own"
    assert who.count(False) == 10


def test_half_of_a_full_slow_bus_that_is_dead_costs_the_living_next_to_nothing() -> None:
    """32 units at 9600 baud, 33 ms an exchange, 350 ms a timeout; the 16 dead had the bus to themselves for as long as it takes."""
    dead = {f"bay-{unit}" for unit in range(1, 33, 2)}
    costs: Callable[[str], tuple[float, Ended]] = lambda name: (0.35, NO) if name in dead else (0.033, OK)  # noqa: E731
    street = Street(*[device(f"bay-{unit}", unit) for unit in range(1, 33)], costs=costs)
    street.play(160.0)
    began = street.now
    street.turns.clear()
    street.play(began + 600.0)
    for name in (f"bay-{unit}" for unit in range(2, 33, 2)):
        times = street.times(name)
        assert (times[-1] - times[0]) / (len(times) - 1) <= 1.2
    lost_s = sum(0.35 for _, name, _ in street.turns if name in dead)
    assert lost_s <= 0.05 * 600.0
    assert {name for _, name, _ in street.turns} >= dead, "and every one of them is still probed"


def test_a_command_waits_for_one_slice_at_the_most() -> None:
    street = Street(*[device(f"bay-{unit}", unit, poll_s=0.2) for unit in range(1, 33)], costs=lambda _: (0.09, OK))
    street.play(130.0)
    (job,) = polls(device("b", 99))
    for ticket in range(20):
        asked = street.now + 0.013 * ticket
        street.play(asked)
        street.plan.feed(Asked(ticket, job), asked)
        street.play(asked + 2.0)
        (begun,) = [at for at, _, of in street.turns if of == ticket]
        assert begun - asked <= 0.09 + 1e-9


def test_more_jobs_than_there_is_room_for_are_not_kept() -> None:
    plan = Plan(())
    (job,) = polls(device())
    for ticket in range(MOST_JOBS + 5):
        assert plan.full == (ticket >= MOST_JOBS)
        plan.feed(Asked(ticket, job), 0.0)
    assert len(plan._jobs) == MOST_JOBS


def test_a_withdrawn_job_is_not_done() -> None:
    street = Street()
    (job,) = polls(device())
    street.plan.feed(Asked(1, job), street.now)
    street.plan.feed(Withdrawn(1), street.now)
    street.play(110.0)
    assert street.turns == []


def test_a_question_that_may_be_answered_late_holds_back_its_own_shape_only() -> None:
    doubt = Doubt(Shape(1, Function.READ_HOLDING_REGISTERS, 1), 1.0)
    ends = {"a": Ended(Outcome.SILENT, (doubt,))}
    street = Street(device("a", 1), device("b", 2), costs=lambda name: (0.3, ends.pop(name, OK)))
    street.play(101.0)
    assert street.times("b") == [100.5]
    street.play(102.0)
    assert street.times("a")[:2] == [100.0, pytest.approx(101.3)]


def test_a_job_of_a_doubtful_shape_waits_too() -> None:
    doubt = Doubt(Shape(1, Function.READ_HOLDING_REGISTERS, 1), 1.0)
    street = Street(device("a", 1, poll_s=10.0), costs=lambda _: (0.3, Ended(Outcome.SILENT, (doubt,))))
    street.play(100.3)
    (job,) = polls(device("a", 1))
    street.plan.feed(Asked(1, job), street.now)
    street.play(105.0)
    assert [(at, ticket) for at, _, ticket in street.turns] == [(100.0, None), (pytest.approx(101.3), 1)]


def test_a_good_job_wakes_a_silent_unit_at_once() -> None:
    ends = {"a": NO}
    street = Street(device("a"), costs=lambda name: (0.01, ends[name]))
    street.play(180.0)
    ends["a"] = OK
    (job,) = polls(device("a"))
    street.plan.feed(Asked(1, job), street.now)
    street.play(181.5)
    assert street.plan.state_of("a") is State.HEALTHY


def test_a_job_that_fails_does_not_count_against_the_unit() -> None:
    street = Street(device("a", poll_s=600.0), costs=lambda _: (0.01, OK))
    street.play(100.5)
    street.costs = lambda _: (3.0, NO)
    (job,) = polls(device("a"))
    for ticket in range(5):
        street.plan.feed(Asked(ticket, job), street.now)
        street.play(street.now + 10)
    assert street.plan.state_of("a") is State.HEALTHY
    assert street.told == []


def test_a_link_that_was_lost_ends_the_turn_and_drops_the_jobs() -> None:
    plan = Plan(polls(device()))
    plan.feed(LinkOpened(), 0.0)
    plan.tick(0.0)
    (job,) = polls(device())
    plan.feed(Asked(1, job), 0.0)
    plan.feed(LinkLost(), 1.0)
    plan.feed(LinkOpened(), 2.0)
    (turn,) = plan.tick(2.0)
    assert isinstance(turn, Turn)
    assert turn.ticket is None


@given(st.lists(st.tuples(st.floats(0.001, 0.6), st.sampled_from([Outcome.ANSWERED, Outcome.SILENT, Outcome.CORRUPT])), max_size=60))
def test_whatever_happens_every_poll_is_made_again(exchanges: list[tuple[float, Outcome]]) -> None:
    script = iter(exchanges)

    def costs(_: str) -> tuple[float, Ended]:
        cost, outcome = next(script, (0.01, Outcome.ANSWERED))
        return cost, Ended(outcome)

    street = Street(*[device(f"bay-{number}", number) for number in range(1, 5)], costs=costs)
    # Silent units are found again when the longest interval has passed, and when the line has earned what their probes cost.
    spent_s = sum(cost for cost, _ in exchanges)
    street.play(100.0 + spent_s + spent_s / PROBE_SHARE + 130.0)
    for number in range(1, 5):
        assert street.now - street.times(f"bay-{number}")[-1] <= 1.5
        assert street.plan.state_of(f"bay-{number}") is State.HEALTHY


def test_buses_that_share_a_grid_wake_together_whenever_their_links_came_up() -> None:
    times = []
    for opened in (100.001, 107.033):
        plan = Plan(polls(*(device(f"u{unit}", unit) for unit in range(1, 11))), 0.05)
        plan.feed(LinkOpened(), opened)
        due = set()
        now = opened
        while now < 110.0:
            now = plan.deadline() or now
            assert plan.tick(now)
            due.add(round(now % 1.0, 6))
            plan.feed(OK, now + 0.001)
        times.append(due)
    assert times[0] == times[1]
    assert len(times[0]) == 10


def test_a_unit_that_floods_is_asked_so_much_more_rarely_and_its_neighbours_are_not() -> None:
    street = Street(*[device(f"bay-{unit}", unit) for unit in range(1, 5)])
    street.play(110.0)
    street.plan.feed(Babbled(2, 1.0), 110.0)
    street.play(200.0)
    (held,) = [after - before for before, after in pairwise(street.times("bay-2")) if after - before > 1.5]
    assert held == pytest.approx(1.0 / PROBE_SHARE, abs=1.1)
    for name in ("bay-1", "bay-3", "bay-4"):
        assert max(after - before for before, after in pairwise(street.times(name))) <= 1.1


def test_however_much_a_unit_floods_it_is_asked_again_within_a_minute() -> None:
    street = Street(*[device(f"bay-{unit}", unit) for unit in range(1, 3)])
    street.play(110.0)
    for second in range(20):
        street.plan.feed(Babbled(2, 1.0), 110.0 + second)
    street.play(200.0)
    assert max(after - before for before, after in pairwise(street.times("bay-2"))) <= 60.0 + 20.0 + 1.1
