"""The truth beside a trace: JSON Lines, one fact a line in the order of t.

    {"truth":"kerbgate.truth/1","wall":"2026-05-01T00:00:00Z","seed":1,"devices":{"bay-07":{"form":"xyz","interval_s":1.0,…}}}
    {"t":812.35,"device":"bay-07","what":"arrived","settled_s":816.9,"signature_ut":23.1,"signature_sigmas":77.0,
     "swap":false,"neighbour":false,"blind_s":1.0,"readings":377}

    what           t                           settled_s                   signature_ut: by how much the device's values change
    arrived        it begins to move in        it stands                   once it stands
    left           it begins to move out       it is out of the bay        before
    drive_over     it comes near               it is away                  at the most
    bus            it comes near               it is away                  at the most
    shuffled       it moves within the bay     it stands again             between its two places
    neighbour_moved   a car beside moves       it stands, or is out        once it stands
    silent_from, silent_to      no reports between the two
    fault_from, fault_to        the sensor is not to be believed between the two (`cause`)

`signature_sigmas` tells it in deviations of the one-second mean. `blind_s` is the longest gap between two readings in which it moved;
`readings`, how many came while the new state stood (of a device that reports on change: since t), for what no reading shows nobody
can tell. `swap`: the bay was empty for at most 30 s before this arrival, or will be after this departure. `neighbour`: a car beside
moves within ten seconds of it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

FORMAT = "kerbgate.truth/1"


class FactKind(StrEnum):
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
    t: float
    device: str
    what: FactKind
    settled_s: float | None = None
    signature_ut: float | None = None
    signature_sigmas: float | None = None
    swap: bool | None = None
    neighbour: bool | None = None
    blind_s: float | None = None
    readings: int | None = None
    vehicle: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNote:
    """What a scorer sorts by: how this device measures and reports."""

    form: str
    interval_s: float
    on_change: bool
    loss: float
    sigma_ut: float
    drift_ut_per_c: float
    hum_ut: float


def header_line(wall: str, seed: int, devices: Iterable[tuple[str, DeviceNote]]) -> str:
    notes = {
        name: {
            "form": note.form,
            "interval_s": note.interval_s,
            "on_change": note.on_change,
            "loss": note.loss,
            "sigma_ut": round(note.sigma_ut, 4),
            "drift_ut_per_c": round(note.drift_ut_per_c, 3),
            "hum_ut": round(note.hum_ut, 3),
        }
        for name, note in devices
    }
    return _compact({"truth": FORMAT, "wall": wall, "seed": seed, "devices": notes})


def fact_line(fact: Fact) -> str:
    return _compact(dict(_known(fact)))


def _known(fact: Fact) -> Iterator[tuple[str, object]]:
    for name in ("t", "device", "what", "settled_s", "signature_ut", "signature_sigmas", "swap", "neighbour", "blind_s", "readings",
                 "vehicle", "cause"):  # fmt: skip
        value = getattr(fact, name)
        if value is not None:
            yield name, round(value, 3) if isinstance(value, float) else value


def _compact(values: object) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)
