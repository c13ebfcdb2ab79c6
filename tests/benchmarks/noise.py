"""A bad RS-485 line: answers found, lost and mistaken, beside pymodbus' RTU framer and decoder on the same octets.

    python -m tests.benchmarks.noise [--frames 1000000] [--seed 1]

Both are asked the same questions and given the same pieces; each exchange begins with an empty buffer, as both clients do.
pymodbus is driven as its asyncio client drives it: what was received goes to `FramerRTU.handleFrame` with the unit that was
asked, the octets it has used are dropped, an exception ends the exchange, and the first PDU it gives is the answer. Only its
`isError()` is then looked at, as its callers do: whether function and count are those of the question is left to them.
Echo is taken off for neither; pymodbus has an option for it, in its synchronous client only.

whole    answers that stand undamaged in what came over the line      found    of those, the ones that were given
wrong    values given that nobody said in answer to this question     us       an exchange

A wrong CRC agrees by chance once in 65536 damaged frames; so many wrong values are in the nature of RTU.
"""

import argparse
import logging
import time
from collections import Counter
from random import Random

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

from drivers.errors import WireError
from drivers.modbus.pdu import ModbusQuestion
from drivers.modbus.rtu import RtuFraming
from tests.drivers.noise import TROUBLES, exchanges, pieces

Answer = tuple[int, ...]


class Ours:
    name = "kerbgate"

    def __init__(self) -> None:
        self._framing = RtuFraming()

    def asked(self, question: ModbusQuestion, came: list[bytes]) -> Answer | None:
        self._framing.ask(question)
        for piece in came:
            pdu = self._framing.feed(piece)
            if pdu is not None:
                try:
                    return question.decode(pdu)
                except WireError:
                    return None
        return None


class Pymodbus:
    name = "pymodbus"

    def __init__(self) -> None:
        self._framer = FramerRTU(DecodePDU(False))

    def asked(self, question: ModbusQuestion, came: list[bytes]) -> Answer | None:
        buffer = b""
        for piece in came:
            buffer += piece
            try:
                used, pdu = self._framer.handleFrame(buffer, question.unit, 0)
            except ModbusException:
                return None
            buffer = buffer[used:]
            if pdu is not None:
                return None if pdu.isError() else tuple(pdu.registers)
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    clients = (Ours(), Pymodbus())
    whole: Counter[str] = Counter()
    frames: Counter[str] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    raised: Counter[tuple[str, str]] = Counter()
    taken_ns: Counter[tuple[str, str]] = Counter()
    random = Random(asked.seed)
    for heard in exchanges(asked.seed, asked.frames):
        came = list(pieces(random, heard.stream))
        truth = heard.question.decode(heard.pdu)
        frames[heard.trouble] += 1
        whole[heard.trouble] += heard.whole
        for client in clients:
            key = client.name, heard.trouble
            began = time.perf_counter_ns()
            try:
                answer = client.asked(heard.question, came)
            except Exception:  # what no caller expects is counted, not hidden
                raised[key] += 1
                answer = None
            taken_ns[key] += time.perf_counter_ns() - began
            if answer is not None:
                wrong[key] += answer != truth
                found[key] += heard.whole and answer == truth
    print(f"{asked.frames} exchanges, seed {asked.seed}")
    print(f"{'':24}{'':>9}{'':>9}" + "".join(f"{client.name:>40}" for client in clients))
    print(f"{'':24}{'frames':>9}{'whole':>9}" + f"{'found':>10}{'wrong':>10}{'raised':>10}{'us':>10}" * 2)
    for trouble in TROUBLES:
        print(f"{trouble:24}{frames[trouble]:>9}{whole[trouble]:>9}", end="")
        for client in clients:
            key = client.name, trouble
            print(f"{found[key]:>10}{wrong[key]:>10}{raised[key]:>10}{taken_ns[key] / 1000 / max(1, frames[trouble]):>10.1f}", end="")
        print()
    print(f"{'all':24}{frames.total():>9}{whole.total():>9}", end="")
    for client in clients:
        sums = [sum(counter[client.name, trouble] for trouble in TROUBLES) for counter in (found, wrong, raised)]
        mean_us = sum(taken_ns[client.name, trouble] for trouble in TROUBLES) / 1000 / max(1, asked.frames)
        print("".join(f"{each:>10}" for each in sums) + f"{mean_us:>10.1f}", end="")
    print()


if __name__ == "__main__":
    main()
