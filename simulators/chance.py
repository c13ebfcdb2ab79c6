"""Chance without memory: a number that depends on a key and a count, and on nothing else.

Noise must be the same for everybody who asks for the same moment, also for a process that was started in the middle; a seeded
generator that is drawn from would depend on how often it was asked.

    splitmix64 (Steele, Lea, Flood 2014) of key + count * golden ratio

A count may be an array of them (uint64, which wraps by itself): the numbers are the same.
"""

from hashlib import blake2b
from typing import Any, overload

from simulators.quantity import Counts, Floats

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_GOLDEN = 0x9E37_79B9_7F4A_7C15
_TO_UNIT = 1.0 / 2**64
_GAUSS_SCALE = 3**0.5 / 65536
"""The sum of four numbers from 0 to 65535 has a standard deviation of 65536 / sqrt(3)."""
_GAUSS_MEAN = 4 * 65535 / 2


def key_of(*words: object) -> int:
    """64 bits that stand for these words, the same in every process."""
    return int.from_bytes(blake2b("/".join(map(str, words)).encode(), digest_size=8).digest(), "big")


@overload
def bits(key: int, count: int) -> int: ...
@overload
def bits(key: int, count: Counts) -> Counts: ...
def bits(key: int, count: Any) -> Any:
    """64 bits."""
    x = (key + count * _GOLDEN) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return x ^ (x >> 31)


@overload
def unit(key: int, count: int) -> float: ...
@overload
def unit(key: int, count: Counts) -> Floats: ...
def unit(key: int, count: Any) -> Any:
    """Even between 0 and 1."""
    return bits(key, count) * _TO_UNIT


@overload
def gauss(key: int, count: int) -> float: ...
@overload
def gauss(key: int, count: Counts) -> Floats: ...
def gauss(key: int, count: Any) -> Any:
    """Nearly normal, mean 0, deviation 1, never beyond 3.5: the sum of four even numbers."""
    x = bits(key, count)
    total = (x & 0xFFFF) + ((x >> 16) & 0xFFFF) + ((x >> 32) & 0xFFFF) + (x >> 48)
    return (total - _GAUSS_MEAN) * _GAUSS_SCALE
