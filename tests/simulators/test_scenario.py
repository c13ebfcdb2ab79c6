"""Scenarios: the packaged ones are right, and a wrong one is told where it is wrong."""

import re
from collections import Counter
from pathlib import Path

import pytest

from config.mistakes import ConfigError
from config.sentences import catalogue
from config.site import Language
from simulators.layout import Model
from simulators.scenario import UnknownScenario, load_scenario, scenario_names

HEAD = "title: {en: a, zh: b}\n"
LINE = "lines:\n  - {name: kerb, kind: pty, carries: [{model: witmotion-wt901c485, bays: 2}]}\n"


def wrong(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "scenario.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as raised:
        load_scenario(path)
    return [mistake.text(Language.EN).removeprefix(str(path)) for mistake in raised.value.mistakes]


@pytest.mark.parametrize("name", scenario_names())
def test_every_packaged_scenario_loads_and_has_bays(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.title.zh != scenario.title.en
    assert scenario.plan().bays


def test_the_scenarios_that_were_promised_are_there() -> None:
    assert {"quiet-street", "rush-hour", "noisy-line", "cut-cable", "broker-away", "demo", "every-device"} <= set(scenario_names())


def test_the_quiet_street_is_twenty_four_bays_and_two_stations_of_eight_piles() -> None:
    scenario = load_scenario("quiet-street")
    assert len(scenario.plan().bays) == 24
    assert [len(station.piles) for station in scenario.plan().stations] == [8, 8]
    counts = Counter(each.model for each in scenario.devices)
    assert counts == {Model.GEOMAGNETIC: 16, Model.DX80: 8, Model.PILE: 16}
    assert not scenario.faults


def test_devices_are_numbered_through_and_a_concentrators_nodes_share_its_unit(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        HEAD + "lines:\n"
        "  - {name: a, kind: pty, carries: [{model: witmotion-wt901c485, unit: 80, bays: 2}, {model: kerb-pile, unit: 5, piles: 2}]}\n"
        "  - {name: b, kind: tcp, carries: [{model: banner-dx80-mgage, unit: 9, bays: 2}]}\n"
    )
    placed = [(each.line, each.device, each.unit, each.sub_unit, each.watches) for each in load_scenario(path).devices]
    assert placed == [
        ("a", "geo-01", 80, None, "350582-0123-001"),
        ("a", "geo-02", 81, None, "350582-0123-002"),
        ("a", "pile-01", 5, None, "350582-F-0001"),
        ("a", "pile-02", 6, None, "350582-F-0001"),
        ("b", "node-01", 9, 1, "350582-0123-003"),
        ("b", "node-02", 9, 2, "350582-0123-004"),
    ]


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(UnknownScenario) as raised:
        load_scenario("quiet-stret")
    assert raised.value.nearest == "quiet-street"
    with pytest.raises(UnknownScenario) as raised:
        load_scenario("xyz")
    assert raised.value.nearest is None


def test_a_file_that_is_not_there_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_scenario(tmp_path / "nothing.yaml")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (HEAD + LINE + "faults:\n  - {kind: cut, line: kreb}\n", ":1:1", "kreb"),
        (HEAD + LINE + "faults:\n  - {kind: radio_lost, device: geo-01}\n", ":1:1", "radio_lost"),
        (HEAD + LINE + "faults:\n  - {kind: silnet, device: geo-01}\n", ":5:12", "silent"),
        (HEAD + LINE + "faults:\n  - {kind: cut, line: kerb, from_s: 9, to_s: 3}\n", ":5:5", "later"),
        (HEAD + LINE + "  - {name: kerb, kind: tcp, carries: [{model: banner-dx80-mgage, bays: 1}]}\n", ":1:1", "one name"),
        (HEAD + LINE.replace("bays: 2", "bays: 2, piles: 1"), ":3:39", "bays"),
        (HEAD + LINE.replace("bays: 2", "unit: 247, bays: 2"), ":3:39", "247"),
        (HEAD + LINE.replace("bays: 2}", "bays: 2}, {model: kerb-pile, piles: 1}"), ":3:5", "unit id"),
        (HEAD + LINE.replace("witmotion-wt901c485", "banner-dx80-mgage").replace("bays: 2", "bays: 48"), ":3:39", "47"),
        (HEAD + LINE + "cars: {stay: {typical_s: 9, shortest_s: 9, longest_s: 3}}\n", ":4:14", "longest_s"),
        (HEAD + "lines: []\n", ":2:8", ""),
    ],
)
def test_a_wrong_scenario_is_told_where_and_what(tmp_path: Path, text: str, place: str, words: str) -> None:
    (only,) = wrong(tmp_path, text)
    assert only.startswith(place), only
    assert words in only


def test_every_complaint_of_a_scenario_has_its_sentence_in_both_languages() -> None:
    folder = Path(__file__).parents[2] / "simulators"
    raised = {found for path in folder.rglob("*.py") for found in re.findall(r'PydanticCustomError\("([\w.]+)"', path.read_text("utf-8"))}
    assert len(raised) > 8
    assert raised <= set(catalogue())
