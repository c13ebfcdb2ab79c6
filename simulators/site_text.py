"""A site configuration that points kerbgate at simulated lines, as YAML text. JSON values are YAML, hence no YAML library."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from config.site import FieldVector
from simulators.layout import DISTANCES, PILES, LineKind, LinePlan, Placed
from simulators.plan import Bikes

Values = dict[str, object]


def line_text(plan: LinePlan, kind: LineKind, where: str) -> Values:
    wire = {"baud": plan.baud, "parity": plan.parity.value, "stop_bits": plan.stop_bits}
    if kind is LineKind.PTY:
        return {"kind": "serial", "port": where, **wire}
    host, _, port = where.rpartition(":")
    return {"kind": kind.value, "host": host, "port": int(port), **({} if kind is LineKind.TCP else wire)}


def site_text(
    *,
    gateway: str,
    journal_path: Path,
    buses: Sequence[tuple[str, Values]],
    devices: Sequence[Placed],
    empty_fields: Mapping[str, FieldVector],
    bikes: Bikes,
    uplink: Values | None,
) -> str:
    bays = [_bay(each, empty_fields.get(each.watches)) for each in devices if each.model not in PILES and each.model not in DISTANCES]
    stations = list(_stations(devices, bikes.per_pile))
    text = [f"gateway: {json.dumps(gateway)}"]
    text += _rows("buses", [{"name": name, "line": line} for name, line in buses])
    text += _rows("devices", [_device(each) for each in devices])
    text += _rows("bays", bays)
    text += _rows("stations", stations)
    if stations:
        text += _rows("operators", [operator.model_dump() for operator in bikes.operators])
    text += ["", f"journal: {_flow({'path': str(journal_path)})}"]
    if uplink is not None:
        text += ["", f"uplink: {_flow(uplink)}"]
    return "\n".join(text) + "\n"


def _device(placed: Placed) -> Values:
    given: Values = {"name": placed.device, "bus": placed.line, "profile": placed.model.value, "unit": placed.unit}
    return given if placed.sub_unit is None else {**given, "sub_unit": placed.sub_unit}


def _bay(placed: Placed, empty: FieldVector | None) -> Values:
    given: Values = {"id": placed.watches, "device": placed.device}
    return given if empty is None else {**given, "empty_field": empty.model_dump(exclude_none=True)}


def _stations(devices: Iterable[Placed], per_pile: int) -> Iterator[Values]:
    piles: dict[str, list[str]] = {}
    for placed in devices:
        if placed.model in PILES:
            piles.setdefault(placed.watches, []).append(placed.device)
    for station, names in piles.items():
        yield {"id": station, "piles": names, "capacity": per_pile * len(names)}


def _rows(key: str, rows: Sequence[Values]) -> list[str]:
    return ["", f"{key}:", *(f"  - {_flow(row)}" for row in rows)] if rows else []


def _flow(values: Values) -> str:
    return "{" + ", ".join(f"{key}: {_flow(value) if isinstance(value, dict) else _value(value)}" for key, value in values.items()) + "}"


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
