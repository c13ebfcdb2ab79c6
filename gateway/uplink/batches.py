"""Which events make up the next message. Pure.

Events of one class that follow each other in the log, so many and so large as one message may be: messages leave in the order of
the log, and so do the events in them. Two classes have two topics, so a change of class begins the next message.
"""

from collections import deque
from collections.abc import Container

from gateway.journal.row import Row

BYTES_MAX = 64 * 1024
"""What every broker of the field takes as one message."""
BATCH_BYTES_MAX = 32 * 1024
"""A batch is closed at this size: on a weak line, what is larger is lost as a whole more often."""


def size_of(row: Row) -> int:
    """Bytes of its body, and of the comma behind it."""
    return (len(row.body) if row.body.isascii() else len(row.body.encode())) + 1


def cut(waiting: deque[Row], most: int, most_bytes: int, alone: Container[int]) -> int:
    """How many of those that wait make up the next message: at least one. Those of `alone` (sequences) share it with nobody."""
    first = waiting[0]
    if first.sequence in alone:
        return 1
    count, size, event_class = 0, 1, first.event_class
    for row in waiting:
        size += size_of(row)
        if count and (size > most_bytes or row.event_class != event_class or row.sequence in alone):
            break
        count += 1
        if count == most:
            break
    return count
