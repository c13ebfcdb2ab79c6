"""What `simulate` writes is what `replay` and `score` read; and a picture is a picture."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from drivers.reading import Reading
from gateway.scoring.judging import judged
from gateway.scoring.picture import Band, picture
from gateway.scoring.truth import TruthFault, What, read_truth
from gateway.trace import Header, parse_line
from simulators.sampling import Form, Sampling
from simulators.trace_file import write_trace, write_truth
from simulators.truth import FactKind
from tests.gateway.scoring.days import NOBODY_SAID, came, end, start, went
from tests.simulators.hard_streets import hard_street

WALL = "2026-05-01T00:00:00Z"
WORDS = {word: word for word in ("true", "told", "found", "missed", "invented", "unseen")}


@pytest.mark.parametrize("form", list(Form))
def test_a_written_trace_is_read_by_replay_value_for_value(tmp_path: Path, form: Form) -> None:
    street = hard_street(2)
    days = [street.day(bay, f"{bay} “β”", (0.0, 900.0), Sampling(form=form, loss=0.1)) for bay in ("bay-1", "bay-2")]
    count = write_trace(days, WALL, tmp_path / "trace")
    first, *lines = (tmp_path / "trace").read_text("utf-8").splitlines()
    assert parse_line(first) == Header(1777593600.0)
    readings = [entry for entry in map(parse_line, lines) if isinstance(entry, Reading)]
    assert len(readings) == count == sum(day.times.size for day in days)
    assert [reading.t for reading in readings] == sorted(reading.t for reading in readings)
    for day in days:
        mine = [reading for reading in readings if reading.device == day.device]
        assert [reading.t for reading in mine] == day.times.tolist()
        for column in day.columns:
            assert [float(getattr(reading, column.name)) for reading in mine] == column.values.tolist()


def test_a_written_truth_is_read_by_score_fact_for_fact(tmp_path: Path) -> None:
    day = hard_street(2).day("bay-2", "geo-02", (0.0, 43200.0), Sampling(loss=0.1, silences_per_day=4))
    assert write_truth([day], WALL, 2, tmp_path / "truth") == len(day.facts)
    with (tmp_path / "truth").open(encoding="utf-8") as lines:
        truth = read_truth(lines)
    assert [(fact.t, fact.what.value) for fact in truth.facts["geo-02"]] == [(round(fact.t, 3), fact.what.value) for fact in day.facts]
    arrived = next(fact for fact in truth.facts["geo-02"] if fact.what is What.ARRIVED)
    own = next(fact for fact in day.facts if fact.what is FactKind.ARRIVED)
    assert own.signature_sigmas is not None
    assert arrived.signature_sigmas == pytest.approx(own.signature_sigmas, abs=1e-3)
    assert arrived.readings == own.readings
    assert truth.devices["geo-02"].interval_s == 1.0
    assert set(What) == {What(kind.value) for kind in FactKind}


@pytest.mark.parametrize(
    ("lines", "number", "sentence"),
    [
        (["[]"], 1, "score.truth_not_object"),
        (['{"truth":"kerbgate.truth/9"}'], 1, "score.truth_format"),
        (['{"truth":"kerbgate.truth/1"}', '{"t":1,"device":"a","what":"parked"}'], 2, "score.truth_fact"),
        (['{"t":2,"device":"a","what":"arrived"}', '{"t":1,"device":"a","what":"left"}'], 2, "score.truth_order"),
        (['{"t":NaN,"device":"a","what":"arrived"}'], 1, "score.truth_fact"),
    ],
)
def test_a_bad_truth_is_told_with_its_line(lines: list[str], number: int, sentence: str) -> None:
    with pytest.raises(TruthFault) as raised:
        read_truth(lines)
    assert (raised.value.number, raised.value.sentence) == (number, sentence)


def test_a_truth_labelled_by_hand_may_leave_all_but_three_keys_away() -> None:
    truth = read_truth(['{"t":1,"device":"a","what":"arrived"}', "", '{"t":5,"device":"a","what":"left"}'])
    assert [fact.settled_s for fact in truth.facts["a"]] == [1, 5]


def test_the_picture_marks_every_fact_and_every_invention() -> None:
    facts, told = [came(100), went(1000), came(2000), went(3000)], [start(100), end(1000), start(5000), end(5100)]
    band = Band(judged("泊位 <7>", NOBODY_SAID, facts, told, 6000.0), facts, told)
    tree = ET.fromstring(picture([band], WORDS))  # noqa: S314  # our own
    titles = [title.text or "" for title in tree.iter("{http://www.w3.org/2000/svg}title")]
    assert [title.split(":")[0] for title in titles] == ["found", "found", "missed", "missed", "invented", "invented"]
    assert "泊位 <7>" in [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")]
