"""The arithmetic of the wire, against the table of the Modbus numbers; and buses that can and can't carry their polls."""

from pathlib import Path

import pytest

from config.budget import FRAMES, character_ms, gap_ms, load_of, read_ms
from config.catalogue import Profiles
from config.lines import load_of_bus
from config.loader import load_site
from config.profile import Limits, Point, Profile, Title
from config.protocols import Protocol
from config.site import Device, Language, Parity, Wire
from drivers.device import devices_of
from drivers.frames import question_for
from drivers.polls import polls_of
from tests.config.sites import BUS, GATEWAY, mistakes, told, written


@pytest.mark.parametrize(
    ("baud", "character", "gap", "one", "sixteen", "most"),
    [
        (2400, 4.167, 14.58, 102, 227, 1135),
        (9600, 1.042, 3.65, 33, 64, 291),
        (19200, 0.521, 1.82, 22, 37, 151),
        (115200, 0.087, 1.75, 15, 17, 36),
    ],
)
def test_a_read_costs_what_the_table_says(baud: int, character: float, gap: float, one: float, sixteen: float, most: float) -> None:
    wire = Wire(baud=baud)
    assert character_ms(wire) == pytest.approx(character, abs=0.001)
    assert gap_ms(wire) == pytest.approx(gap, abs=0.01)
    assert [read_ms(wire, count, 10) for count in (1, 16, 125)] == pytest.approx([one, sixteen, most], abs=0.6)


def test_parity_and_stop_bits_lengthen_a_character() -> None:
    assert character_ms(Wire(baud=1000)) == 10
    assert character_ms(Wire(baud=1000, parity=Parity.EVEN)) == 11
    assert character_ms(Wire(baud=1000, stop_bits=2)) == 11


def test_bits_travel_eight_in_a_byte() -> None:
    wire = Wire(baud=9600)
    assert read_ms(wire, 9, 0, bits=True) == pytest.approx(read_ms(wire, 1, 0))


def _nodes(count: int, poll_s: float) -> str:
    one = "  - {{name: n{node}, bus: kerb, profile: banner-dx80-mgage, unit: 1, sub_unit: {node}, poll_s: {poll_s}}}\n"
    return "devices:\n" + "".join(one.format(node=node, poll_s=poll_s) for node in range(1, count + 1))


def test_nodes_behind_one_unit_are_read_together_as_far_as_a_slice_goes(tmp_path: Path) -> None:
    loaded = load_site(written(tmp_path, GATEWAY + BUS + _nodes(7, 1)))
    load = load_of_bus(loaded.site.buses[0], loaded.site.devices, loaded.profiles)
    assert load is not None
    (one,) = load.rounds
    # Two nodes fit into a slice of 100 ms: from I/O 1 of one to I/O 8 of the next.
    assert one.reads == 4
    assert one.cost_ms == pytest.approx(3 * read_ms(Wire(baud=9600), 16 + 8, 20) + read_ms(Wire(baud=9600), 8, 20))


def test_a_site_that_fits_only_because_neighbours_are_read_together_is_right(tmp_path: Path) -> None:
    # Alone, each node would cost 55 ms: 21 of them more than a second.
    assert told(tmp_path, GATEWAY + BUS + _nodes(21, 1)) == []


def _detectors(count: int, poll_s: float, line: str = "kind: serial, port: /dev/ttyTEST0, baud: 9600") -> str:
    one = "  - {{name: d{unit}, bus: kerb, profile: witmotion-wt901c485, unit: {unit}, poll_s: {poll_s}}}\n"
    devices = "".join(one.format(unit=unit, poll_s=poll_s) for unit in range(1, count + 1))
    return f"gateway: g\nbuses:\n  - {{name: kerb, line: {{{line}}}}}\ndevices:\n{devices}"


def test_a_bus_that_can_not_keep_up_is_told_by_how_much_and_what_would_fit(tmp_path: Path) -> None:
    text = _detectors(32, 1)
    path = written(tmp_path, text)
    (mistake,) = mistakes(path)
    assert (mistake.line, mistake.column) == (3, text.splitlines()[2].index("9600") + 1)
    cost = read_ms(Wire(baud=9600), 7, 10)
    values = dict(mistake.values)
    assert values["needed"] == round(32 * cost) == 1453
    assert values["over"] == 453
    assert mistake.message(Language.EN) == "the polls of bus kerb need 1453 ms of every second (145 %), 453 ms more than there are"
    assert values["poll_s"] == "1.9"


def test_the_period_that_is_offered_fits(tmp_path: Path) -> None:
    (mistake,) = mistakes(written(tmp_path, _detectors(32, 1)))
    loaded = load_site(written(tmp_path, _detectors(32, float(str(dict(mistake.values)["poll_s"])))))
    assert [each.sentence for each in loaded.advice if "bus" in each.sentence] == []


def test_a_bus_without_room_for_a_retry_is_advised(tmp_path: Path) -> None:
    loaded = load_site(written(tmp_path, _detectors(20, 1)))
    assert "config.bus_nearly_full" in [each.sentence for each in loaded.advice]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kind: tcp, host: h", []),
        ("kind: rtu_over_tcp, host: h, port: 4196, baud: 9600", ["bus_overloaded"]),
        ("kind: rtu_over_tcp, host: h, port: 4196, baud: 115200", []),
        ("kind: serial, port: /dev/ttyTEST0", ["bus_overloaded"]),
    ],
)
def test_only_a_wire_has_a_rate(tmp_path: Path, line: str, expected: list[str]) -> None:
    assert [sentence for *_, sentence in told(tmp_path, _detectors(32, 1, line))] == expected


def _profile(name: str, *points: Point, **limits: object) -> Profile:
    return Profile(profile=name, title=Title(en="x", zh="x"), source="test", points=points, limits=Limits.model_validate(limits))


def test_a_device_that_can_not_bear_holes_or_long_reads_costs_more_reads() -> None:
    points = tuple(Point(key=key, address=address) for key, address in (("x_ut", 0), ("y_ut", 4), ("z_ut", 8)))
    device = Device(name="d", bus="b", profile="p", unit=1)
    reads = {
        "together": load_of(Wire(), [(device, _profile("p", *points))]),
        "no holes": load_of(Wire(), [(device, _profile("p", *points, holes=False))]),
        "short": load_of(Wire(), [(device, _profile("p", *points, registers_per_read=8))]),
    }
    assert {name: load.rounds[0].reads for name, load in reads.items()} == {"together": 1, "no holes": 3, "short": 2}


@pytest.mark.parametrize("example", ["street", "one-bay"])
def test_the_budget_counts_the_reads_that_the_drivers_plan(example: str) -> None:
    loaded = load_site(Path(__file__).parents[2] / "config" / "examples" / f"{example}.yaml")
    for bus in loaded.site.buses:
        load = load_of_bus(bus, loaded.site.devices, loaded.profiles)
        if load is not None:
            planned = polls_of(devices_of(bus.name, loaded.site, loaded.profiles), bus.line)
            assert sum(each.reads for each in load.rounds) == sum(len(poll.slices) for poll in planned)


@pytest.mark.parametrize("count", [1, 7, 8, 20, 47])
@pytest.mark.parametrize("baud", [1200, 9600, 115200])
def test_the_budget_and_the_drivers_plan_windows_alike(tmp_path: Path, count: int, baud: int) -> None:
    loaded = load_site(written(tmp_path, GATEWAY + BUS.replace("9600", str(baud)) + _nodes(count, 30)))
    bus = loaded.site.buses[0]
    load = load_of_bus(bus, loaded.site.devices, loaded.profiles)
    planned = polls_of(devices_of("kerb", loaded.site, loaded.profiles), bus.line)
    assert load is not None
    assert sum(each.reads for each in load.rounds) == sum(len(poll.slices) for poll in planned)


FRAMED = """devices:
  - {name: m1, bus: kerb, profile: deying-m77, unit: 1, sub_unit: 1, poll_s: 1}
  - {name: m2, bus: kerb, profile: deying-m77, unit: 1, sub_unit: 2, poll_s: 1}
  - {name: h1, bus: kerb, profile: honeywell-hmr2300, unit: 7, poll_s: 2}
  - {name: u1, bus: kerb, profile: dfrobot-urm14, unit: 12, poll_s: 3}
  - {name: l1, bus: kerb, profile: ld120-loop, unit: 9, poll_s: 4}
"""
MIXED = BUS.replace("{name: kerb,", "{name: kerb, mixed_protocols: true,")


def test_each_device_costs_what_the_drivers_expect_of_it_whatever_it_speaks(tmp_path: Path) -> None:
    loaded = load_site(written(tmp_path, GATEWAY + MIXED + FRAMED))
    load = load_of_bus(loaded.site.buses[0], loaded.site.devices, loaded.profiles)
    assert load is not None
    planned = polls_of(devices_of("kerb", loaded.site, loaded.profiles), loaded.site.buses[0].line)
    expected: dict[float, list[float]] = {}
    for poll in planned:
        expected.setdefault(poll.period_s, []).extend(1000 * each.cost_s for each in poll.slices)
    assert {each.period_s: each.reads for each in load.rounds} == {period_s: len(costs) for period_s, costs in expected.items()}
    assert {each.period_s: each.cost_ms for each in load.rounds} == pytest.approx({at: sum(costs) for at, costs in expected.items()})
    # 9 characters there and 27 back, twice T3.5, 20 ms of thought: for each of two detectors.
    assert load.rounds[0].cost_ms == pytest.approx(2 * (36 * 1.0417 + 2 * 3.646 + 20), abs=0.1)


def test_a_question_is_as_long_as_the_budget_says() -> None:
    for protocol, (request, answer) in FRAMES.items():
        question = question_for(protocol, 1, 1)
        assert question.request_octets == request
        assert question.answer_octets == answer or protocol is Protocol.UHFREADER18
    # A reader's answer is as long as its tags: with one of twelve bytes, that of the public vector.
    assert FRAMES[Protocol.UHFREADER18][1] == len(bytes.fromhex("13 00 01 03 01 0C 000000000000000000000313 3F 39"))


def test_readers_that_are_asked_too_often_are_too_much(tmp_path: Path) -> None:
    devices = "devices:\n" + "".join(
        f"  - {{name: r{unit}, bus: kerb, profile: uhfreader18, unit: {unit}, poll_s: 1}}\n" for unit in range(9)
    )
    assert [sentence for *_, sentence in told(tmp_path, GATEWAY + BUS + devices)] == ["bus_overloaded"]


def test_profiles_are_found_by_name() -> None:
    profiles = Profiles((_profile("alpha", Point(key="level", address=0)),))
    assert profiles["alpha"] is profiles.get("alpha")
    assert "alpha" in profiles
    assert profiles.get("beta") is None
    assert profiles.nearest("alfa") == "alpha"
    assert list(profiles) == ["alpha"]
