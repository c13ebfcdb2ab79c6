"""The packaged profiles say what their devices' documents say; a wrong profile is told at its place."""

import shutil
from pathlib import Path

import pytest

from config.budget import spans_of
from config.catalogue import expanded, gather, packaged_folder
from config.loader import load_profile, load_site
from config.mistakes import ConfigError
from config.profile import Key, Profile, Table
from config.site import Language
from tests.config.sites import RIGHT, mistakes, written

NAMES = (
    "banner-dx80-mgage",
    "deying-m77",
    "dfrobot-urm",
    "honeywell-hmr2300",
    "kerb-pile",
    "ld120-loop",
    "uhfreader18",
    "witmotion-wt901c485",
)

WINDOWS = "sub_units: {first: 1, last: 3, stride: 32}\n"
PROFILE = """profile: mine
title: {en: Mine, zh: 我的}
source: test
points:
  - {key: level, address: 0}
  - {key: temperature_c, address: 5, minimum: -40, maximum: 80}
health:
  - {address: 7, mask: 0xFF00, equals: 0x3500, effect: silent, cause: radio_timeout}
tags: {count_address: 10, first_address: 11, entries: 4, tag_words: 4}
sub_units: {first: 1, last: 3, stride: 32}
"""


@pytest.fixture(name="packaged")
def _packaged() -> dict[str, Profile]:
    return {name: load_profile(packaged_folder() / f"{name}.yaml") for name in NAMES}


def test_every_packaged_profile_is_right_and_no_other_is_packaged() -> None:
    files = sorted(packaged_folder().glob("*.yaml"))
    assert [file.stem for file in files] == list(NAMES)
    for file in files:
        profile = load_profile(file)
        assert file.read_text("utf-8").startswith("# yaml-language-server: $schema=../profile.schema.json\n")
        assert profile.unverified, "no device was attached yet, so something is unverified"


def _read(profile: Profile, *sub_units: int | None) -> tuple[int, int]:
    spans = [span for sub_unit in sub_units for span in spans_of(profile, sub_unit)]
    assert {table for table, _, _ in spans} == {Table.HOLDING}
    start = min(start for _, start, _ in spans)
    return start, max(end for _, _, end in spans) - start


def test_the_detector_is_read_from_hx_to_temp(packaged: dict[str, Profile]) -> None:
    # 50 03 00 3A 00 07 …
    assert _read(packaged["witmotion-wt901c485"], None) == (0x3A, 7)


def test_nodes_lie_where_the_manual_says(packaged: dict[str, Profile]) -> None:
    dx80 = packaged["banner-dx80-mgage"]
    # I/O 1 of node 1 is register 17, @16 (request 01 03 00 10 …); I/O 8 of node 7 is register 120, @119.
    assert _read(dx80, 1) == (0x10, 8)
    assert _read(dx80, 7) == (7 * 16, 8)
    assert _read(dx80, 1, 7) == (0x10, 6 * 16 + 8)
    causes = {rule.equals | 1: rule.cause for rule in dx80.health if rule.address == 7 and rule.mask == 0xFF00}
    # 13569 and 13825 are the manual's own examples.
    assert causes[13569] == "radio_timeout"
    assert causes[13825] == "modbus_timeout"


def test_a_pile_is_one_read_of_twenty_six_less_what_nothing_needs(packaged: dict[str, Profile]) -> None:
    pile = packaged["kerb-pile"]
    # The map's head (@0, @1) names it to a scan; a poll begins with the status.
    assert _read(pile, None) == (2, 24)
    assert pile.tags is not None
    assert (pile.tags.first_address, pile.tags.stride, pile.tags.entries) == (4, 5, 4)
    assert {point.key: point.address for point in pile.points} == {Key.TEMPERATURE_C: 24, Key.BATTERY_V: 25}
    assert "own" in pile.source


def _wrong(folder: Path, text: str, name: str = "mine.yaml") -> list[tuple[int, int, str]]:
    with pytest.raises(ConfigError) as caught:
        load_profile(written(folder, text, name))
    for mistake in caught.value.mistakes:
        assert mistake.advice(Language.ZH)
        assert mistake.advice(Language.EN)
    return [(each.line, each.column, each.sentence.removeprefix("config.")) for each in caught.value.mistakes]


def test_a_right_profile_is_loaded(tmp_path: Path) -> None:
    assert load_profile(written(tmp_path, PROFILE, "mine.yaml")).profile == "mine"


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("profile: mine", "profile: yours", 1, "profile_file_name"),
        ("profile: mine", "profile: Mine!", 1, "pattern_profile"),
        ("key: temperature_c", "key: level", 6, "point_twice"),
        ("key: temperature_c", "key: temperature", 6, "not_one_of"),
        ("minimum: -40", "minimum: 80", 6, "point_limits"),
        ("address: 0}", "address: 0, scale: 0}", 5, "point_scale"),
        ("address: 0}", "address: 0, table: coil}", 5, "point_type_of_table"),
        ("address: 0}", "address: 0, table: coil, type: bit, bit: 3}", 5, "point_bit"),
        ("address: 0}", "address: 0, type: bit}", 5, "point_type_of_table"),
        ("address: 0}", "address: 0, type: u32, bit: 3}", 5, "point_bit"),
        ("address: 0}", "address: 65536}", 5, "must_be_at_most"),
        ("address: 0}", "address: 65535, type: u32}", 5, "address_too_high"),
        ("address: 0}", "address: 31, type: u32}", 5, "outside_the_window"),
        ("equals: 0x3500", "equals: 0x3501", 8, "health_never"),
        ("cause: radio_timeout", "cause: Radio timeout", 8, "pattern_cause"),
        ("count_address: 10", "count_address: 12", 9, "tags_over_count"),
        ("entries: 4, tag_words: 4", "entries: 25, tag_words: 8", 9, "tags_too_long"),
        ("tag_words: 4}", "tag_words: 4, table: coil}", 9, "tags_in_bits"),
        ("last: 3", "last: 0", 10, "windows_reversed"),
        ("stride: 32", "stride: 40000", 5, "address_too_high"),
        (WINDOWS, WINDOWS + "before_read: [{table: input, address: 1, value: 1}]\n", 11, "not_writable"),
        (WINDOWS, WINDOWS + "before_read: [{table: coil, address: 1, value: 2}]\n", 11, "coil_value"),
        (WINDOWS, WINDOWS + "before_read: [{address: 32, value: 2}]\n", 11, "outside_the_window"),
        (WINDOWS, WINDOWS + "settings: [{name: a, table: discrete, address: 1, maximum: 1}]\n", 11, "not_writable"),
        (WINDOWS, WINDOWS + "settings: [{name: a, table: coil, address: 1}]\n", 11, "coil_value"),
        (WINDOWS, WINDOWS + "settings: [{name: a, address: 1, before: [{address: 40, value: 1}]}]\n", 11, "outside_the_window"),
        (WINDOWS, WINDOWS + "settings: [{name: a, address: 1, after: [{table: input, address: 4, value: 1}]}]\n", 11, "not_writable"),
        (WINDOWS, WINDOWS + "settings: [{name: a, address: 1, minimum: 9, maximum: 8}]\n", 11, "point_limits"),
        (WINDOWS, WINDOWS + "identity: [{address: 0, mask: 0xFF, equals: 0x122}]\n", 11, "health_never"),
        (
            WINDOWS,
            WINDOWS + "variants: [{profile: mine-1, title: {en: a, zh: b}}, {profile: mine-1, title: {en: a, zh: b}}]\n",
            11,
            "variant_twice",
        ),
    ],
)
def test_a_wrong_profile_is_told_at_its_place(tmp_path: Path, old: str, new: str, line: int, sentence: str) -> None:
    assert PROFILE.count(old) == 1
    assert (line, sentence) in [(line, sentence) for line, _, sentence in _wrong(tmp_path, PROFILE.replace(old, new))]


def test_a_bit_of_a_register_and_a_coil_are_points(tmp_path: Path) -> None:
    text = PROFILE.replace("key: level, address: 0", "key: occupied, address: 0, type: bit, bit: 3")
    assert load_profile(written(tmp_path, text, "mine.yaml")).points[0].bit == 3
    text = PROFILE.replace("key: level, address: 0", "key: occupied, address: 0, table: coil, type: bit")
    assert load_profile(written(tmp_path, text, "mine.yaml")).points[0].table is Table.COIL


def test_a_profile_that_says_nothing_is_wrong(tmp_path: Path) -> None:
    assert _wrong(tmp_path, "profile: mine\ntitle: {en: a, zh: b}\nsource: x\n") == [(1, 1, "profile_says_nothing")]


def test_profiles_beside_the_site_overlay_the_packaged_ones(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    own = (packaged_folder() / "kerb-pile.yaml").read_text("utf-8").replace("poll_s: 2.0", "poll_s: 7.0")
    (tmp_path / "profiles" / "kerb-pile.yaml").write_text(own, "utf-8")
    assert load_site(written(tmp_path, RIGHT)).profiles["kerb-pile"].poll_s == 7.0


def test_a_folder_that_is_handed_in_overlays_the_one_beside_the_site(tmp_path: Path) -> None:
    for folder, poll_s in (("profiles", "7.0"), ("more", "9.0")):
        (tmp_path / folder).mkdir()
        own = (packaged_folder() / "kerb-pile.yaml").read_text("utf-8").replace("poll_s: 2.0", f"poll_s: {poll_s}")
        (tmp_path / folder / "kerb-pile.yaml").write_text(own, "utf-8")
    assert load_site(written(tmp_path, RIGHT), [tmp_path / "more"]).profiles["kerb-pile"].poll_s == 9.0


def test_a_wrong_profile_of_the_user_is_told_together_with_the_site(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    shutil.copy(packaged_folder() / "kerb-pile.yaml", tmp_path / "profiles" / "kerb-pile.yaml")
    written(tmp_path / "profiles", PROFILE.replace("equals: 0x3500", "equals: 0x3501"), "mine.yaml")
    site = written(tmp_path, RIGHT.replace("profile: witmotion-wt901c485, unit: 1", "profile: mine, unit: 1") + "bogus: 1\n")
    found = [(Path(each.file).name, each.line, each.sentence) for each in mistakes(site)]
    assert found == [("mine.yaml", 8, "config.health_never"), ("site.yaml", 13, "config.unknown_key")]


def test_a_folder_of_profiles_that_is_not_there_is_told(tmp_path: Path) -> None:
    (mistake,) = mistakes(written(tmp_path, RIGHT), tmp_path / "nowhere")
    assert mistake.sentence == "config.profile_folder"


MINE = "profile: mine\ntitle: {en: m, zh: m}\nsource: s\npoints: [{key: level, address: 1}]\n"
FRAMED = """\
profile: mine
title: {en: m, zh: m}
source: s
protocol: hmr2300
points:
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FRAMED + "  - {key: x_ut}\n", [(6, 5, "field_missing")]),
        (FRAMED + "  - {key: x_ut, field: w}\n", [(6, 24, "field_unknown")]),
        (FRAMED + "  - {key: x_ut, field: x, address: 1}\n", [(6, 27, "only_modbus")]),
        (FRAMED + "  - {key: x_ut, field: x}\nbefore_read: [{address: 1, value: 1}]\n", [(7, 1, "only_modbus")]),
        ("profile: mine\ntitle: {en: m, zh: m}\nsource: s\npoints: [{key: level}]\n", [(4, 10, "address_missing")]),
        ("profile: mine\ntitle: {en: m, zh: m}\nsource: s\npoints: [{key: level, address: 1, field: x}]\n", [(4, 35, "field_needless")]),
        (
            "profile: mine\ntitle: {en: m, zh: m}\nsource: s\npoints: [{key: level, address: 1, word_order: little}]\n",
            [(4, 35, "word_order_needless")],
        ),
        (
            MINE + "settings:\n  - {name: a, address: 1, maximum: 5, value: 6}\n  - {name: a, address: 2}\n",
            [(6, 46, "setting_range"), (7, 12, "setting_twice")],
        ),
        (
            MINE
            + "variants:\n  - {profile: other, title: {en: o, zh: o}, scale: {count: 1}}\n"
            + "  - {profile: mine-2, title: {en: o, zh: o}, scale: {level: 0}}\n",
            [(6, 15, "variant_name"), (6, 53, "variant_key"), (7, 61, "point_scale")],
        ),
        # A value beyond 10^15 could not be read back from a trace.
        (FRAMED + "  - {key: x_ut, field: x, scale: 6666666666666667}\n", [(6, 34, "must_be_at_most")]),
        (FRAMED + "  - {key: x_ut, field: x, offset: -1e300}\n", [(6, 35, "must_be_at_least")]),
    ],
)
def test_what_a_profile_of_the_wider_language_gets_wrong_is_told_at_its_place(
    tmp_path: Path, text: str, told: list[tuple[int, int, str]]
) -> None:
    assert _wrong(tmp_path, text) == told


def test_a_field_that_was_misspelt_is_answered_with_the_nearest(tmp_path: Path) -> None:
    text = "profile: mine\ntitle: {en: m, zh: m}\nsource: s\nprotocol: deying-m77\npoints: [{key: occupied, field: stat}]\n"
    with pytest.raises(ConfigError) as wrong:
        load_profile(written(tmp_path, text, "mine.yaml"))
    (mistake,) = wrong.value.mistakes
    assert mistake.message(Language.EN) == "an answer of deying-m77 has no field stat"
    assert mistake.advice(Language.EN) == "did you mean state?"


def test_a_folder_that_overlays_a_profile_with_variants_replaces_each_of_them(tmp_path: Path) -> None:
    own = (packaged_folder() / "dfrobot-urm.yaml").read_text("utf-8").replace("poll_s: 1.0", "poll_s: 7.0")
    profiles = gather([written(tmp_path, own, "dfrobot-urm.yaml").parent], load_profile).profiles
    assert [name for name in profiles.names if name.startswith("dfrobot")] == ["dfrobot-urm08", "dfrobot-urm14", "dfrobot-urm15"]
    assert {profiles[name].poll_s for name in profiles.names if name.startswith("dfrobot")} == {7.0}
    assert [profiles[f"dfrobot-urm{kind}"].points[0].scale for kind in ("08", "14", "15")] == [10, 0.1, 1]


def test_a_profile_with_variants_stands_for_each_of_them() -> None:
    base = Profile.model_validate(
        {
            "profile": "urm",
            "title": {"en": "u", "zh": "u"},
            "source": "s",
            "points": [{"key": "distance_mm", "address": 5, "scale": 10}, {"key": "temperature_c", "address": 6, "scale": 0.1}],
            "variants": [
                {"profile": "urm08", "title": {"en": "8", "zh": "8"}},
                {"profile": "urm14", "title": {"en": "14", "zh": "14"}, "scale": {"distance_mm": 0.1}},
            ],
        }
    )
    first, second = expanded(base)
    assert [(each.profile, each.title.en, [point.scale for point in each.points]) for each in (first, second)] == [
        ("urm08", "8", [10, 0.1]),
        ("urm14", "14", [0.1, 0.1]),
    ]
    assert expanded(first) == (first,)
