"""Wrong keys and values: all of them in one go, each at its place, in our words and not the validator's."""

import time
from pathlib import Path

import pytest

from config.loader import load_site
from config.mistakes import MOST_MISTAKES
from config.site import Language
from tests.config.sites import BAYS, BUS, DEVICES, GATEWAY, RIGHT, mistakes, sentences, told, written

MANY = """gateway: 12
gatway: x
gateway: again
buses:
  - name: a
    line: {kind: seral, port: x}
  - name: b
    line: {kind: serial, baud: "9600", parity: evn, stop_bits: 3, tcp: 1}
  - name: c
    line: {port: 5}
  - 7
devices:
  - {name: bad name, bus: a, unit: true, poll_s: 0, profile: }
  - {name: d, bus: b, unit: 1300, profile: [x], timeout_s: 31}
uplink: {host: "", port: 1.0, password: hunter2, window: 1000, ack: brokr}
bays: 3
stations: [{id: s, piles: []}]
operators: [{name: o, tag_prefix: e280}]
detection: yes
3: x
"""


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    assert told(tmp_path, MANY) == [
        (1, 10, "want_text"),
        (2, 1, "unknown_key"),
        (3, 1, "duplicate_key"),
        (6, 18, "not_one_of"),
        (8, 11, "missing_key"),
        (8, 32, "want_integer"),
        (8, 48, "not_one_of"),
        (8, 64, "not_one_of"),
        (8, 67, "unknown_key"),
        (10, 11, "missing_key"),
        (11, 5, "want_mapping"),
        (13, 12, "pattern_name"),
        (13, 36, "want_integer"),
        (13, 50, "must_be_more"),
        (13, 61, "no_value"),
        (14, 29, "must_be_at_most"),
        (14, 44, "want_text"),
        (14, 60, "must_be_at_most"),
        (15, 16, "text_empty"),
        (15, 26, "want_integer"),
        (15, 31, "unknown_key"),
        (15, 58, "must_be_at_most"),
        (15, 69, "not_one_of"),
        (16, 7, "want_list"),
        (17, 27, "list_too_short"),
        (18, 35, "pattern_hexadecimal"),
        (19, 12, "want_mapping"),
        (20, 1, "key_not_text"),
    ]


def test_an_item_that_is_wrong_by_itself_is_told_its_wrong_names_too(tmp_path: Path) -> None:
    text = (
        "gateway: g\n"
        "buses: [{name: kerb, line: {kind: tcp, host: h}}]\n"
        "devices: [{name: d, bus: kreb, profile: kerb-plie, unit: 300}]\n"
        "bays: [{id: a b, device: dd}]\n"
        "stations: [{id: s, piles: [d, e], capacity: -1}]\n"
    )
    assert told(tmp_path, text) == [
        (3, 26, "unknown_bus"),
        (3, 41, "unknown_profile"),
        (3, 58, "must_be_at_most"),
        (4, 13, "pattern_name"),
        (4, 26, "unknown_device"),
        (5, 31, "unknown_device"),
        (5, 45, "must_be_at_least"),
    ]


def test_sentences_speak_of_what_was_written_and_offer_what_was_meant(tmp_path: Path) -> None:
    path = written(tmp_path, MANY)
    english = {(each.line, each.column): each.text(Language.EN).removeprefix(f"{path}:") for each in mistakes(path)}
    assert english[1, 10] == "1:10: gateway must be text, and is 12 (put it in quotes, else YAML takes it for something else)"
    assert english[2, 1] == "2:1: the key gatway is unknown (did you mean gateway?)"
    assert english[3, 1] == "3:1: the key gateway stands here a second time; first in line 1 (keep one of the two)"
    assert english[6, 18] == "6:18: kind is seral, which is not one of: serial, tcp, rtu_over_tcp (did you mean serial?)"
    assert english[8, 32] == "8:32: baud must be a whole number, and is 9600 (remove the quotes)"
    assert english[8, 67] == "8:67: the key tcp is unknown (known here: baud, parity, stop_bits, kind, port, rs485)"
    assert english[14, 29] == "14:29: unit is 1300 and must be at most 999 (write 999 or less)"
    assert english[15, 31] == "15:31: the key password is unknown (did you mean password_file?)"


def test_a_password_that_stands_in_the_file_is_not_repeated(tmp_path: Path) -> None:
    assert "hunter2" not in "".join(each.text(language) for each in mistakes(written(tmp_path, MANY)) for language in Language)


def test_chinese_is_chinese(tmp_path: Path) -> None:
    path = written(tmp_path, "gateway: g\nbusses: []\n")
    (unknown,) = [each for each in mistakes(path) if each.sentence == "config.unknown_key"]
    assert unknown.text(Language.ZH) == f"{path}:2:1: 未知的键 busses (是否应为 buses？)"


def test_yes_and_on_are_words_and_true_is_no_number(tmp_path: Path) -> None:
    assert sentences(tmp_path, RIGHT.replace("g-1", "yes")) == []
    assert sentences(tmp_path, RIGHT.replace("g-1", "on")) == []
    assert sentences(tmp_path, RIGHT.replace("g-1", "true")) == ["want_text"]
    assert sentences(tmp_path, RIGHT.replace("unit: 1,", "unit: true,")) == ["want_integer"]
    assert sentences(tmp_path, "%YAML 1.1\n---\n" + RIGHT.replace("g-1", "no")) == []


@pytest.mark.parametrize(("text", "value"), [("0x10", 16), ("0o17", 15), ("+7", 7), ("007", 7), ("!!int 7", 7)])
def test_integers_are_those_of_yaml_1_2(tmp_path: Path, text: str, value: int) -> None:
    assert load_site(written(tmp_path, RIGHT.replace("unit: 1,", f"unit: {text},"))).site.devices[0].unit == value


@pytest.mark.parametrize("number", [".inf", "-.Inf", ".nan", "9" * 5000, "1e999"])
def test_a_number_that_is_none_is_told_once(tmp_path: Path, number: str) -> None:
    assert told(tmp_path, RIGHT + f"detection: {{dwell_s: {number}}}\n") == [(13, 22, "not_a_finite_number")]


def test_a_number_for_a_name_is_kept_when_it_is_quoted(tmp_path: Path) -> None:
    text = RIGHT.replace("id: b1", 'id: "0123"').replace("id: b2", "id: !!str 350582")
    assert [bay.id for bay in load_site(written(tmp_path, text)).site.bays] == ["0123", "350582"]
    assert sentences(tmp_path, RIGHT.replace("id: b1", "id: 0123")) == ["want_text"]


def test_aliases_and_merges_save_typing(tmp_path: Path) -> None:
    devices = """devices:
  - &one {name: d1, bus: kerb, profile: witmotion-wt901c485, unit: 1, poll_s: 2}
  - {<<: *one, name: d2, unit: 2}
"""
    loaded = load_site(written(tmp_path, GATEWAY + BUS + devices))
    assert [(each.name, each.unit, each.poll_s) for each in loaded.site.devices] == [("d1", 1, 2), ("d2", 2, 2)]
    assert sentences(tmp_path, RIGHT + "journal: {<<: 3}\n") == ["merge_of_no_mapping"]


def test_foreign_tags_are_refused(tmp_path: Path) -> None:
    assert sentences(tmp_path, RIGHT.replace("g-1", "!!python/name:os.system g-1")) == ["unknown_tag"]


def test_what_is_missing_is_told_where_it_belongs(tmp_path: Path) -> None:
    assert told(tmp_path, BUS + DEVICES) == [(1, 1, "missing_key")]
    assert told(tmp_path, GATEWAY + "buses: []\n" + DEVICES)[0] == (2, 8, "list_too_short")


def test_wrong_items_do_not_make_a_list_too_short(tmp_path: Path) -> None:
    assert sentences(tmp_path, GATEWAY + "buses:\n  - {name: kerb, line: {kind: serial}}\n" + DEVICES) == ["missing_key"]


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    text = RIGHT.replace("g-1", '"\\e[31mred\\a"').replace("profile: kerb-pile", 'profile: "\\e[2J\\n"')
    path = written(tmp_path, text + 'uplink: {host: h, tls: {ca_file: "\\e[2J"}}\n')
    texts = [each.text(language) for each in mistakes(path) for language in Language]
    assert len(texts) == 3 * len(Language)
    assert all(text.isprintable() for text in texts)


def test_half_a_surrogate_is_a_mistake_and_not_a_crash(tmp_path: Path) -> None:
    assert sentences(tmp_path, RIGHT.replace("g-1", '"\\uD800"')) == ["bad_character"]


def test_no_more_mistakes_are_told_than_anybody_reads(tmp_path: Path) -> None:
    text = RIGHT + "".join(f"nope{number}: 1\n" for number in range(150))
    found = mistakes(written(tmp_path, text))
    assert len(found) == MOST_MISTAKES
    assert found[-1].message(Language.EN) == f"and at least {150 - MOST_MISTAKES + 1} more mistakes"


@pytest.mark.parametrize("item", ["nope{0}: 1", "  - {{id: b{0}, device: dd{0}}}", "  - {{id: b{0}, device: d1}}"])
def test_a_large_file_of_nothing_but_mistakes_is_answered_soon(tmp_path: Path, item: str) -> None:
    start = RIGHT.replace(BAYS, "") + ("" if item.startswith("nope") else "bays:\n")
    text = start + "\n".join(item.format(number) for number in range(4500)) + "\n"
    begun = time.perf_counter()
    assert len(mistakes(written(tmp_path, text))) == MOST_MISTAKES
    assert time.perf_counter() - begun < 20.0
