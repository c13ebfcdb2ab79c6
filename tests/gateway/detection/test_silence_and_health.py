"""When a device is silent, and how its fault is told."""

from drivers.reading import Quality, Reading
from gateway.detection.change import Kind
from gateway.detection.health import HealthMachine
from gateway.detection.silence import Silence


def good(t: float) -> Reading:
    return Reading(device="d", t=t, level=1.0)


def test_the_limit_is_four_periods_where_those_are_longer() -> None:
    quick, slow = Silence(30.0, 1.0, 0.0), Silence(30.0, 60.0, 0.0)
    for silence in (quick, slow):
        silence.feed(good(10.0), 10.0)
    assert (quick.deadline(), slow.deadline()) == (40.0, 250.0)


def test_an_unknown_interval_is_learned_before_anything_is_called_silent() -> None:
    silence = Silence(30.0, None, 0.0)
    assert silence.deadline() is None
    for n in range(7):
        assert silence.deadline() is None
        silence.feed(good(n * 600.0), n * 600.0)
    assert silence.deadline() == 3600.0 + 2400.0


def test_a_device_is_overdue_at_its_deadline_whenever_that_is() -> None:
    """30 s later is not always quite 30 s later, in floats: what drives a detector by its deadlines came to no end."""
    for last in (5.501, 6.501, 7.601999999999999, 86406.51):
        silence = Silence(30.0, 1.0, 0.0)
        silence.feed(good(last), last)
        due = silence.deadline()
        assert due is not None
        assert silence.overdue(due)


def test_a_burst_on_change_does_not_shorten_the_learned_interval() -> None:
    silence = Silence(30.0, None, 0.0)
    for n in range(4):
        silence.feed(good(n * 600.0), n * 600.0)
    for n in range(60):
        silence.feed(good(1801.0 + n), 1801.0 + n)
    assert not silence.overdue(1860.0 + 1200.0)


def test_a_device_that_is_told_silent_is_overdue_sooner_than_its_interval_says() -> None:
    silence = Silence(30.0, 600.0, 0.0)
    silence.feed(good(10.0), 10.0)
    silence.feed(Reading(device="d", t=20.0, silent=True, cause="no_answer"), 20.0)
    assert silence.deadline() == 50.0
    assert silence.cause == "no_answer"


def test_a_fault_is_told_once_and_its_recovery_once() -> None:
    machine = HealthMachine("d", Silence(30.0, 1.0, 0.0))
    changes = machine.feed(good(1.0), 1.0)
    for t in range(2, 100):
        changes += machine.feed(Reading(device="d", t=float(t), silent=True, cause="no_answer"), float(t))
    for t in range(100, 110):
        changes += machine.feed(good(float(t)), float(t))
    assert [(change.kind, change.cause, change.onset_s) for change in changes] == [
        (Kind.DEVICE_FAULT, "no_answer", 1.0),
        (Kind.DEVICE_RECOVERED, "no_answer", 101.0),
    ]


def test_readings_that_must_not_be_believed_are_a_fault_too() -> None:
    machine = HealthMachine("d", Silence(30.0, 1.0, 0.0))
    machine.feed(good(1.0), 1.0)
    changes = [
        change
        for t in range(2, 60)
        for change in machine.feed(Reading(device="d", t=float(t), quality=Quality.BAD, cause="refused_2"), float(t))
    ]
    assert [(change.kind, change.cause) for change in changes] == [(Kind.DEVICE_FAULT, "refused_2")]


def test_a_fault_from_before_a_restart_still_recovers() -> None:
    machine = HealthMachine("d", Silence(30.0, 1.0, 0.0))
    machine.restore("no_answer")
    changes = machine.feed(good(1.0), 1.0) + machine.feed(good(2.0), 2.0)
    assert [change.kind for change in changes] == [Kind.DEVICE_RECOVERED]
