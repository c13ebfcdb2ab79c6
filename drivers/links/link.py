"""What a bus needs of a link: open, write, hear what comes, close. A link knows nothing of frames.

    bus ──open, write, expect, close──▶ link ──received, lost──▶ listener

Every failure is LinkDown; a link that is down stays down until it is opened again. Callbacks come from the event loop, never
from within a call of the bus. What was received is handed on at once: a link keeps nothing, so that nothing can grow in it.
"""

from collections.abc import Callable
from typing import Protocol

from drivers.errors import LinkDown


class Listener(Protocol):
    """The bus's ear."""

    def received(self, data: bytes) -> None:
        """At least one byte has come."""

    def lost(self, fault: LinkDown) -> None:
        """The link is down. Said once, and not after `close`."""


class Alarm(Protocol):
    def cancel(self) -> None: ...


class Link(Protocol):
    """One end of one wire. Not to be shared: its bus is its only owner."""

    async def open(self, listener: Listener) -> None:
        """Open or reopen the wire. Raises LinkDown."""

    def write(self, data: bytes) -> None:
        """Hand bytes to the wire. Raises LinkDown."""

    def expect(self, octets: int) -> None:
        """A hint: fewer bytes than these are no news yet. 1 means: tell me of every byte. May be ignored."""

    def take(self) -> bytes:
        """What has come and was not handed on, for it was less than expected, or the loop had no turn yet. Never waits."""

    def alarm(self, at: float, call: Callable[[], None]) -> Alarm:
        """Calls back at a time of the loop's clock, as precisely as this wire needs: a silence on a pair is a matter of µs.

        What is written from within the call leaves at that time, and not before.
        """

    def close(self) -> None:
        """Close the wire; closing twice is no mistake."""
