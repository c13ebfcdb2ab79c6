"""What outlives the connections of one uplink: counts, and which questions to the broker are open."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    published: int = 0
    """PUBACKs of events."""
    unheard: int = 0
    """Messages that the broker took although nobody has subscribed to them."""
    calls: int = 0
    """Questions to the broker that are open."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at each release; whoever waits for one clears it first."""

    leaving: bool = False
    """The uplink was told to end. `Task.cancelling()` does not say so: a task group that ends with its connection may leave it counted."""

    def go_on(self) -> None:
        """Raises CancelledError once we are leaving: where a cancellation may have been lost, and where both happened at once."""
        if self.leaving:
            raise asyncio.CancelledError

    @contextmanager
    def asking(self) -> Iterator[None]:
        self.calls += 1
        try:
            yield
        finally:
            self.calls -= 1
