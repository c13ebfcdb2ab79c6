"""What a bad line does to bytes: from a seeded generator, so that the same traffic is damaged the same way again."""

from collections.abc import Sequence
from random import Random

from simulators.faults import Cut, Fault, Noise

_MOST_JUNK = 4


class Damage:
    """Of one line."""

    def __init__(self, faults: Sequence[Fault], random: Random) -> None:
        self._cuts = tuple(fault for fault in faults if isinstance(fault, Cut))
        self._noises = tuple(fault for fault in faults if isinstance(fault, Noise))
        self._random = random

    def pass_on(self, data: bytes, t: float) -> bytes:
        """What arrives of what was sent."""
        for cut in self._cuts:
            if cut.at(t):
                return b""
        for noise in self._noises:
            if noise.at(t):
                data = self._noisy(data, noise)
        return data

    def collide(self, data: bytes) -> bytes:
        """Two spoke at once: what arrives looks like neither."""
        return bytes(byte & self._random.getrandbits(8) for byte in data)

    def _noisy(self, data: bytes, noise: Noise) -> bytes:
        random = self._random
        arrived = bytearray()
        if noise.junk and random.random() < noise.junk:
            arrived += self._junk()
        for byte in data:
            if noise.lost_bytes and random.random() < noise.lost_bytes:
                continue
            flipped = noise.flipped_bits and random.random() < noise.flipped_bits
            arrived.append(byte ^ (1 << random.randrange(8)) if flipped else byte)
        if noise.junk and random.random() < noise.junk:
            arrived += self._junk()
        return bytes(arrived)

    def _junk(self) -> bytes:
        """Mostly what a floating pair gives: zeros and ones."""
        random = self._random
        return bytes(random.choice((0x00, 0xFF, random.getrandbits(8))) for _ in range(random.randint(1, _MOST_JUNK)))
