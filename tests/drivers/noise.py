"""A seeded stream of exchanges on a bad RS-485 line: what was asked, what was said, and what came over the wire.

No event loop: octets go straight to a framing. What is said by others or too late has another shape than what was asked, for
RTU has nothing else to tell them apart by; keeping answers of one shape apart is the bus's part (test_late_answers).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from config.profile import Table
from drivers.modbus.pdu import ModbusQuestion, read
from tests.drivers.things import registers_pdu, rtu

MOST_JUNK = 8


@dataclass(frozen=True, slots=True)
class Heard:
    """`whole` says that the answer stands in it undamaged, behind no more than an echo, other frames and a little junk."""

    trouble: str
    question: ModbusQuestion
    pdu: bytes
    stream: bytes
    whole: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """Of one exchange: the request and the answer as frames, and a frame that answers something else."""

    request: bytes
    answer: bytes
    other: bytes


Trouble = Callable[[Random, _Said], tuple[bytes, bool]]


def _junk(random: Random) -> bytes:
    return random.randbytes(random.randint(1, MOST_JUNK))


def _clean(_random: Random, said: _Said) -> tuple[bytes, bool]:
    return said.answer, True


def _bit_errors(random: Random, said: _Said) -> tuple[bytes, bool]:
    octets = bytearray(said.answer)
    for bit in random.sample(range(len(octets) * 8), random.choice((1, 1, 2, 3, 5, 16))):
        octets[bit // 8] ^= 1 << bit % 8
    return bytes(octets), False


def _lost_octet(random: Random, said: _Said) -> tuple[bytes, bool]:
    at = random.randrange(len(said.answer))
    return said.answer[:at] + said.answer[at + 1 :] + random.choice((b"", _junk(random))), False


def _doubled_octet(random: Random, said: _Said) -> tuple[bytes, bool]:
    at = random.randrange(len(said.answer))
    # The last octet again stands behind a whole answer.
    return said.answer[: at + 1] + said.answer[at:], at == len(said.answer) - 1


def _leading_junk(random: Random, said: _Said) -> tuple[bytes, bool]:
    return _junk(random) + said.answer, True


def _false_starts(random: Random, said: _Said) -> tuple[bytes, bool]:
    """Junk that begins as the answer does."""
    return said.answer[: random.randint(1, 4)] + said.answer[: random.randint(1, 4)] + said.answer, True


def _stuck_before(random: Random, said: _Said) -> tuple[bytes, bool]:
    return b"\xff" * random.randint(1, 200) + said.answer, True


def _stuck_within(random: Random, said: _Said) -> tuple[bytes, bool]:
    at = random.randrange(len(said.answer) - 2)
    return said.answer[:at] + b"\xff" * (len(said.answer) - at), False


def _echo(_random: Random, said: _Said) -> tuple[bytes, bool]:
    return said.request + said.answer, True


def _part_of_an_echo(random: Random, said: _Said) -> tuple[bytes, bool]:
    lost = random.randint(1, 4)
    return random.choice((said.request[lost:], said.request[:-lost])) + said.answer, True


def _late_answer(_random: Random, said: _Said) -> tuple[bytes, bool]:
    return said.other + said.answer, True


def _only_a_foreign_answer(_random: Random, said: _Said) -> tuple[bytes, bool]:
    return said.other, False


def _twice(_random: Random, said: _Said) -> tuple[bytes, bool]:
    return said.answer + said.answer, True


def _junk_only(random: Random, _said: _Said) -> tuple[bytes, bool]:
    return random.randbytes(random.randint(1, 300)), False


TROUBLES: dict[str, Trouble] = {
    "clean": _clean,
    "bit errors": _bit_errors,
    "an octet lost": _lost_octet,
    "an octet doubled": _doubled_octet,
    "junk of 1 to 8 before": _leading_junk,
    "false starts before": _false_starts,
    "stuck 0xFF before": _stuck_before,
    "stuck 0xFF within": _stuck_within,
    "echo": _echo,
    "part of an echo": _part_of_an_echo,
    "late answer before": _late_answer,
    "foreign answer only": _only_a_foreign_answer,
    "answered twice": _twice,
    "junk only": _junk_only,
}


def exchanges(seed: int, count: int) -> Iterator[Heard]:
    random = Random(seed)
    names = list(TROUBLES)
    for _ in range(count):
        trouble = random.choice(names)
        table = random.choice((Table.HOLDING, Table.INPUT))
        function = 3 if table is Table.HOLDING else 4
        unit, words = random.randint(1, 247), random.randint(1, 12)
        question = read(unit, table, random.randrange(0, 60000), words)
        pdu = _registers(random, words, function)
        other = random.choice(
            (
                rtu(unit % 247 + 1, _registers(random, words, function)),
                rtu(unit, _registers(random, words, 7 - function)),
                rtu(unit, _registers(random, words + 1, function)),
            )
        )
        said = _Said(rtu(unit, question.pdu), rtu(unit, pdu), other)
        stream, whole = TROUBLES[trouble](random, said)
        yield Heard(trouble, question, pdu, stream, whole)


def _registers(random: Random, words: int, function: int) -> bytes:
    return registers_pdu([random.choice((0, 1, random.randrange(65536))) for _ in range(words)], function)


def pieces(random: Random, stream: bytes) -> Iterator[bytes]:
    """As an adapter delivers it: all at once, or cut anywhere."""
    start = 0
    while start < len(stream):
        size = len(stream) if random.random() < 0.4 else random.randint(1, 24)
        yield stream[start : start + size]
        start += size
