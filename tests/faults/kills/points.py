"""The points between two side effects at which the daemon is killed, by what people call them.

Each is one kind of call, before or after; which of several such calls it is, is drawn. Some are only passed when the daemon stops
in order, or when it finds a damaged journal: it is then told to stop, or its journal damaged, first.
"""

from dataclasses import dataclass
from enum import Enum

from tests.faults.shim import SYNCS, WRITES, Call


class Needs(Enum):
    NOTHING = "nothing"
    STOP = "a stop in order"
    DAMAGE = "a damaged journal"
    NO_JOURNAL = "no journal"


@dataclass(frozen=True, slots=True)
class Point:
    name: str
    kinds: Call
    after: bool
    most: int
    """The n-th such call, n up to this."""
    needs: Needs = Needs.NOTHING


POINTS = (
    Point("before a write to the log", Call.WRITE_LOG, after=False, most=8),
    Point("after a write to the log", Call.WRITE_LOG, after=True, most=8),
    Point("before the sync of a commit", Call.SYNC_LOG, after=False, most=4),
    Point("committed, nobody told", Call.SYNC_LOG, after=True, most=4),
    Point("before CONNECT", Call.SEND_CONNECT, after=False, most=1),
    Point("CONNECT sent, no CONNACK", Call.SEND_CONNECT, after=True, most=1),
    Point("CONNACK read", Call.RECEIVE_CONNACK, after=True, most=1),
    Point("before PUBLISH", Call.SEND_PUBLISH, after=False, most=10),
    Point("PUBLISH sent, no PUBACK", Call.SEND_PUBLISH, after=True, most=10),
    Point("PUBACK read, cursor not moved", Call.RECEIVE_PUBACK, after=True, most=10),
    Point("platform's word read, cursor not kept", Call.RECEIVE_PUBLISH, after=True, most=3),
    Point("stopping: before a write to the file", Call.WRITE_FILE, after=False, most=4, needs=Needs.STOP),
    Point("stopping: before a sync", SYNCS, after=False, most=5, needs=Needs.STOP),
    Point("stopping: after a sync", SYNCS, after=True, most=5, needs=Needs.STOP),
    Point("stopping: before the log goes", Call.UNLINK, after=False, most=1, needs=Needs.STOP),
    Point("stopping: the log is gone", Call.UNLINK, after=True, most=1, needs=Needs.STOP),
    Point("first start: before a write", WRITES, after=False, most=12, needs=Needs.NO_JOURNAL),
    Point("first start: before a sync", SYNCS, after=False, most=4, needs=Needs.NO_JOURNAL),
    Point("setting aside: before a write", WRITES, after=False, most=12, needs=Needs.DAMAGE),
    Point("setting aside: before a rename", Call.RENAME, after=False, most=2, needs=Needs.DAMAGE),
    Point("setting aside: after a rename", Call.RENAME, after=True, most=2, needs=Needs.DAMAGE),
)
RANDOM = "a random moment"
