"""A mistake in what the event loop calls ends the session, and the bus opens its line no more: it does not stand still unseen."""

import asyncio

import pytest

from drivers.errors import LinkDown
from drivers.reading import Reading
from drivers.session import Session
from tests.drivers.rig import Rig, rtu_device
from tests.drivers.things import SERIAL, device


async def test_the_first_thing_that_goes_wrong_ends_it_and_nothing_is_called_any_more() -> None:
    session = Session()
    called: list[int] = []
    session.guarded(called.append, 1)
    session.guarded(called.remove, 7)
    session.end(LinkDown())
    session.guarded(called.append, 2)
    with pytest.raises(ValueError, match="not in list"):
        await session.ended()
    assert called == [1]


@pytest.mark.looptime
async def test_a_bus_whose_readings_nobody_can_take_ends_with_that_error() -> None:
    rig = Rig(SERIAL, [device()], rtu_device(lambda *_: 1))

    def emit(reading: Reading) -> None:
        raise ZeroDivisionError(reading.device)

    rig.bus._follow_up._emit = emit
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(60.0):
            await rig.bus.run()
