"""The kill loop's short form: the daemon killed at every named point at least once."""

from tests.faults.kills.__main__ import run
from tests.faults.kills.points import POINTS, RANDOM


def test_the_daemon_killed_at_every_named_point_loses_doubles_and_reorders_nothing() -> None:
    total = run(kills=44, seed=1, jobs=2)
    print(total.text())
    assert not total.findings, total.text()
    assert not [point.name for point in POINTS if not total.hits[point.name]]
    assert total.hits[RANDOM]
    assert total.events > 15
