"""`kerbgate profiles`: the models that are known, one of them whole, and those of a folder of one's own."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from config.catalogue import gather, packaged_folder
from config.loader import load_profile
from config.profile import Profile
from gateway.console.main import kerbgate

OWN = """profile: own-loop
title: {en: A loop of ours, zh: 自制线圈}
source: our bench
unverified: [Everything., Whether it counts.]
sub_units: {first: 1, last: 4, stride: 16}
limits: {registers_per_read: 12, answer_ms: 7}
points:
  - {key: occupied, address: 3, type: bit, bit: 9}
  - {key: count, address: 5, type: u32, word_order: little}
  - {key: temperature_c, address: 7, type: i16, scale: 0.1, offset: -40, maximum: 85, absent: 0xFFFF}
health:
  - {address: 2, mask: 0x00F0, equals: 0x0030, effect: silent, cause: radio_lost}
before_read: [{address: 8, value: 12, wait_ms: 80}]
identity: [{table: input, address: 0, mask: 0xFF, equals: 34}]
settings:
  - name: sensitivity
    address: 9
    minimum: 1
    maximum: 5
    value: 3
    readable: false
    wait_ms: 15
    before: [{address: 10, value: 0xB588, wait_ms: 20}]
    after: [{address: 11, value: 1}]
factory: {unit: 9, baud: 19200, parity: even, stop_bits: 2}
"""


def _profiles(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner().invoke(kerbgate, ["--lang", lang, "profiles", *map(str, arguments)])


def _folder(tmp_path: Path, text: str = OWN, name: str = "own-loop") -> Path:
    (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


def test_every_profile_that_a_site_can_name_is_a_row() -> None:
    result = _profiles()
    assert (result.exit_code, result.stderr) == (0, "")
    head, *rows = result.stdout.splitlines()
    assert head.split()[:3] == ["profile", "device", "protocol"]
    assert [row.split()[0] for row in rows] == list(gather((), load_profile).profiles.names)


def test_a_row_says_how_the_device_leaves_its_factory_and_how_much_is_unverified(tmp_path: Path) -> None:
    rows = _profiles("--folder", _folder(tmp_path)).stdout.splitlines()
    (row,) = (row for row in rows if row.startswith("own-loop"))
    assert row.split() == ["own-loop", "A", "loop", "of", "ours", "modbus", "9,", "19200", "8E2", "2", "our", "bench"]


def test_one_profile_is_shown_whole(tmp_path: Path) -> None:
    result = _profiles("own-loop", "--folder", _folder(tmp_path))
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines == [
        "own-loop: A loop of ours",
        "protocol: modbus",
        "from the factory: 9, 19200 8E2",
        "source: our bench",
        "asked every 1 s, answers in about 7 ms; given up after 0.3 s",
        "at most 12 registers or 2000 bits in one read",
        "sub_unit: 1 to 4, sensors behind one unit",
        "values",
        "occupied holding 3 (0x03) bit 9",
        "count holding 5 (0x05) u32 little",
        "temperature_c holding 7 (0x07) i16 × 0.1 -40 … 85 ≠ 0xFFFF",
        "what tells that they must not be believed",
        "holding 2 (0x02) & 0x00F0 = 48 (0x30) silent: radio_lost",
        "written before each read",
        "holding 8 (0x08) ← 0x000C then 80 ms",
        "known by",
        "input 0 (0x00) & 0x00FF = 34 (0x22)",
        "settings",
        "holding 10 (0x0A) ← 0xB588 then 20 ms",
        "sensitivity holding 9 (0x09) 1 to 5 then 15 ms; 3 where the site is silent; can't be read back",
        "holding 11 (0x0B) ← 0x0001",
        "what no document or device has confirmed (2)",
        "- Everything.",
        "- Whether it counts.",
    ]


def test_devices_that_have_no_registers_are_shown_by_their_fields(tmp_path: Path) -> None:
    text = "profile: own-stud\ntitle: {en: o, zh: o}\nsource: s\nprotocol: deying-m77\npoints: [{key: occupied, field: state}]\n"
    lines = [" ".join(line.split()) for line in _profiles("own-stud", "--folder", _folder(tmp_path, text, "own-stud")).stdout.splitlines()]
    assert "sub_unit: 1 to 99, sensors behind one unit" in lines
    assert lines[-2:] == ["values", "occupied state"]
    assert not any("registers" in line for line in lines)


def test_tags_are_told_of_whether_they_lie_in_registers_or_in_the_answer(tmp_path: Path) -> None:
    assert "tags: up to 4 of one scan, counted at holding 3, from 4 on" in _profiles("kerb-pile").stdout
    reader = _folder(tmp_path, "profile: own-reader\ntitle: {en: o, zh: o}\nsource: s\nprotocol: uhfreader18\n", "own-reader")
    assert "tags: those that the answer lists" in _profiles("own-reader", "--folder", reader).stdout


def test_it_speaks_chinese(tmp_path: Path) -> None:
    assert "未证实" in _profiles(lang="zh").stdout.splitlines()[0]
    stdout = _profiles("own-loop", "--folder", _folder(tmp_path), lang="zh").stdout
    assert stdout.startswith("own-loop：自制线圈\n")
    assert "尚无文档或设备证实之处（2）" in stdout


def test_json_of_all_is_one_object_a_profile_and_of_one_is_what_its_file_says(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    listed = json.loads(_profiles("--json", "--folder", folder).stdout)["profiles"]
    (own,) = (each for each in listed if each["profile"] == "own-loop")
    assert own["title"] == {"en": "A loop of ours", "zh": "自制线圈"}
    assert (own["protocol"], own["source"], own["unverified"], own["factory"]["unit"]) == ("modbus", "our bench", 2, 9)
    whole = _profiles("own-loop", "--json", "--folder", folder).stdout
    assert Profile.model_validate_json(whole) == load_profile(folder / "own-loop.yaml")


def test_a_profile_of_ones_own_takes_the_place_of_a_packaged_one(tmp_path: Path) -> None:
    text = (packaged_folder() / "kerb-pile.yaml").read_text("utf-8").replace("poll_s: 2.0", "poll_s: 7.0")
    assert "asked every 2 s" in _profiles("kerb-pile").stdout
    assert "asked every 7 s" in _profiles("kerb-pile", "--folder", _folder(tmp_path, text, "kerb-pile")).stdout


def test_an_unknown_name_is_told_with_what_was_meant_or_with_what_there_is() -> None:
    near, far = _profiles("kerb-pil"), _profiles("zzzzzzzz")
    assert (near.exit_code, near.stdout) == (2, "")
    assert near.stderr == "There is no profile kerb-pil.\nDid you mean kerb-pile?\n"
    assert far.exit_code == 2
    assert "There are: banner-dx80-mgage, " in far.stderr


def test_mistakes_in_a_folder_of_ones_own_are_told_at_their_place(tmp_path: Path) -> None:
    result = _profiles("--folder", _folder(tmp_path, OWN.replace("bit: 9", "bit: 19")))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{tmp_path / 'own-loop.yaml'}:8:49: " in result.stderr
    missing = _profiles("--folder", tmp_path / "nowhere")
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "nowhere" in missing.stderr
