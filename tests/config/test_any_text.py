"""Whatever stands in a file, loading it ends in a site or in ConfigError, and every mistake can be said."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.loader import load_profile, load_site
from config.mistakes import ConfigError, Mistake
from config.site import Language
from tests.config.sites import RIGHT

_QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
_WORDS = ["gateway", "buses", "devices", "name", "line", "kind", "uplink", "tls", "unit", "serial", "tcp", "a"]
_WORDS += ["<<", "1", "-1.5", "1e99", "~", "true", ".nan"]
_YAML = [": ", "- ", "\n", "  ", "? ", "\t", "---\n", "...\n", "{", "}", "[", "]", ",", "'", '"', "#", "%", "\\", "@"]
_YAML += ["&a ", "*a", "!!int ", "|", ">"]


def _wrong(load: Callable[[Path], object], path: Path) -> tuple[Mistake, ...]:
    try:
        load(path)
    except ConfigError as error:
        return error.mistakes or (Mistake("", 0, 0, "config.empty"),)
    return ()


def _told(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    for mistake in (*_wrong(load_site, path), *_wrong(load_profile, path)):
        assert mistake.line >= 1
        assert mistake.column >= 1
        for language in Language:
            assert mistake.text(language).isprintable()
        assert "pydantic" not in mistake.text(Language.EN)


@_QUICK
@given(data=st.binary(max_size=300))
def test_arbitrary_bytes(tmp_path: Path, data: bytes) -> None:
    _told(tmp_path / "x.yaml", data)


@_QUICK
@given(text=st.text(st.characters(codec="utf-8"), max_size=300))
def test_arbitrary_text(tmp_path: Path, text: str) -> None:
    _told(tmp_path / "x.yaml", text.encode())


@_QUICK
@given(pieces=st.lists(st.sampled_from(_WORDS + _YAML), max_size=40))
def test_arbitrary_yaml(tmp_path: Path, pieces: list[str]) -> None:
    _told(tmp_path / "x.yaml", "".join(pieces).encode())


@_QUICK
@given(start=st.integers(0, len(RIGHT)), length=st.integers(0, 60), piece=st.lists(st.sampled_from(_WORDS + _YAML), max_size=6))
def test_a_right_site_with_a_wound(tmp_path: Path, start: int, length: int, piece: list[str]) -> None:
    _told(tmp_path / "x.yaml", (RIGHT[:start] + "".join(piece) + RIGHT[start + length :]).encode())


_LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(_WORDS))
_SECTIONS = ["gateway", "buses", "devices", "bays", "stations", "operators", "detection", "journal", "uplink", "language"]
_KEYS = ["name", "id", "line", "kind", "port", "bus", "unit", "sub_unit", "profile", "device", "piles", "tls", "host", "path", "detection"]
_VALUES = st.recursive(
    _LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=5), max_leaves=12
)


def _flow(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case None:
            return "null"
        case bool():
            return str(value).lower()
    return str(value) if not isinstance(value, str) else f"'{value}'"


@_QUICK
@given(site=st.dictionaries(st.sampled_from(_SECTIONS), _VALUES, max_size=6))
def test_any_values_under_any_keys(tmp_path: Path, site: dict[str, object]) -> None:
    _told(tmp_path / "x.yaml", "".join(f"{key}: {_flow(value)}\n" for key, value in site.items()).encode())


_ODDITIES = ["a: !<", "? - ? -", "%TAG ! tag:\n---\na", "a: &", "a: >\n \t", "\ufeff%", "{a: &b *b}", "- - - - -\n:", "!!map [a]"]


@pytest.mark.parametrize("text", _ODDITIES)
def test_known_oddities(tmp_path: Path, text: str) -> None:
    _told(tmp_path / "x.yaml", text.encode())
