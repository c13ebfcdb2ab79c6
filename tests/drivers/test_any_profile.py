"""Whatever a device answers, its profile makes a Reading of it; and a profile that the loader took can be polled and decoded.

Profiles are the packaged ones, whole or with a wound; registers, bits and fields are any.
"""

from math import isfinite
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.catalogue import expanded, gather, packaged_folder
from config.loader import load_profile
from config.mistakes import ConfigError
from config.profile import Profile
from config.protocols import VOCABULARY, Protocol
from config.site import Language
from drivers.decode import decoder_for
from drivers.device import BusDevice
from drivers.frames.uhfreader18 import Scan
from drivers.modbus.blocks import Block
from drivers.polls import polls_of
from drivers.question import Answer
from drivers.reading import Reading
from drivers.task import Ask
from gateway.trace import parse_line, reading_line
from tests.drivers.things import RTU_OVER_TCP, SERIAL, TCP, device

PROFILES = gather((), load_profile).profiles.all
TEXTS = {path.stem: path.read_text("utf-8") for path in sorted(packaged_folder().glob("*.yaml"))}
_WORDS = st.one_of(st.integers(0, 0xFFFF), st.sampled_from((0, 1, 4, 5, 34, 0x7FFF, 0x8000, 0xFFFF)))
_ANY = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def bay_of(profile: Profile, sub_unit: int | None = None) -> BusDevice:
    windows = profile.sub_units
    if windows is not None:
        return device("bay", 1, profile, sub_unit=windows.first if sub_unit is None else sub_unit)
    return device("bay", 1, profile, sub_unit=1 if VOCABULARY[profile.protocol].sub_units else None)


def answer_to(ask: Ask, bay: BusDevice, data: st.DataObject) -> Answer:
    if isinstance(ask, Block):
        each = st.integers(0, 1) if ask.table.is_bits else _WORDS
        return tuple(data.draw(st.lists(each, min_size=ask.count, max_size=ask.count)))
    if VOCABULARY[bay.profile.protocol].tags:
        scan = Scan(data.draw(st.lists(st.binary(min_size=1, max_size=12).map(lambda tag: tag.hex().upper()), unique=True, max_size=4)))
        scan.status = data.draw(st.sampled_from((1, 2, 4, 0xFB)))
        return scan
    fields = VOCABULARY[bay.profile.protocol].fields
    return tuple(data.draw(st.lists(st.integers(-0x8000, 0xFFFF), min_size=len(fields), max_size=len(fields))))


def read_anything(bay: BusDevice, data: st.DataObject) -> None:
    """Every poll of it, on every kind of line, and what is read goes into a trace and comes back."""
    for line in (SERIAL, RTU_OVER_TCP, TCP):
        if line is TCP and bay.profile.protocol is not Protocol.MODBUS:
            continue
        for poll in polls_of([bay], line):
            reads = [each for each in poll.slices if each.reads]
            answers: list[Any] = [answer_to(ask, bay, data) for ask in reads]
            reading = decoder_for(bay, reads).decode(answers, 1.0)
            assert isinstance(reading, Reading)
            for point in bay.profile.points:
                value = getattr(reading, point.key.value)
                assert value is None or isfinite(value)
                if reading.trusted and value is not None and not isinstance(value, bool):
                    assert point.minimum is None or value >= point.minimum - 1e-6
                    assert point.maximum is None or value <= point.maximum + 1e-6
            assert parse_line(reading_line(reading)) == reading


@_ANY
@given(st.sampled_from(PROFILES), st.data())
def test_any_registers_make_a_reading(profile: Profile, data: st.DataObject) -> None:
    windows = profile.sub_units
    sub_unit = data.draw(st.integers(windows.first, windows.last)) if windows is not None else None
    read_anything(bay_of(profile, sub_unit), data)


_PIECES = [": ", "- ", "\n", "  ", "{", "}", "[", "]", ",", '"', "#", "0", "1", "9", "-1", "65535", "65536", "0xFFFF", "1e300", ".inf", "~"]
_PIECES += ["u32", "i16", "bit", "coil", "discrete", "input", "holding", "address", "scale", "offset", "minimum", "deying-m77", "modbus"]


@_ANY
@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_a_profile_with_a_wound_is_refused_in_words_or_can_be_used(tmp_path: Path, name: str, data: st.DataObject) -> None:
    text = TEXTS[name]
    begins = text.index("\nprofile:")
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(min(begins, len(text)), len(text)))
        length = data.draw(st.integers(0, 12))
        text = text[:start] + "".join(data.draw(st.lists(st.sampled_from(_PIECES), max_size=3))) + text[start + length :]
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, "utf-8")
    try:
        profile = load_profile(path)
    except ConfigError as error:
        for mistake in error.mistakes:
            assert mistake.line >= 1
            assert mistake.column >= 1
            assert all(mistake.text(language).isprintable() for language in Language)
        return
    for each in expanded(profile):
        read_anything(bay_of(each), data)
