"""What the daemon answers on its local socket: a read of one device, its readings as a trace, a bus's bytes, the backlog, its state."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from json import dumps
from typing import TYPE_CHECKING

from drivers.errors import WireError
from gateway.capturing import captured
from gateway.clock import rfc3339
from gateway.journal.trouble import JournalTrouble
from gateway.local_socket import Answer, Request, Verb
from gateway.status import LOCAL_PARTS
from gateway.trace import header_line, reading_line

if TYPE_CHECKING:
    from gateway.supervisor import Gateway

_PAGE_EVENTS = 200


class Requests:
    """Bound to one running gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def answer(self, request: Request) -> Answer:
        try:
            return await self._answer(request)
        except JournalTrouble as trouble:
            return Answer(ok=False, sentence=trouble.sentence, values=trouble.values)

    async def _answer(self, request: Request) -> Answer:
        match request.verb:
            case Verb.READ:
                return await self._read(request.device or "")
            case Verb.BACKLOG:
                return Answer(ok=True, lines=(dumps(asdict(await self._gateway.journal.backlog())),))
            case Verb.EXPORT:
                rows = await self._gateway.journal.after(request.after, _PAGE_EVENTS, hold=False)
                return Answer(ok=True, lines=tuple(row.body for row in rows))
            case Verb.VERIFY:
                faults = await self._gateway.journal.verify()
                return Answer(ok=True, lines=tuple(dumps(asdict(fault)) for fault in faults))
            case Verb.STATUS:
                shown = self._gateway.snapshot(local=True)
                return Answer(ok=True, lines=tuple(shown.body(part) for part in LOCAL_PARTS))
            case Verb.READINGS | Verb.CAPTURE:
                raise AssertionError("readings and captures are streamed")

    async def _read(self, name: str) -> Answer:
        bus = next((device.bus for device in self._gateway.site.devices if device.name == name), None)
        if bus is None:
            known = ", ".join(device.name for device in self._gateway.site.devices)
            return Answer(ok=False, sentence="socket.no_device", values={"device": name, "known": known})
        try:
            reading = await self._gateway.buses[bus].read_once(name)
        except WireError as error:
            return Answer(ok=False, sentence=error.sentence, values={key: str(value) for key, value in error.values.items()})
        return Answer(ok=True, lines=(reading_line(reading),))

    async def stream(self, request: Request) -> AsyncGenerator[str, None]:
        async with aclosing(self.capture(request.bus or "") if request.verb is Verb.CAPTURE else self.trace()) as lines:
            async for line in lines:
                yield line

    async def capture(self, name: str) -> AsyncGenerator[str, None]:
        """What is kept of a bus and what comes. Ends at once where the daemon has no such bus."""
        bus = self._gateway.buses.get(name)
        if bus is not None:
            clock = self._gateway.clock
            async with aclosing(captured(bus, rfc3339(clock.wall()), clock.monotonic())) as lines:
                async for line in lines:
                    yield line

    async def trace(self) -> AsyncGenerator[str, None]:
        """A trace of all readings from now on; t = 0 is the daemon's monotonic zero."""
        clock = self._gateway.clock
        yield header_line(clock.wall() - clock.monotonic())
        async for reading in self._gateway.pipeline.readings():
            yield reading_line(reading)
