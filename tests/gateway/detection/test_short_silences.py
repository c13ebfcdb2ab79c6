"""A bay that is read each second and falls silent for less than a minute, for a packet or two were lost."""

import pytest

from config.site import BayDetection
from gateway.detection.bay import BayMachine
from gateway.detection.change import BayChange, Kind, Reason
from tests.gateway.detection.test_sparse import heard
from tests.gateway.field import Stay, field_readings

TOLD = [Kind.COMMS_LOST, Kind.COMMS_RESTORED, Kind.PARK_START]
SILENT_FROM_S = 602.5


def told(stays: tuple[Stay, ...], silent_s: float) -> list[BayChange]:
    machine = BayMachine("b", BayDetection(), now=0.0, interval_s=1.0)
    return heard(machine, (each for each in field_readings(stays, 900.0) if not SILENT_FROM_S < each.t < SILENT_FROM_S + silent_s))


@pytest.mark.parametrize(("silent_s", "onset_s"), [(40.0, 600.0), (150.0, 753.0)], ids=["some lost packets", "longer than any manoeuvre"])
def test_a_vehicle_that_was_seen_to_come_as_the_silence_began_came_then(silent_s: float, onset_s: float) -> None:
    """It was told from the end of the silence on, half a minute late."""
    changes = told((Stay(600.0, 2000.0),), silent_s)
    assert [change.kind for change in changes] == TOLD
    assert changes[-1].onset_s == pytest.approx(onset_s, abs=2.5)
    assert changes[-1].reason is Reason.RECOVERED


def test_a_vehicle_of_which_nothing_was_seen_before_it_came_before_it_is_seen() -> None:
    changes = told((Stay(610.0, 2000.0),), 40.0)
    assert [change.kind for change in changes] == TOLD
    assert changes[-1].onset_s == changes[-1].latest_s == pytest.approx(643.0, abs=1.0)


def test_what_passed_as_the_silence_began_has_not_come() -> None:
    changes = told((Stay(600.0, 602.0, into_s=1.0, out_s=1.0), Stay(680.0, 2000.0)), 40.0)
    assert [change.kind for change in changes] == TOLD
    assert changes[-1].onset_s == pytest.approx(680.0, abs=2.5)
