"""What really happened at each bay: the facts beside a trace, read from their JSON Lines ("kerbgate.truth/1").

    {"truth":"kerbgate.truth/1","wall":"2026-05-01T00:00:00Z","devices":{"bay-07":{"form":"xyz","interval_s":1.0,…}}}
    {"t":812.35,"device":"bay-07","what":"arrived","settled_s":816.9,"signature_ut":23.1,"signature_sigmas":77.0,…}

`t` of an arrival or a departure is the moment that is billed: when motion began. Only t, device and what are needed; a truth that
was labelled by hand may leave the rest away. Keys that are not known here are left alone.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import Any

FORMAT = "kerbgate.truth/1"
_LINE_MAX = 1 << 20


class What(StrEnum):
    ARRIVED = "arrived"
    LEFT = "left"
    DRIVE_OVER = "drive_over"
    BUS = "bus"
    SHUFFLED = "shuffled"
    NEIGHBOUR_MOVED = "neighbour_moved"
    SILENT_FROM = "silent_from"
    SILENT_TO = "silent_to"
    FAULT_FROM = "fault_from"
    FAULT_TO = "fault_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`settled_s`: when it stood, or was gone. `blind_s`: the longest gap between two readings in which it moved. `readings`: how many came
    while the new state stood; None where nobody counted."""

    t: float
    device: str
    what: What
    settled_s: float
    signature_ut: float | None = None
    signature_sigmas: float | None = None
    swap: bool = False
    neighbour: bool = False
    blind_s: float = 0.0
    readings: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """How a device measures and reports, where the truth says it."""

    form: str | None = None
    interval_s: float | None = None
    on_change: bool = False
    loss: float | None = None
    drift_ut_per_c: float | None = None
    hum_ut: float | None = None


@dataclass(slots=True)
class Truth:
    """Facts by device, in the order of t."""

    facts: dict[str, list[Fact]] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)


class TruthFault(Exception):
    """A line that is not of a truth; `sentence` names what is wrong, `values` fill it in."""

    def __init__(self, number: int, sentence: str, **values: object) -> None:
        super().__init__(f"line {number}: {sentence}")
        self.number = number
        self.sentence = sentence
        self.values = values


def read_truth(lines: Iterable[str]) -> Truth:
    """Raises TruthFault."""
    truth = Truth()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        entry = _object(number, line)
        if "truth" in entry:
            if entry["truth"] != FORMAT:
                raise TruthFault(number, "score.truth_format", found=entry["truth"], known=FORMAT)
            truth.devices.update(_devices(entry.get("devices")))
            for device in truth.devices:
                truth.facts.setdefault(device, [])
            continue
        fact = _fact(number, entry)
        of_device = truth.facts.setdefault(fact.device, [])
        if of_device and fact.t < of_device[-1].t:
            raise TruthFault(number, "score.truth_order", t=fact.t, last=of_device[-1].t)
        of_device.append(fact)
    return truth


def _object(number: int, line: str) -> Mapping[str, Any]:
    try:
        entry = json.loads(line) if len(line) <= _LINE_MAX else None
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict):
        raise TruthFault(number, "score.truth_not_object")
    return entry


def _devices(notes: object) -> dict[str, Device]:
    if not isinstance(notes, dict):
        return {}
    return {str(name): _device(note) for name, note in notes.items() if isinstance(note, dict)}


def _device(note: Mapping[str, Any]) -> Device:
    form = note.get("form")
    return Device(
        form=form if isinstance(form, str) else None,
        interval_s=_optional(note.get("interval_s")),
        on_change=note.get("on_change") is True,
        loss=_optional(note.get("loss")),
        drift_ut_per_c=_optional(note.get("drift_ut_per_c")),
        hum_ut=_optional(note.get("hum_ut")),
    )


def _fact(number: int, entry: Mapping[str, Any]) -> Fact:
    t, device, what = _optional(entry.get("t")), entry.get("device"), entry.get("what")
    if t is None or not isinstance(device, str) or what not in list(What):
        raise TruthFault(number, "score.truth_fact", kinds=", ".join(What))
    settled_s, readings = _optional(entry.get("settled_s")), entry.get("readings")
    return Fact(
        t=t,
        device=device,
        what=What(what),
        settled_s=t if settled_s is None else max(settled_s, t),
        signature_ut=_optional(entry.get("signature_ut")),
        signature_sigmas=_optional(entry.get("signature_sigmas")),
        swap=entry.get("swap") is True,
        neighbour=entry.get("neighbour") is True,
        blind_s=_optional(entry.get("blind_s")) or 0.0,
        readings=readings if isinstance(readings, int) else None,
    )


def _optional(found: object) -> float | None:
    number = float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
    return number if number is not None and isfinite(number) else None
