"""UHFReader18: public vectors, scans of several frames, statuses, and noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.protocols import Protocol
from drivers.errors import AnswerMismatched, FrameCorrupt, UnitRefused, UnitSilent
from drivers.frames import question_for
from drivers.frames.uhfreader18 import CRC
from drivers.frames.uhfreader18_framing import MAX_HEARD, MAX_SCAN_FRAMES, UhfReader18Framing

QUESTION = question_for(Protocol.UHFREADER18, 0, None)
ONE = bytes.fromhex("13 00 01 03 01 0C 000000000000000000000313 3F 39")
TWO = bytes.fromhex("20 00 01 03 02 0C 000000000000000000000313 0C 000000000000000000000314 9A C9")
TAG, OTHER = "000000000000000000000313", "000000000000000000000314"


def frame(*octets: int, unit: int = 0) -> bytes:
    """Sealed by a slow CRC of its own, so that a mistake in the product's does not cancel out."""
    head = bytes([len(octets) + 4, unit, 1, *octets])
    value = 0xFFFF
    for octet in head:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return head + value.to_bytes(2, "little")


END = frame(1, 0)


def asked() -> UhfReader18Framing:
    framing = UhfReader18Framing()
    framing.ask(QUESTION)
    return framing


def scanned(stream: bytes) -> tuple[str, ...]:
    payload = asked().feed(stream)
    assert payload is not None
    return tuple(str(tag) for tag in QUESTION.decode(payload))


def test_the_request_is_the_public_vector() -> None:
    assert UhfReader18Framing().ask(QUESTION) == bytes.fromhex("04 00 01 DB 4B")


def test_the_check_is_that_of_the_other_public_vector_too() -> None:
    """Reader information, asked of whoever is there: a command that kerbgate does not use."""
    assert CRC.sealed(bytes.fromhex("04 FF 21")) == bytes.fromhex("04 FF 21 19 95")


def test_a_scan_of_several_frames_is_whole_with_the_last() -> None:
    framing = asked()
    assert framing.feed(ONE) is None
    assert isinstance(framing.verdict(0.3), FrameCorrupt)
    assert framing.feed(END) == ONE + END
    assert scanned(TWO + END) == (TAG, OTHER)
    assert scanned(ONE + TWO + END) == (TAG, OTHER)


@pytest.mark.parametrize("status", [1, 2, 4])
def test_a_scan_may_end_complete_or_in_part(status: int) -> None:
    assert scanned(frame(status, 1, 2, 0xAB, 0xCD)) == ("ABCD",)
    assert scanned(frame(status)) == ()


def test_no_tag_is_an_empty_scan() -> None:
    assert scanned(frame(0xFB)) == ()
    assert scanned(END) == ()


@pytest.mark.parametrize("status", [0xF8, 0xFA, 0x00, 0x05])
def test_an_error_of_the_reader_is_a_refusal_with_its_code(status: int) -> None:
    with pytest.raises(UnitRefused) as refusal:
        scanned(frame(status))
    assert refusal.value.code == status


@pytest.mark.parametrize("data", [(1,), (1, 0), (1, 3, 1, 2), (2, 1, 7), (0, 9), (1, 1, 7, 8)])
def test_a_list_that_does_not_fit_its_frame_is_no_answer(data: tuple[int, ...]) -> None:
    with pytest.raises(AnswerMismatched):
        scanned(frame(1, *data))


@pytest.mark.parametrize(
    ("heard", "verdict"),
    [
        (b"", UnitSilent),
        (bytes.fromhex("04 00 01 DB 4B"), UnitSilent),
        (frame(1, 0, unit=9), AnswerMismatched),
        (END[:-1] + b"\x00", FrameCorrupt),
        (b"\xff", FrameCorrupt),
    ],
)
def test_silence_damage_and_strangers_are_told_apart(heard: bytes, verdict: type[Exception]) -> None:
    framing = asked()
    assert framing.feed(heard) is None
    assert type(framing.verdict(0.3)) is verdict


def test_a_scan_without_an_end_is_given_up() -> None:
    framing = asked()
    for _ in range(MAX_SCAN_FRAMES - 1):
        assert framing.feed(ONE) is None
    with pytest.raises(FrameCorrupt):
        framing.feed(ONE)


def test_late_answers_are_known_by_their_reader() -> None:
    assert UhfReader18Framing().strays(b"\x00" + ONE + b"\xff" + frame(1, 0, unit=9)) == (0, 9)


def test_every_flipped_bit_is_seen() -> None:
    whole = frame(1, 1, 2, 0xAB, 0xCD)
    for bit in range(len(whole) * 8):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        assert asked().feed(bytes(damaged)) is None


def test_a_damaged_scan_is_not_decoded() -> None:
    with pytest.raises(AnswerMismatched):
        QUESTION.decode(ONE + END[:-1] + b"\x00")


@given(st.binary(max_size=8), st.lists(st.integers(1, 60), max_size=6))
def test_noise_before_and_cuts_anywhere_lose_no_tag(before: bytes, cuts: list[int]) -> None:
    stream = before + TWO + END
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {len(stream)})
    framing = asked()
    answers = [framing.feed(stream[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
    assert answers[-1] == TWO + END


def test_what_is_heard_beyond_the_bound_is_dropped() -> None:
    framing = asked()
    for _ in range(200):
        framing.feed(b"\xff\x00\x01" * 10)
    assert len(framing._heard) == MAX_HEARD
