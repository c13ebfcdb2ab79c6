"""What a bus would hear of a link, kept until a test asks for it."""

import asyncio

from drivers.errors import LinkDown


class Ear:
    def __init__(self) -> None:
        self.came = bytearray()
        self.pieces = 0
        self.faults: list[LinkDown] = []
        self._news = asyncio.Event()

    def received(self, data: bytes) -> None:
        assert data, "nothing is no news"
        self.came += data
        self.pieces += 1
        self._news.set()

    def lost(self, fault: LinkDown) -> None:
        self.faults.append(fault)
        self._news.set()

    async def soon(self) -> bytes:
        """What has come; after that the fault, if there is one."""
        async with asyncio.timeout(5):
            while not self.came:
                if self.faults:
                    raise self.faults[0]
                self._news.clear()
                await self._news.wait()
        taken = bytes(self.came)
        self.came.clear()
        return taken
