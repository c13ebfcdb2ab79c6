"""The reading trace: JSON Lines, input of `replay` and output of `record`. Pure.

    {"trace":"kerbgate.readings/1","wall":"2026-05-01T00:00:00Z"}                                  the first line, optional
    {"t":12.35,"device":"bay-07","values":{"x_ut":36.41,"temperature_c":21.5}}                     one line a reading
    {"t":14.00,"device":"bay-07","values":{},"silent":true}     {"t":…,"device":…,"values":{…},"quality":"bad"}

`t` is monotonic seconds, in order; `wall` is the wall time at t = 0. Keys of `values` are Reading's fields; `sightings` is an
object (tag to RSSI in dBm), `tags` a list of tags read without one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from drivers.reading import Quality, Reading, Sighting
from gateway.clock import rfc3339

FORMAT = "kerbgate.readings/1"
_NUMBERS = ("x_ut", "y_ut", "z_ut", "b_ut", "level", "distance_mm", "temperature_c", "battery_v", "battery_pct", "rssi_dbm", "snr_db")
_LINE_MAX = 65536
_NUMBER_MAX = 10**15


class TraceFault(Exception):
    """A line that is not of a trace; `sentence` names what is wrong, `values` fill it in."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values


@dataclass(frozen=True, slots=True)
class Header:
    wall_s: float
    """Wall time at t = 0, Unix seconds."""


def header_line(wall_at_zero_s: float) -> str:
    return json.dumps({"trace": FORMAT, "wall": rfc3339(wall_at_zero_s)}, separators=(",", ":"))


def reading_line(reading: Reading, zero_s: float = 0.0) -> str:
    """One line, without its newline; `zero_s` is the moment that counts as t = 0."""
    values: dict[str, Any] = {name: getattr(reading, name) for name in (*_NUMBERS, "fault", "count") if getattr(reading, name) is not None}
    if reading.occupied is not None:
        values["occupied"] = int(reading.occupied)
    if reading.sightings is not None:
        heard = {sighting.tag: sighting.rssi_dbm for sighting in reading.sightings if sighting.rssi_dbm is not None}
        values["sightings"] = heard
        unmeasured = [sighting.tag for sighting in reading.sightings if sighting.rssi_dbm is None]
        if unmeasured:
            values["tags"] = unmeasured
    line: dict[str, Any] = {"t": round(reading.t - zero_s, 6), "device": reading.device, "values": values}
    if reading.quality is not Quality.GOOD:
        line["quality"] = reading.quality.value
    if reading.silent:
        line["silent"] = True
    if reading.cause is not None:
        line["cause"] = reading.cause
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False)


def parse_line(line: str) -> Header | Reading:
    """Raises TraceFault."""
    if len(line) > _LINE_MAX:
        raise TraceFault("trace.too_long", limit=_LINE_MAX)
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise TraceFault("trace.not_json") from None
    if not isinstance(entry, dict):
        raise TraceFault("trace.not_object")
    return _header(entry) if "trace" in entry else _reading(entry)


def _header(entry: Mapping[str, Any]) -> Header:
    if entry["trace"] != FORMAT:
        raise TraceFault("trace.format", found=entry["trace"], known=FORMAT)
    try:
        wall = datetime.fromisoformat(entry.get("wall", "1970-01-01T00:00:00Z"))
    except (TypeError, ValueError):
        raise TraceFault("trace.wall", found=entry["wall"]) from None
    if wall.tzinfo is None:
        raise TraceFault("trace.wall", found=entry["wall"])
    return Header(wall.timestamp())


def _reading(entry: Mapping[str, Any]) -> Reading:
    device, values = entry.get("device"), entry.get("values", {})
    if not isinstance(device, str) or not device:
        raise TraceFault("trace.device")
    if not isinstance(values, dict):
        raise TraceFault("trace.values")
    numbers = {name: _number(values[name], name) for name in _NUMBERS if values.get(name) is not None}
    occupied, count, fault = values.get("occupied"), values.get("count"), values.get("fault")
    if occupied not in (None, 0, 1):
        raise TraceFault("trace.occupied", found=occupied)
    if fault is not None and not isinstance(fault, int | str):
        raise TraceFault("trace.number", name="fault", found=fault)
    quality = entry.get("quality", Quality.GOOD)
    if quality not in list(Quality):
        raise TraceFault("trace.quality", found=quality)
    cause = entry.get("cause")
    return Reading(
        device=device,
        t=_number(entry.get("t"), "t"),
        quality=Quality(quality),
        silent=entry.get("silent") is True,
        cause=cause if isinstance(cause, str) else None,
        occupied=None if occupied is None else bool(occupied),
        count=None if count is None else int(_number(count, "count")),
        fault=fault,
        sightings=_sightings(values),
        **numbers,
    )


def _number(found: object, name: str) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or abs(found) > _NUMBER_MAX or not isfinite(found):
        raise TraceFault("trace.number", name=name, found=str(found)[:40])
    return float(found)


def _sightings(values: Mapping[str, Any]) -> tuple[Sighting, ...] | None:
    sightings, tags = values.get("sightings"), values.get("tags")
    if sightings is None and tags is None:
        return None
    if not isinstance(sightings, dict | None) or not isinstance(tags, list | None):
        raise TraceFault("trace.sightings")
    heard = [Sighting(tag, _number(rssi, "sightings")) for tag, rssi in (sightings or {}).items()]
    return (*heard, *(Sighting(str(tag)) for tag in tags or ()))
