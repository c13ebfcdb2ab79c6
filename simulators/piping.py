"""Two TCP connections joined: what comes in on one goes out on the other, at once or held back. Order is kept.

What is held back is bounded: beyond that the sender is made to wait, as TCP does. An end of stream is held back like bytes.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import cast

_MOST_HELD = 256 * 1024


class Pair:
    """`holds_s` says how long what comes now is held back, None for: until `go_on` is called and it says otherwise."""

    def __init__(
        self, target: tuple[str, int], holds_s: Callable[[], float | None], ended: Callable[["Pair"], None], *, welcome: bool
    ) -> None:
        self.near = End(self)
        self.far = End(self)
        self.near.other, self.far.other = self.far, self.near
        self.holds_s = holds_s
        self._target = target
        self._ended = ended
        self._welcome = welcome
        self._connecting: asyncio.Task[None] | None = None

    def made(self, end: "End") -> None:
        """Who comes in is connected through; until then nothing is read."""
        if end is not self.near:
            return
        if not self._welcome:
            self.abort()
            return
        self.near.pause()
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self.far, *self._target)
        except OSError:
            self.abort()
        else:
            self.near.flush()

    def go_on(self) -> None:
        self.near.flush()
        self.far.flush()

    def abort(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        for end in (self.near, self.far):
            if end.transport is not None:
                end.transport.abort()
        self._ended(self)

    def lost(self) -> None:
        if self.near.closed and (self.far.closed or self.far.transport is None):
            self._ended(self)


class End(asyncio.Protocol):
    """One of the two connections, and what it has received and not yet handed on."""

    other: "End"

    def __init__(self, pair: Pair) -> None:
        self.transport: asyncio.Transport | None = None
        self.closed = False
        self._pair = pair
        self._held: deque[tuple[float | None, bytes]] = deque()
        self._held_bytes = 0
        self.stuffed = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self.transport = cast("asyncio.Transport", transport)
        self._pair.made(self)

    def data_received(self, data: bytes) -> None:
        self._hold(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.closed = True
        self._hold(b"")
        self._pair.lost()

    def pause_writing(self) -> None:
        self.stuffed = True
        self.other.pause()

    def resume_writing(self) -> None:
        self.stuffed = False
        self.other.go_on()

    def pause(self) -> None:
        if self.transport is not None:
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Read on, unless too much is held or the other end takes no more."""
        if self.transport is not None and not self.closed and self._held_bytes < _MOST_HELD and not self.other.stuffed:
            self.transport.resume_reading()

    def _hold(self, data: bytes) -> None:
        holds_s = self._pair.holds_s()
        due = None if holds_s is None else asyncio.get_running_loop().time() + holds_s
        self._held.append((due, data))
        self._held_bytes += len(data)
        if self._held_bytes >= _MOST_HELD:
            self.pause()
        self.flush()

    def flush(self) -> None:
        """Hand on what is due. No data is an end of the stream."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        stalled = self._pair.holds_s() is None
        loop = asyncio.get_running_loop()
        while self._held and not stalled:
            if self.other.transport is None:
                # Not connected through yet. Python 3.11.2 reads on although it was told to pause in connection_made.
                break
            due, data = self._held[0]
            if due is not None and due > loop.time():
                self._timer = loop.call_at(due, self.flush)
                break
            self._held.popleft()
            self._held_bytes -= len(data)
            target = self.other.transport
            if target is None or target.is_closing():
                continue
            if data:
                target.write(data)
            else:
                target.close()
        self.go_on()
