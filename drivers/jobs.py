"""Who waits for which job of a technician."""

import asyncio
from itertools import count

from drivers.errors import WireError
from drivers.reading import Reading


class Jobs:
    def __init__(self) -> None:
        self._tickets = count(1)
        self._waiting: dict[int, asyncio.Future[Reading]] = {}

    def add(self) -> tuple[int, asyncio.Future[Reading]]:
        ticket = next(self._tickets)
        future: asyncio.Future[Reading] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = future
        future.add_done_callback(lambda _: self._waiting.pop(ticket, None))
        return ticket, future

    def read(self, ticket: int, reading: Reading) -> None:
        future = self._waiting.get(ticket)
        if future is not None and not future.done():
            future.set_result(reading)

    def fail(self, ticket: int, error: WireError) -> None:
        future = self._waiting.get(ticket)
        if future is not None and not future.done():
            future.set_exception(error)

    def fail_all(self, error: WireError) -> None:
        for ticket in tuple(self._waiting):
            self.fail(ticket, error)
