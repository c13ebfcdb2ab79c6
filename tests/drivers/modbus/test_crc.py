"""The CRC against vectors from manuals and against a slow one written from the specification."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.crc import RunningCrc
from drivers.modbus.crc import CRC
from tests.drivers.things import crc

VECTORS = [
    "01 06 00 1C 0B 4D 8F 09",
    "01 03 00 10 00 70 45 EB",
    "50 03 00 3A 00 03 28 47",
    "0C 03 00 05 00 01 95 16",
    "FE 02 00 00 00 08 6D C3",
    "FE 04 00 01 00 01 74 05",
    "01 06 00 1E 10 00 E4 0C",
    "01 83 02 C0 F1",
    "50 06 00 69 B5 88 22 A1",
]


@pytest.mark.parametrize("vector", VECTORS)
def test_frames_printed_in_manuals_are_intact(vector: str) -> None:
    frame = bytes.fromhex(vector)
    assert CRC.sealed(frame[:-2]) == frame
    assert CRC.is_intact(frame)


@given(st.binary(max_size=300))
def test_the_table_agrees_with_the_polynomial(data: bytes) -> None:
    assert CRC.of(data).to_bytes(2, "little") == crc(data)


@given(st.binary(min_size=1, max_size=254), st.data())
def test_one_flipped_bit_is_always_seen(data: bytes, where: st.DataObject) -> None:
    frame = bytearray(CRC.sealed(data))
    bit = where.draw(st.integers(0, len(frame) * 8 - 1))
    frame[bit // 8] ^= 1 << bit % 8
    assert not CRC.is_intact(frame)


@given(st.binary(max_size=300), st.binary(max_size=254), st.binary(max_size=40), st.data())
def test_a_running_crc_says_of_any_stretch_what_a_fresh_one_says(before: bytes, inside: bytes, behind: bytes, data: st.DataObject) -> None:
    buffer = bytearray(before)
    running = RunningCrc(CRC, buffer)
    running.is_intact(0, len(before))
    buffer += CRC.sealed(inside) + behind
    assert running.is_intact(len(before), len(before) + len(inside) + 2)
    start = data.draw(st.integers(0, len(buffer)))
    end = data.draw(st.integers(start, min(len(buffer), start + 256)))
    assert running.is_intact(start, end) == CRC.is_intact(buffer[start:end])


@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=12), st.binary(max_size=100))
def test_it_does_not_matter_in_which_pieces_a_running_crc_was_looked_at(pieces: list[bytes], inside: bytes) -> None:
    frame = CRC.sealed(inside)
    buffer = bytearray()
    running = RunningCrc(CRC, buffer)
    for piece in (*pieces, frame):
        buffer += piece
        running.is_intact(1, len(buffer))
    start = len(buffer) - len(frame)
    sums, wanted = running.sums()
    for begin in range(start + 1):
        is_intact = CRC.is_intact(buffer[begin:])
        assert running.is_intact(begin, len(buffer)) == is_intact
        assert (sums[-1] == wanted[begin]) == is_intact
    running.restart()
    buffer[:] = b"\x00" + frame
    assert running.is_intact(1, len(buffer))
