"""Deying M76R/M77R: a receiver with wireless geomagnetic detectors, one host id with detectors 01 to 99. ASCII.

    poll     #HHH,*$DD              the detector DD of host HHH
             #HHH,*                 the receiver's first detector (an M77R has but one)
    answer   $HHH,CC,DD,S,B,TTT,LLL*KK CR LF
             S 1 vehicle, 0 none, 2 failed; B battery 0 to 9; TTT threshold; LLL delay in 10 ms
             KK two hexadecimal digits: one's complement of the sum of the bytes between $ and *

Source: Deying M77R, M77V and M76R/M79 product texts. They speak of the plain sum, but their own example fits the complement only;
`plain_sum` makes a receiver that does as the text says. A poll may end with CR or LF; it need not.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from simulators.devices.frame import Asked

DETECTORS = 99
HOSTS = 999
_POLL = re.compile(rb"#(\d{3}),\*(\$(\d{2}))?[\r\n]*")
_LONGEST = 16
_BELOW = re.compile(rb"#[0-9,*$]*\Z")


class State(StrEnum):
    VACANT = "0"
    VEHICLE = "1"
    FAILED = "2"


@dataclass(frozen=True, slots=True)
class Detector:
    """`state` at a time."""

    state: Callable[[float], State]
    battery: int = 7
    threshold: int = 60
    delay: int = 10


def cut(heard: bytes) -> tuple[list[Asked], bytes]:
    asked: list[Asked] = []
    end = 0
    for poll in _POLL.finditer(heard):
        asked.append(Asked(int(poll[1]), poll[3] or b""))
        end = poll.end()
    begun = _BELOW.search(heard, end)
    return asked, heard[begun.start() :][-_LONGEST:] if begun else b""


class M77:
    answer_s = 0.020

    def __init__(self, host: int, detectors: Mapping[int, Detector], *, channel: int = 2, plain_sum: bool = False) -> None:
        self._host = host
        self._detectors = detectors
        self._channel = channel
        self._plain_sum = plain_sum

    def answer(self, request: bytes, t: float) -> bytes:
        number = int(request) if request else min(self._detectors)
        detector = self._detectors.get(number)
        if detector is None:
            return b""
        fields = f"{self._host:03d},{self._channel:02d},{number:02d},{detector.state(t)},{detector.battery}"
        fields += f",{detector.threshold:03d},{detector.delay:03d}"
        total = sum(fields.encode())
        check = (total if self._plain_sum else ~total) & 0xFF
        return f"${fields}*{check:02X}\r\n".encode()
