"""Times of the wire, against the table of the Modbus specification."""

import pytest

from config.site import Parity, SerialLine
from drivers.links.pacing import pace_of
from tests.drivers.things import RTU_OVER_TCP, SERIAL, TCP


@pytest.mark.parametrize(
    ("baud", "parity", "stop_bits", "character_ms", "gap_ms"),
    [
        (2400, Parity.NONE, 1, 4.167, 14.58),
        (9600, Parity.NONE, 1, 1.042, 3.646),
        (9600, Parity.EVEN, 1, 1.146, 4.010),
        (9600, Parity.NONE, 2, 1.146, 4.010),
        (19200, Parity.NONE, 1, 0.521, 1.823),
        (38400, Parity.ODD, 1, 0.286, 1.750),
        (115200, Parity.NONE, 1, 0.087, 1.750),
    ],
)
def test_characters_and_silences_last_as_the_specification_says(
    baud: int, parity: Parity, stop_bits: int, character_ms: float, gap_ms: float
) -> None:
    line = SerialLine.model_validate({"kind": "serial", "port": "/dev/x", "baud": baud, "parity": parity, "stop_bits": stop_bits})
    pace = pace_of(line)
    assert pace.character_s * 1000 == pytest.approx(character_ms, abs=0.001)
    assert pace.gap_s * 1000 == pytest.approx(gap_ms, abs=0.005)


def test_modbus_tcp_needs_no_silence() -> None:
    pace = pace_of(TCP)
    assert (pace.gap_s, pace.late_s, pace.wire_s(256)) == (0.0, 0.0, 0.0)


def test_a_serial_server_has_the_times_of_the_pair_behind_it() -> None:
    assert pace_of(RTU_OVER_TCP).gap_s == pace_of(SERIAL).gap_s
    assert pace_of(RTU_OVER_TCP).wire_s(8) == pytest.approx(8 * 10 / 9600)
