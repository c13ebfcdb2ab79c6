"""What concerns two places of a site at once: each rule broken alone, told at its place and naming the other."""

from pathlib import Path

import pytest

from config.loader import load_site
from config.site import Language
from tests.config.sites import BAYS, BUS, DEVICES, GATEWAY, RIGHT, STATIONS, mistakes, pointed, sentences, written

DX80 = """devices:
  - {name: n1, bus: kerb, profile: banner-dx80-mgage, unit: 1, sub_unit: 1}
  - {name: n2, bus: kerb, profile: banner-dx80-mgage, unit: 1, sub_unit: 2}
"""


def test_the_right_site_breaks_no_rule(tmp_path: Path) -> None:
    assert pointed(tmp_path, RIGHT) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name: d2", "name: d1", [(6, "d1", "device_twice"), (10, "d2", "unknown_device")]),
        ("id: b2", "id: b1", [(10, "b1", "bay_twice")]),
        ("bus: kerb, profile: kerb-pile", "bus: krb, profile: kerb-pile", [(7, "krb", "unknown_bus")]),
        ("device: d2", "device: dd", [(10, "dd", "unknown_device")]),
        ("[p1]", "[p9]", [(12, "p9", "unknown_device")]),
        ("device: d2", "device: d1", [(10, "d1", "bound_twice")]),
        ("[p1]", "[p1, p1]", [(12, "p1", "bound_twice")]),
        ("[p1]", "[d1]", [(12, "d1", "bound_twice"), (12, "d1", "tells_no_bike")]),
        ("device: d2", "device: p1", [(10, "p1", "tells_no_vehicle"), (12, "p1", "bound_twice")]),
        ("unit: 2", "unit: 1", [(6, "1", "unit_twice")]),
        ("profile: kerb-pile", "profile: kerb-pil", [(7, "kerb-pil", "unknown_profile")]),
        ("unit: 3", "unit: 3, sub_unit: 1", [(7, "sub_unit", "sub_unit_needless")]),
        ("unit: 2, poll_s: 2", "unit: 2, poll_s: 20", [(10, "d2", "silent_before_polled")]),
        ("unit: 3", "unit: 3, poll_s: 40", [(12, "p1", "silent_before_polled")]),
        ("device: d2", "device: d2, detection: {silent_s: 3}", [(10, "3", "silent_before_polled")]),
        ("device: d2", "device: d2, detection: {vacant_ut: 6}", [(10, "6", "no_hysteresis")]),
        ("device: d2", "device: d2, detection: {occupied_level: 100}", [(10, "100", "no_hysteresis")]),
    ],
)
def test_a_broken_rule_is_told_at_its_place(tmp_path: Path, old: str, new: str, expected: list[tuple[int, str, str]]) -> None:
    assert RIGHT.count(old) == 1
    assert pointed(tmp_path, RIGHT.replace(old, new)) == expected


def test_a_mistake_of_two_places_names_the_other_line(tmp_path: Path) -> None:
    (mistake,) = mistakes(written(tmp_path, RIGHT.replace("unit: 2", "unit: 1")))
    assert mistake.message(Language.EN) == "unit 1 on bus kerb is already the device d1, line 5"
    assert mistake.message(Language.ZH) == "总线 kerb 上的站号 1 已被设备 d1 占用（第 5 行）"


def test_a_misspelt_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    text = RIGHT.replace("witmotion-wt901c485, unit: 1", "witmotion-wt901, unit: 1").replace(
        "bus: kerb, profile: kerb-pile", "bus: krb, profile: x"
    )
    hints = [each.advice(Language.EN) for each in mistakes(written(tmp_path, text))]
    assert hints[0] == "did you mean witmotion-wt901c485?"
    assert hints[1] == "did you mean kerb?"
    assert str(hints[2]).startswith("there are: banner-dx80-mgage, deying-m77, dfrobot-urm08,")


def test_two_sensors_of_one_unit_are_two_devices(tmp_path: Path) -> None:
    assert sentences(tmp_path, GATEWAY + BUS + DX80) == []
    assert pointed(tmp_path, GATEWAY + BUS + DX80.replace("sub_unit: 2", "sub_unit: 1")) == [(6, "1", "sub_unit_twice")]


def test_a_sensor_behind_a_concentrator_needs_a_sub_unit_in_its_range(tmp_path: Path) -> None:
    assert pointed(tmp_path, GATEWAY + BUS + DX80.replace(", sub_unit: 2", "")) == [(6, "{", "sub_unit_missing")]
    assert pointed(tmp_path, GATEWAY + BUS + DX80.replace("sub_unit: 2", "sub_unit: 48")) == [(6, "48", "sub_unit_outside")]
    assert pointed(tmp_path, GATEWAY + BUS + DX80.replace("sub_unit: 2", "sub_unit: 0")) == [(6, "0", "sub_unit_outside")]


def test_one_wrong_device_does_not_hide_that_two_others_share_a_unit(tmp_path: Path) -> None:
    wrong = "  - {name: d9, bus: kerb, profile: kerb-pile, unit: none}\n  - {name: p2, bus: kerb, profile: kerb-pile, unit: 3}\n"
    text = GATEWAY + BUS + DEVICES + wrong + BAYS + STATIONS
    assert pointed(tmp_path, text) == [(8, "none", "want_integer"), (9, "3", "unit_twice")]


def test_a_name_that_stands_in_a_wrong_item_is_not_unknown(tmp_path: Path) -> None:
    text = RIGHT.replace("baud: 9600", "baud: fast").replace("unit: 2, poll_s: 2", "unit: 2, poll_s: often")
    assert sentences(tmp_path, text) == ["want_integer", "want_number"]


def test_where_a_whole_list_is_wrong_its_names_are_not_missed(tmp_path: Path) -> None:
    assert sentences(tmp_path, GATEWAY + "buses: 3\n" + DEVICES + BAYS + STATIONS) == ["want_list"]
    assert sentences(tmp_path, GATEWAY + BUS + BAYS + STATIONS) == ["missing_key"]


def test_a_wire_has_one_owner_whatever_its_port_is_called(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    (tmp_path / "by-id").symlink_to(port)
    buses = f"""buses:
  - {{name: a, line: {{kind: serial, port: {port}}}}}
  - {{name: b, line: {{kind: serial, port: {tmp_path}/by-id}}}}
  - {{name: c, line: {{kind: tcp, host: h}}}}
  - {{name: d, line: {{kind: rtu_over_tcp, host: H, port: 502}}}}
  - {{name: e, line: {{kind: tcp, host: h, port: 503}}}}
"""
    found = pointed(tmp_path, GATEWAY + buses + DEVICES.replace("kerb,", "a,"))
    assert [(line, sentence) for line, _, sentence in found] == [(4, "port_shared"), (6, "endpoint_shared")]


def test_two_operators_can_not_own_one_tag(tmp_path: Path) -> None:
    operators = "operators:\n  - {name: blue, tag_prefix: E280}\n  - {name: red, tag_prefix: E2}\n  - {name: blue, tag_prefix: F0}\n"
    assert pointed(tmp_path, RIGHT + operators) == [(15, "E2", "prefixes_overlap"), (16, "blue", "operator_twice")]


def test_an_empty_field_belongs_to_a_three_axis_detector(tmp_path: Path) -> None:
    bays = "bays:\n  - {id: b1, device: n1, empty_field: {x_ut: 1, y_ut: 2, z_ut: 3}}\n"
    assert pointed(tmp_path, GATEWAY + BUS + DX80 + bays) == [(8, "empty_field", "empty_field_needless")]


KINDS = """devices:
  - {name: a, bus: kerb, profile: deying-m77, unit: 900, sub_unit: 2}
  - {name: b, bus: kerb, profile: deying-m77, unit: 900, sub_unit: 3}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("sub_unit: 2", "sub_unit: 2", []),
        ("unit: 900, sub_unit: 2", "unit: 0, sub_unit: 2", [(5, "0", "must_be_at_least")]),
        (", sub_unit: 2", "", [(5, "{", "sub_unit_missing")]),
        ("sub_unit: 2", "sub_unit: 100", [(5, "100", "sub_unit_outside")]),
        ("sub_unit: 2", "sub_unit: 3", [(6, "3", "sub_unit_twice")]),
        (
            "deying-m77, unit: 900, sub_unit: 2",
            "honeywell-hmr2300, unit: 99",
            [(5, "99", "must_be_at_most"), (6, "deying-m77", "protocols_mixed")],
        ),
        ("deying-m77, unit: 900, sub_unit: 2", "uhfreader18, unit: 0", [(6, "deying-m77", "protocols_mixed")]),
    ],
)
def test_a_device_has_an_address_of_its_protocol_and_a_line_that_speaks_one(
    tmp_path: Path, old: str, new: str, expected: list[tuple[int, str, str]]
) -> None:
    assert pointed(tmp_path, GATEWAY + BUS + KINDS.replace(old, new, 1)) == expected


def test_protocols_share_a_line_only_where_somebody_says_so(tmp_path: Path) -> None:
    text = GATEWAY + BUS + KINDS.replace("deying-m77, unit: 900, sub_unit: 2", "kerb-pile, unit: 9")
    (mistake,) = mistakes(written(tmp_path, text))
    assert mistake.message(Language.EN) == (
        "bus kerb would carry deying-m77 and, by line 5, modbus: units may answer to frames that are not theirs"
    )
    assert sentences(tmp_path, text.replace("{name: kerb,", "{name: kerb, mixed_protocols: true,")) == []


def test_a_line_of_modbus_tcp_carries_no_other_protocol(tmp_path: Path) -> None:
    tcp = "buses:\n  - {name: kerb, line: {kind: tcp, host: h}}\n"
    assert pointed(tmp_path, GATEWAY + tcp + KINDS) == [(line, "deying-m77", "protocol_not_on_tcp") for line in (5, 6)]
    behind = "buses:\n  - {name: kerb, line: {kind: rtu_over_tcp, host: h, port: 4196}}\n"
    assert sentences(tmp_path, GATEWAY + behind + KINDS) == []


def test_a_setting_is_one_that_the_profile_has_and_within_its_range(tmp_path: Path) -> None:
    geo = "unit: 2, poll_s: 2"
    assert RIGHT.count(geo) == 1
    assert sentences(tmp_path, RIGHT.replace(geo, geo + ", settings: {bandwidth: 6, response_delay: 3000}")) == []
    wrong = RIGHT.replace(geo, geo + ", settings: {bandwith: 2, bandwidth: 7}")
    assert pointed(tmp_path, wrong) == [(6, "bandwith", "unknown_setting"), (6, "7", "setting_range")]
    near, far = mistakes(written(tmp_path, wrong))
    assert near.advice(Language.EN) == "did you mean bandwidth?"
    assert far.message(Language.EN) == "the setting bandwidth is 7; the device takes 0 to 6"


def test_a_reader_tells_bikes_and_no_vehicles(tmp_path: Path) -> None:
    devices = "devices:\n  - {name: r1, bus: kerb, profile: uhfreader18, unit: 0}\n"
    assert sentences(tmp_path, GATEWAY + BUS + devices + "stations:\n  - {id: s1, piles: [r1]}\n") == []
    assert sentences(tmp_path, GATEWAY + BUS + devices + "bays:\n  - {id: b1, device: r1}\n") == ["tells_no_vehicle"]


def test_what_is_allowed_and_hardly_meant_is_advice_and_no_mistake(tmp_path: Path) -> None:
    text = RIGHT.replace("buses:\n", "buses:\n  - {name: spare, line: {kind: tcp, host: h}}\n").replace("  - {id: b2, device: d2}\n", "")
    loaded = load_site(written(tmp_path, text))
    assert [(each.line, each.sentence) for each in loaded.advice] == [(3, "config.bus_without_devices"), (7, "config.device_unbound")]


def test_several_uplinks_have_names_and_brokers_of_their_own(tmp_path: Path) -> None:
    uplinks = """uplinks:
  - {name: city, host: one.example}
  - {name: city, host: two.example}
  - {name: fleet, host: ONE.example, port: 1883}
  - {name: spare, host: one.example, tls: {}}
"""
    assert pointed(tmp_path, RIGHT + uplinks) == [(15, "city", "uplink_name_twice"), (16, "ONE.example", "uplink_broker_twice")]
    assert pointed(tmp_path, RIGHT + "uplinks:\n  - {host: a}\n  - {host: b}\n") == [(15, "b", "uplink_name_twice")]


def test_uplink_and_uplinks_are_not_both_written(tmp_path: Path) -> None:
    assert pointed(tmp_path, RIGHT + "uplink: {host: a}\nuplinks:\n  - {name: b, host: b}\n") == [(14, "uplinks", "uplink_and_uplinks")]
    site = load_site(written(tmp_path, RIGHT + "uplinks:\n  - {name: b, host: b}\n  - {name: c, host: c}\n")).site
    assert [uplink.name for uplink in site.forwards_to] == ["b", "c"]
    assert [uplink.name for uplink in load_site(written(tmp_path, RIGHT + "uplink: {host: a}\n")).site.forwards_to] == ["platform"]
