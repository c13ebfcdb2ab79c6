"""From an opened link to the fault that ends it.

What the event loop calls is called in here: a mistake of ours must end the session, for else it would only be logged by the loop, and the
line stand still.
"""

import asyncio
from collections.abc import Callable


class Session:
    def __init__(self) -> None:
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def guarded(self, call: Callable[..., None], *arguments: object) -> None:
        if self._over.done():
            return
        try:
            call(*arguments)
        except Exception as error:  # Whatever it is: in a callback of the loop it would only be logged.
            self.end(error)

    def end(self, fault: Exception) -> None:
        """The first one counts."""
        if not self._over.done():
            self._over.set_exception(fault)

    async def ended(self) -> None:
        """Raises what ended it."""
        await self._over
