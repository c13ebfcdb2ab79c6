"""A file that is no text, or no YAML, or not ours: one clear mistake at its place, never a traceback."""

import os
import socket
import time
from pathlib import Path

import pytest

from config.loader import load_site
from config.mistakes import ConfigError
from config.site import Language
from tests.config.sites import RIGHT, mistakes, sentences, told, written


def test_a_right_site_is_loaded(tmp_path: Path) -> None:
    loaded = load_site(written(tmp_path, RIGHT))
    assert loaded.site.gateway == "g-1"
    assert [device.name for device in loaded.site.devices] == ["d1", "d2", "p1"]
    assert loaded.site.journal.path == tmp_path / "journal.db"
    assert loaded.advice == ()


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert mistakes(written(tmp_path, b"\xef\xbb\xbf" + RIGHT.encode())) == ()


@pytest.mark.parametrize("text", ["", "\n \n", "# only a comment\n", "\ufeff"])
def test_an_empty_file_says_so(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text) == [(1, 1, "empty")]


def test_a_directory_a_missing_file_a_socket_and_a_device_each_have_their_sentence(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        os.mkfifo(tmp_path / "pipe")
        found = {
            name: mistakes(path)[0].sentence
            for name, path in {
                "folder": tmp_path,
                "absent": tmp_path / "absent.yaml",
                "below a file": written(tmp_path, RIGHT) / "x",
                "socket": tmp_path / "socket",
                "pipe": tmp_path / "pipe",
                "endless": Path("/dev/zero"),
                "no name": Path("a\0b"),
            }.items()
        }
    assert found == {
        "folder": "config.is_a_directory",
        "absent": "config.does_not_exist",
        "below a file": "config.unreadable",
        "socket": "config.unreadable",
        "pipe": "config.not_a_file",
        "endless": "config.not_a_file",
        "no name": "config.unreadable",
    }


def test_a_file_that_we_may_not_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ConfigError) as caught:
        load_site(tmp_path / "site.yaml")
    monkeypatch.undo()
    assert [each.sentence for each in caught.value.mistakes if each.file.endswith("site.yaml")] == ["config.not_permitted"]


def test_ten_megabytes_are_refused_before_they_are_parsed(tmp_path: Path) -> None:
    path = written(tmp_path, b"a: 1\n" * 2_000_000)
    begun = time.perf_counter()
    assert [each.sentence for each in mistakes(path)] == ["config.too_big"]
    assert time.perf_counter() - begun < 5.0


def test_a_byte_that_is_not_utf8_is_told_by_offset_line_and_column(tmp_path: Path) -> None:
    (mistake,) = mistakes(written(tmp_path, "gateway: g\n# 泊位 ".encode() + "泊".encode("gbk") + b"\n"))
    assert (mistake.line, mistake.column, mistake.sentence) == (2, 6, "config.not_utf8")
    assert mistake.message(Language.EN) == "the file is not UTF-8: byte 0xB2 at offset 20"
    (mistake,) = mistakes(written(tmp_path, b"\xef\xbb\xbfgateway: \xff"))
    assert dict(mistake.values) == {"offset": 12, "byte": "0xFF"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n- b\n", [(1, 1, "top_is_no_mapping")]),
        ("just a word", [(1, 1, "top_is_no_mapping")]),
        ("gateway:\n\tx: 1\n\ty: 2\n", [(2, 1, "tab"), (3, 1, "tab")]),
        ("gateway: a: b\n", [(1, 11, "colon_here")]),
        ("gateway: g\n bus: 1\n", [(2, 5, "colon_here")]),
        ("gateway: 'g\n", [(1, 10, "quote_not_closed")]),
        ("buses: [1, 2\n", [(2, 1, "bracket_not_closed")]),
        ("gateway: @g\n", [(1, 10, "quote_needed")]),
        ('gateway: "a\\qb"\n', [(1, 13, "unknown_escape")]),
        ("- a\nb: 1\n", [(2, 1, "indentation")]),
        ("gateway: *g\n", [(1, 10, "unknown_alias")]),
        ("a: &x [*x]\n", [(1, 8, "unknown_alias")]),
        ("gateway: g\n---\ngateway: h\n", [(2, 1, "second_document")]),
        ("gateway: \x07\n", [(1, 10, "bad_character")]),
        ('a: "\\UFFFFFFFF"\n', [(1, 1, "no_yaml")]),
    ],
)
def test_what_is_no_yaml_is_told_at_its_place(tmp_path: Path, text: str, expected: list[tuple[int, int, str]]) -> None:
    assert told(tmp_path, text) == expected


def test_deep_nesting_is_refused_without_deep_recursion(tmp_path: Path) -> None:
    assert told(tmp_path, "a: " + "[" * 100_000) == [(1, 35, "too_deep")]
    assert sentences(tmp_path, "".join(f"{' ' * depth}a:\n" for depth in range(300))) == ["too_deep"]


def test_an_alias_bomb_is_refused_without_being_expanded(tmp_path: Path) -> None:
    layers = [f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 10)}]" for n in range(1, 20)]
    text = "k0: &k0 [" + ", ".join("x" * 10) + "]\n" + "\n".join(layers)
    begun = time.perf_counter()
    assert sentences(tmp_path, text) == ["too_many_nodes"]
    assert time.perf_counter() - begun < 10.0


def test_a_tower_of_aliases_is_refused(tmp_path: Path) -> None:
    tower = "".join(f"k{n}: &k{n} [[*k{n - 1}]]\n" for n in range(1, 40))
    assert sentences(tmp_path, "k0: &k0 [x]\n" + tower) == ["too_deep"]
