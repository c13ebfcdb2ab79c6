"""The native encoding: CloudEvents 1.0 in structured JSON.

    specversion id source type subject time recordedtime sequence datacontenttype data
    data   what happened: keys differ by class; time_quality time_min time_max replayed correction_of in every event

The extensions `recordedtime` and `sequence` are CloudEvents' own. Same event, same bytes: key order and separators are fixed.
The published JSON Schema is `gateway/uplink/event.schema.json`.

Source: CloudEvents 1.0.2, JSON event format, JSON batch format; extensions "recordedtime" and "sequence".
"""

import json
from collections.abc import Sequence

from gateway.clock import rfc3339
from gateway.detection.change import BayChange, Change, CommandChange, DeviceChange, Evidence, GatewayChange, StationChange
from gateway.events import Event, sequence_text

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
BATCH_CONTENT_TYPE = "application/cloudevents-batch+json; charset=utf-8"

_LIVE = '"replayed":false'
_REPLAYED = '"replayed":true'


def encode(event: Event) -> str:
    """Its native CloudEvents JSON, as it is kept and as it is sent."""
    return json.dumps(_envelope(event), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def mark_replayed(text: str) -> str:
    """The same event, or message of events, said to be late: journalled before the present connection stood, or sent again."""
    # Inside a string the quotes would be escaped, so this can only be the key.
    return text.replace(_LIVE, _REPLAYED)


def message(bodies: Sequence[str]) -> str:
    """One message: a lone event is an object as it is, several are an array of them (CloudEvents' JSON batch format)."""
    return bodies[0] if len(bodies) == 1 else f"[{','.join(bodies)}]"


def _envelope(event: Event) -> dict[str, Json]:
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": f"urn:kerbgate:{event.gateway}",
        "type": f"kerbgate.{event.change.kind.value}",
        "subject": event.subject,
        "time": rfc3339(event.time_s),
        "recordedtime": rfc3339(event.recorded_s),
        "sequence": sequence_text(event.sequence),
        "datacontenttype": "application/json",
        "data": _data(event),
    }


def _data(event: Event) -> dict[str, Json]:
    match event.change:
        case BayChange() as change:
            evidence = None if change.evidence is None else _evidence(change.evidence)
            return _bay(change, event) | _of_every_event(event) | {"evidence": evidence}
        case StationChange() as change:
            return _station(change) | _of_every_event(event)
        case DeviceChange() as change:
            return {"cause": change.cause} | _moments(change) | _of_every_event(event)
        case GatewayChange() as change:
            return _gateway(change) | _of_every_event(event)
        case CommandChange() as change:
            return _command(change) | _of_every_event(event)


def _bay(change: BayChange, event: Event) -> dict[str, Json]:
    return {
        "state": change.state.value,
        "previous": change.previous.value,
        **_moments(change),
        "confidence": round(change.confidence, 4),
        "reason": change.reason.value,
        "cause": change.cause,
        "session": event.session,
        "bay_sequence": event.bay_sequence,
        "billing": None if change.billing is None else change.billing.value,
    }


def _evidence(evidence: Evidence) -> dict[str, Json]:
    return {
        "delta_ut": _vector(evidence.delta_ut),
        "baseline_ut": _vector(evidence.baseline_ut),
        "level": _rounded(evidence.level),
        "temperature_c": _rounded(evidence.temperature_c),
        "readings": evidence.readings,
    }


def _station(change: StationChange) -> dict[str, Json]:
    return {
        **_moments(change),
        "reason": change.reason.value,
        "tag": change.tag,
        "operator": change.operator,
        "total": change.total,
        "by_operator": {count.operator: count.bikes for count in change.by_operator},
        "capacity": change.capacity,
    }


def _gateway(change: GatewayChange) -> dict[str, Json]:
    return {
        "cause": change.cause,
        **_moments(change),
        "first_sequence": change.first_sequence,
        "last_sequence": change.last_sequence,
        "count": change.count,
        "ranges": [list(run) for run in change.ranges] or None,
        "step_s": None if change.step_s is None else round(change.step_s, 3),
    }


def _command(change: CommandChange) -> dict[str, Json]:
    return {
        "uplink": change.uplink,
        "command": change.command,
        "op": change.op,
        "outcome": change.outcome.value,
        **_moments(change),
        "code": change.code,
        "message": change.message,
        "advice": change.advice,
        "first_sequence": change.first_sequence,
        "last_sequence": change.last_sequence,
        "count": change.count,
    }


def _of_every_event(event: Event) -> dict[str, Json]:
    return {
        "time_quality": event.time_quality.value,
        "time_min": None if event.earliest_wall_s is None else rfc3339(event.earliest_wall_s),
        "time_max": None if event.latest_wall_s is None else rfc3339(event.latest_wall_s),
        "replayed": False,
        "correction_of": event.correction_of,
    }


def _moments(change: Change) -> dict[str, Json]:
    return {"onset_s": round(change.onset_s, 3), "confirmed_s": round(change.confirmed_s, 3)}


def _vector(ut: tuple[float, float, float] | None) -> Json:
    return None if ut is None else [round(axis, 2) for axis in ut]


def _rounded(value: float | None) -> Json:
    return None if value is None else round(value, 2)
