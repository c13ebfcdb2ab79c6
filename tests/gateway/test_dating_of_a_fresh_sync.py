"""The moment at which a clock becomes right, and events that were minted before it: found by the simulation, seed 152."""

from gateway.clock import Stamp, TimeQuality
from gateway.dating import Dating
from gateway.journal.row import Anchor, Row

BOOT = "0f0e0d0c-0000-0000-0000-000000000000"
SECOND = 1_000_000_000
RIGHT_NS = 1_777_593_600 * SECOND


def test_an_event_without_a_date_waits_until_the_anchor_of_a_fresh_sync_is_kept() -> None:
    minted = Stamp(BOOT, 80 * SECOND, 80 * SECOND, TimeQuality.UNSYNCED)
    synced = Stamp(BOOT, 150 * SECOND, RIGHT_NS, TimeQuality.SYNCED)
    dating = Dating([], lambda: synced)
    row = Row(1, "bay", "bay/b1", "{}", minted)
    assert dating.held(row, synced), "it would be sent with the year 1970 now, and its id never again be looked at"
    dating.learn([Anchor(BOOT, synced.boot_ns, RIGHT_NS, trusted=True)])
    assert not dating.held(row, synced)
