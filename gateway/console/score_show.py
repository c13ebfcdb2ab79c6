"""What `score` prints: for people the figures, the confusions and the strata; for programs one JSON object."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import click

from config.sentences import say
from gateway.console.speech import language
from gateway.console.table import Column, print_table
from gateway.scoring.judging import Judged
from gateway.scoring.measures import Measures, measures
from gateway.scoring.strata import Stratum, strata
from gateway.scoring.truth import FORMAT

_SHARES = ("recall", "precision", "invented_a_day", "splits_per_1000", "swaps_share", "parks_per_drive_over", "calibration_error")


def as_json_text(bays: Sequence[Judged]) -> str:
    sorted_out = [{"by": each.by, "name": each.name, **_object(each.measures)} for each in strata(bays)]
    whole = {"truth": FORMAT, **_object(measures(bays)), "strata": sorted_out}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _object(given: Measures) -> dict[str, object]:
    return {**asdict(given), **{name: getattr(given, name) for name in _SHARES}}


def show(bays: Sequence[Judged]) -> None:
    given = measures(bays)
    _figures(given)
    click.echo()
    _confusion(given)
    click.echo()
    _calibration(given)
    click.echo()
    _strata(strata(bays))


def _say(name: str, **values: object) -> str:
    return say(f"score.{name}", language(), **values)


def _figures(given: Measures) -> None:
    found = f"{given.found} / {given.facts}"
    rows = (
        ("bay_days", f"{given.bay_days:.2f}"),
        ("recall", f"{_percent(given.recall)}  ({found})"),
        ("precision", f"{_percent(given.precision)}  ({_say('invented_count', count=given.invented)})"),
        ("unseen", str(given.unseen)),
        ("false_a_day", _number(given.invented_a_day, 3)),
        ("splits", f"{given.splits}  ({_number(given.splits_per_1000, 1)} / 1000)"),
        ("merged", str(given.merged)),
        ("swaps", f"{given.swaps_seen} / {given.swaps}"),
        ("drive_over_parks", f"{given.parks_of_drive_overs} / {given.drive_overs}"),
        ("bus_parks", f"{given.parks_of_buses} / {given.buses}"),
        ("onset", _quantiles(given.onset_s)),
        ("confirm", _quantiles(given.confirm_s)),
        ("confirm_after", _quantiles(given.confirm_after_s)),
        ("duration", _quantiles(given.duration_s)),
        ("agreement", f"{_percent(given.agreement)}  ({_say('of_it_unknown', share=_percent(given.unknown))})"),
        ("calibration", _number(given.calibration_error, 3)),
    )
    print_table([Column(_say("figure")), Column(_say("value"))], [(_say(name), value) for name, value in rows])


def _confusion(given: Measures) -> None:
    columns = [Column(_say("happened")), *(Column(_say(f"told_{told}"), right=True) for told in ("start", "end", "nothing"))]
    print_table(columns, [(_say(f"what_{what}"), str(start), str(end), str(none)) for what, start, end, none in given.confusion])


def _calibration(given: Measures) -> None:
    columns = [Column(_say("sure")), Column(_say("told"), right=True), Column(_say("right"), right=True)]
    rows = [(f"{each.low:.2f}-{each.high:.2f}", str(each.told), _percent(each.right / each.told)) for each in given.calibration]
    print_table(columns, rows)


def _strata(found: Sequence[Stratum]) -> None:
    columns = [
        Column(_say("stratum")),
        *(Column(_say(name), right=True) for name in ("facts", "recall", "precision", "false_a_day", "onset")),
    ]
    print_table(columns, [_stratum(each) for each in found])


def _stratum(each: Stratum) -> tuple[str, ...]:
    given = each.measures
    precision = _percent(given.precision) if each.whole_bays else "-"
    false = _number(given.invented_a_day, 3) if each.whole_bays else "-"
    return f"{_say(f'by_{each.by}')}: {each.name}", str(given.facts), _percent(given.recall), precision, false, _quantiles(given.onset_s)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f} %"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _quantiles(found: tuple[float, float] | None) -> str:
    return "-" if found is None else f"{found[0]:.1f} / {found[1]:.1f} s"
