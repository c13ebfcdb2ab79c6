"""Where a detector is good and where it is not: arrivals and departures sorted by what makes them hard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.scoring.judging import Found, Judged
from gateway.scoring.measures import Chosen, Measures, measures


@dataclass(frozen=True, slots=True)
class Stratum:
    """`by` what it is sorted, `name` which of them. `whole_bays`: what is invented belongs to it too."""

    by: str
    name: str
    measures: Measures
    whole_bays: bool


def strata(bays: Sequence[Judged]) -> list[Stratum]:
    """Those that have any arrival or departure in them."""
    found = [
        *_by_fact(bays, "signature", (("< 3 sigma", _sigmas(0, 3)), ("3-6 sigma", _sigmas(3, 6)), (">= 6 sigma", _sigmas(6, 1e9)))),
        *_by_fact(bays, "felt", (("< 3 µT", _felt(0, 3)), ("3-6 µT", _felt(3, 6)), (">= 6 µT", _felt(6, 1e9)))),
        *_by_bay(bays, "sampling", _sampling),
        *_by_bay(bays, "values", lambda bay: bay.how.form),
        *_by_bay(bays, "drift", _drift),
        *_by_bay(bays, "loss", _loss),
        *_by_bay(bays, "hum", _hum),
        *_by_bay(bays, "faults", lambda bay: "some" if bay.faults else "none"),
        *_by_fact(bays, "neighbour", (("still", lambda _, each: not each.fact.neighbour), ("moves", lambda _, each: each.fact.neighbour))),
    ]
    return [stratum for stratum in found if stratum.measures.facts or stratum.measures.unseen]


def _by_fact(bays: Sequence[Judged], by: str, named: Sequence[tuple[str, Chosen]]) -> list[Stratum]:
    return [Stratum(by, name, measures(bays, chosen), whole_bays=False) for name, chosen in named]


def _by_bay(bays: Sequence[Judged], by: str, name_of: Callable[[Judged], str | None]) -> list[Stratum]:
    sorted_out: dict[str, list[Judged]] = {}
    for bay in bays:
        name = name_of(bay)
        if name is not None:
            sorted_out.setdefault(name, []).append(bay)
    return [Stratum(by, name, measures(sorted_out[name]), whole_bays=True) for name in sorted(sorted_out)]


def _sigmas(low: float, high: float) -> Chosen:
    def chosen(_bay: Judged, each: Found) -> bool:
        return each.fact.signature_sigmas is not None and low <= each.fact.signature_sigmas < high

    return chosen


def _felt(low_ut: float, high_ut: float) -> Chosen:
    """Neighbours and buses are felt by as much as weak vehicles are, however little noise there is."""

    def chosen(_bay: Judged, each: Found) -> bool:
        return each.fact.signature_ut is not None and low_ut <= each.fact.signature_ut < high_ut

    return chosen


def _sampling(bay: Judged) -> str | None:
    every_s = bay.how.interval_s
    if every_s is None:
        return None
    return f"{every_s:g} s and on change" if bay.how.on_change else f"{1 / every_s:.3g} Hz"


def _drift(bay: Judged) -> str | None:
    drift = bay.how.drift_ut_per_c
    return None if drift is None else "< 1.5 µT/°C" if drift < 1.5 else "1.5-2.2 µT/°C" if drift < 2.2 else ">= 2.2 µT/°C"


def _loss(bay: Judged) -> str | None:
    return None if bay.how.loss is None else f"{bay.how.loss:.0%}"


def _hum(bay: Judged) -> str | None:
    hum = bay.how.hum_ut
    return None if hum is None else "none" if hum == 0 else "< 1 µT" if hum < 1 else ">= 1 µT"
