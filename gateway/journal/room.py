"""Room within the file's cap: what is released gives way, the oldest first."""

import sqlite3
from collections.abc import Sequence

from gateway.journal import rows, schema
from gateway.journal.tail import Tail

_REMOVED_AT_ONCE = 64
_HEADROOM_PAGES = 16


def make_room(connection: sqlite3.Connection, tail: Tail, uplinks: Sequence[str], coming_bytes: int) -> bool:
    """Remove the oldest released rows until what comes will fit. True when it is still tight."""
    limit = schema.read_pragma(connection, "max_page_count")
    headroom = max(_HEADROOM_PAGES, limit // 16) + 2 * coming_bytes // schema.PAGE_BYTES
    released = tail.released(uplinks)
    while _pages_used(connection) > limit - headroom:
        oldest = rows.oldest_sequence(connection)
        # The newest row always stays: next sequence and chain are read off it.
        upto = min(released, tail.next_sequence - 2, (oldest or 0) + _REMOVED_AT_ONCE - 1)
        if oldest is None or oldest > upto:
            return True
        if upto >= tail.counters.next_sequence:
            tail.fold(connection, uplinks=uplinks)
        connection.execute("DELETE FROM event WHERE sequence <= ?", (upto,))
    return False


def _pages_used(connection: sqlite3.Connection) -> int:
    return schema.read_pragma(connection, "page_count") - schema.read_pragma(connection, "freelist_count")
