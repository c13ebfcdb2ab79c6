"""What a KiB of junk costs until the exchange is given up, by the size of the pieces in which it comes; beside pymodbus' framer.

    python -m tests.benchmarks.junk [--kib 8]

A read of ten registers is asked, and 512 octets of junk come instead of its answer, again and again. Ours is driven as an exchange
drives it: each piece is fed, at the end it is asked whether enough has come, and for its verdict. pymodbus' is driven as its
asyncio client drives it, which stops at the first exception; the rest of the junk is then not given to it. `calls` is the same loop
with a function that does nothing: what CPython itself takes for so many calls. The framing of UHFReader18 is driven in the same
way; pymodbus does not know it. Milliseconds of CPU a KiB, the best of ten.
"""

import argparse
import logging
import time
from collections.abc import Callable, Iterator
from random import Random

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

from config.profile import Table
from drivers.frames.uhfreader18 import UhfReader18Question
from drivers.frames.uhfreader18_framing import UhfReader18Framing
from drivers.framing import Framing
from drivers.modbus.pdu import read
from drivers.modbus.rtu import MAX_HEARD, RtuFraming
from drivers.question import Question

QUESTION = read(1, Table.HOLDING, 100, 10)
SIZES = (1, 2, 4, 16, 64, 512)
JUNK: dict[str, Callable[[int], bytes]] = {
    "random": lambda octets: Random(1).randbytes(octets),
    "stuck 0xFF": lambda octets: b"\xff" * octets,
    "zeros": bytes,
    "heads of answers": lambda octets: (bytes([1, 3, 20]) * octets)[:octets],
    "heads of refusals": lambda octets: (b"\x01\x83" * octets)[:octets],
}


SCANS: dict[str, Callable[[int], bytes]] = {
    "random": JUNK["random"],
    "heads of long answers": lambda octets: (bytes([250, 1, 1]) * octets)[:octets],
    "heads of short answers": lambda octets: (bytes([20, 1, 1]) * octets)[:octets],
}


def ours(exchanges: list[list[bytes]]) -> None:
    _driven(RtuFraming(), QUESTION, exchanges)


def scans(exchanges: list[list[bytes]]) -> None:
    _driven(UhfReader18Framing(), UhfReader18Question(unit=1), exchanges)


def _driven(framing: Framing, question: Question, exchanges: list[list[bytes]]) -> None:
    for pieces in exchanges:
        framing.ask(question)
        feed = framing.feed
        for piece in pieces:
            feed(piece)
        framing.enough  # noqa: B018 - what it costs is the point
        framing.verdict(0.3)


def pymodbus(exchanges: list[list[bytes]]) -> None:
    framer = FramerRTU(DecodePDU(False))
    for pieces in exchanges:
        buffer = b""
        try:
            for piece in pieces:
                buffer += piece
                used, _ = framer.handleFrame(buffer, QUESTION.unit, 0)
                buffer = buffer[used:]
        except ModbusException:
            continue


class _Nothing:
    def feed(self, data: bytes) -> None: ...


def calls(exchanges: list[list[bytes]]) -> None:
    feed = _Nothing().feed
    for pieces in exchanges:
        for piece in pieces:
            feed(piece)


def cut(junk: bytes, size: int) -> Iterator[list[bytes]]:
    for start in range(0, len(junk), MAX_HEARD):
        heard = junk[start : start + MAX_HEARD]
        yield [heard[at : at + size] for at in range(0, len(heard), size)]


def cost_ms(drive: Callable[[list[list[bytes]]], None], exchanges: list[list[bytes]], kib: int) -> float:
    best = float("inf")
    for _ in range(10):
        began = time.process_time()
        drive(exchanges)
        best = min(best, time.process_time() - began)
    return best * 1000 / kib


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--kib", type=int, default=8)
    kib = parser.parse_args().kib
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    print("| junk | in pieces of | calls | kerbgate | pymodbus |")
    print("|---|---|---|---|---|")
    for name, make in JUNK.items():
        for size in SIZES:
            exchanges = list(cut(make(kib * 1024), size))
            costs = " | ".join(f"{cost_ms(drive, exchanges, kib):.2f}" for drive in (calls, ours, pymodbus))
            print(f"| {name} | {size} | {costs} |", flush=True)
    print("\n| junk | in pieces of | calls | kerbgate, UHFReader18 |")
    print("|---|---|---|---|")
    for name, make in SCANS.items():
        for size in SIZES:
            exchanges = list(cut(make(kib * 1024), size))
            print(f"| {name} | {size} | {cost_ms(calls, exchanges, kib):.2f} | {cost_ms(scans, exchanges, kib):.2f} |", flush=True)


if __name__ == "__main__":
    main()
