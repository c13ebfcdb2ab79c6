"""`kerbgate check --plan`: how often each poll will be made."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.console.main import kerbgate
from tests.config.sites import GATEWAY, RIGHT, written

_UNITS = range(1, 121)
CROWDED = (
    GATEWAY
    + "buses:\n  - {name: yard, line: {kind: tcp, host: 192.0.2.1}}\ndevices:\n"
    + "".join(f"  - {{name: d{unit}, bus: yard, profile: witmotion-wt901c485, unit: {unit}, poll_s: 0.5}}\n" for unit in _UNITS)
    + "bays:\n"
    + "".join(f"  - {{id: b{unit}, device: d{unit}}}\n" for unit in _UNITS)
)
"""Modbus TCP has no line rate that could be too low, yet one unit after the other is asked there too."""


def _check(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner().invoke(kerbgate, ["--lang", lang, "check", *map(str, arguments)])


def test_every_poll_and_every_line_is_shown(tmp_path: Path) -> None:
    result = _check(written(tmp_path, RIGHT), "--plan")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split() for line in result.stdout.splitlines()[3:]] == [
        ["bus", "unit", "devices", "requests", "ms", "wanted", "s", "achieved", "s"],
        ["kerb", "1", "d1", "1", "45", "2", "2.00"],
        ["kerb", "2", "d2", "1", "45", "2", "2.00"],
        ["kerb", "3", "p1", "1", "86", "2", "2.00"],
        [],
        ["bus", "busy", "skipped/min", "longest", "ms"],
        ["kerb", "9", "%", "0", "86"],
    ]


@pytest.mark.parametrize(("lang", "words"), [("en", "will come more rarely than wanted"), ("zh", "达不到期望周期")])
def test_a_line_that_cannot_keep_up_is_told_with_what_to_do(tmp_path: Path, lang: str, words: str) -> None:
    result = _check(written(tmp_path, CROWDED), "--plan", lang=lang)
    assert result.exit_code == 0
    said = result.stderr.splitlines()
    assert words in said[-2]
    assert "poll_s" in said[-1]
    assert result.stdout.splitlines()[-1].split()[:3] == ["yard", "100", "%"]


def test_json_holds_the_forecast(tmp_path: Path) -> None:
    assert "plan" not in json.loads(_check(written(tmp_path, RIGHT), "--json").stdout)
    (line,) = json.loads(_check(written(tmp_path, RIGHT), "--plan", "--json").stdout)["plan"]
    assert (line["bus"], line["on_time"], line["skipped"]) == ("kerb", True, 0)
    assert line["utilisation_pct"] == pytest.approx(8.8, abs=0.3)
    assert [poll["devices"] for poll in line["polls"]] == [["d1"], ["d2"], ["p1"]]
    (crowded,) = json.loads(_check(written(tmp_path, CROWDED), "--plan", "--json").stdout)["plan"]
    assert crowded["on_time"] is False
    assert crowded["skipped"] > 0
    slowest = max(poll["achieved_s"] for poll in crowded["polls"])
    assert slowest > 0.5


def test_a_wrong_site_has_no_plan(tmp_path: Path) -> None:
    result = _check(written(tmp_path, RIGHT + "qqqq: 1\n"), "--plan")
    assert result.exit_code == 2
    assert result.stdout == ""
