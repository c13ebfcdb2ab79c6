"""The native encoding, against the contract's example, our own published schema, and CloudEvents' own library."""

import json
from importlib.resources import files
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given, settings
from jsonschema import Draft202012Validator, ValidationError

from gateway.clock import TimeQuality
from gateway.detection.change import (
    BayChange,
    Billing,
    DeviceChange,
    Evidence,
    GatewayChange,
    Kind,
    Occupancy,
    OperatorCount,
    Outcome,
    Reason,
    StationChange,
)
from gateway.events import Epoch, Event
from gateway.uplink.encodings.cloudevents import encode, mark_replayed, message
from tests.gateway.uplink.events import any_event

SCHEMA = json.loads(files("gateway.uplink").joinpath("event.schema.json").read_text("utf-8"))
_VALIDATOR = Draft202012Validator(SCHEMA)

_ARRIVAL = BayChange(
    bay="350582-0123-045",
    kind=Kind.PARK_START,
    state=Occupancy.OCCUPIED,
    previous=Occupancy.VACANT,
    onset_s=12034.1201,
    confirmed_s=12037.3,
    confidence=0.97,
    reason=Reason.LEVEL,
    evidence=Evidence(delta_ut=(12.1, -3.0, 8.8), baseline_ut=(36.4, -2.9, 28.3), temperature_c=21.5, readings=9),
    billing=Billing.BILLABLE,
)


def _event(change: Any, **more: Any) -> Event:
    given: dict[str, Any] = {
        "gateway": "jj-0007",
        "epoch": Epoch(17, "9f3a"),
        "sequence": 18234,
        "time_s": 1777623302.12,
        "recorded_s": 1777623305.3,
        "time_quality": TimeQuality.SYNCED,
        "change": change,
    }
    return Event(**(given | more))


def test_the_contracts_example_byte_for_byte() -> None:
    session = "jj-0007/0000000017-9f3a/0000000000018234"
    assert encode(_event(_ARRIVAL, session=session, bay_sequence=412)) == (
        '{"specversion":"1.0","id":"jj-0007/0000000017-9f3a/0000000000018234","source":"urn:kerbgate:jj-0007",'
        '"type":"kerbgate.bay.park_start","subject":"bay/350582-0123-045","time":"2026-05-01T08:15:02.120Z",'
        '"recordedtime":"2026-05-01T08:15:05.300Z","sequence":"0000000000018234","datacontenttype":"application/json",'
        '"data":{"state":"occupied","previous":"vacant","onset_s":12034.12,"confirmed_s":12037.3,"confidence":0.97,"reason":"level",'
        '"cause":null,"session":"jj-0007/0000000017-9f3a/0000000000018234","bay_sequence":412,"billing":"billable",'
        '"time_quality":"synced","time_min":null,"time_max":null,"replayed":false,"correction_of":null,"evidence":{"delta_ut":[12.1,-3.0,8.8],"baseline_ut":[36.4,-2.9,28.3],'
        '"level":null,"temperature_c":21.5,"readings":9}}}'
    )


def test_a_bay_that_is_unknown_says_why_and_within_which_bounds() -> None:
    change = BayChange(
        bay="b",
        kind=Kind.COMMS_LOST,
        state=Occupancy.UNKNOWN,
        previous=Occupancy.OCCUPIED,
        onset_s=1,
        confirmed_s=2,
        confidence=1,
        reason=Reason.TIMEOUT,
        cause="silent",
    )
    data = json.loads(encode(_event(change, earliest_wall_s=1777623300.0, latest_wall_s=1777623302.0)))["data"]
    assert (data["state"], data["cause"], data["evidence"]) == ("unknown", "silent", None)
    assert (data["time_min"], data["time_max"]) == ("2026-05-01T08:15:00.000Z", "2026-05-01T08:15:02.000Z")


def test_a_stations_count_by_operator() -> None:
    counts = (OperatorCount("hello", 3), OperatorCount("美团", 2))
    change = StationChange(
        station="s", kind=Kind.COUNT_CHANGED, onset_s=1, confirmed_s=2, reason=Reason.DEVICE, total=6, by_operator=counts, capacity=20
    )
    body = encode(_event(change))
    data = json.loads(body)["data"]
    assert (data["total"], data["by_operator"], data["capacity"]) == (6, {"hello": 3, "美团": 2}, 20)
    # Chinese as it is, not as escapes: half the bytes, and people read logs.
    assert "美团" in body


def test_a_gap_says_which_numbers_it_accounts_for() -> None:
    change = GatewayChange(kind=Kind.GATEWAY_GAP, onset_s=1, confirmed_s=2, cause="storage", first_sequence=7, last_sequence=9, count=3)
    event = json.loads(encode(_event(change)))
    assert (event["subject"], event["type"]) == ("gateway/jj-0007", "kerbgate.gateway.gap")
    assert (event["data"]["first_sequence"], event["data"]["last_sequence"], event["data"]["count"]) == (7, 9, 3)


@given(any_event())
def test_every_event_validates_against_the_published_schema(event: Event) -> None:
    body = encode(event)
    _VALIDATOR.validate(json.loads(body))
    _VALIDATOR.validate(json.loads(mark_replayed(body)))


@given(any_event(), any_event())
@settings(max_examples=25)
def test_a_lone_event_is_itself_and_several_are_an_array_of_valid_ones(one: Event, other: Event) -> None:
    assert message([encode(one)]) == encode(one)
    read = json.loads(message([encode(one), encode(other)]))
    assert read == [json.loads(encode(one)), json.loads(encode(other))]
    for each in read:
        _VALIDATOR.validate(each)


@given(any_event())
def test_every_event_is_cloudevents_1_0(event: Event) -> None:
    read = JSONFormat().read(CloudEvent, encode(event))
    assert read.get_specversion() == "1.0"
    assert (read.get_id(), read.get_source()) == (event.id, f"urn:kerbgate:{event.gateway}")
    assert (read.get_type(), read.get_subject()) == (f"kerbgate.{event.change.kind}", event.subject)
    assert read.get_datacontenttype() == "application/json"
    time = read.get_time()
    assert time is not None
    assert abs(time.timestamp() - event.time_s) <= 0.0006
    assert read.get_extension("sequence") == f"{event.sequence:016d}"


@given(any_event())
def test_the_same_event_gives_the_same_bytes(event: Event) -> None:
    assert encode(event) == encode(event)


@given(any_event())
def test_marking_an_event_as_replayed_changes_that_and_nothing_else(event: Event) -> None:
    body = encode(event)
    marked = json.loads(mark_replayed(body))
    assert marked["data"].pop("replayed") is True
    live = json.loads(body)
    assert live["data"].pop("replayed") is False
    assert marked == live
    assert mark_replayed(mark_replayed(body)) == mark_replayed(body)


def test_a_text_that_looks_like_the_key_is_not_marked() -> None:
    change = DeviceChange(device="d", kind=Kind.DEVICE_FAULT, cause='"replayed":false', onset_s=1, confirmed_s=2)
    marked = json.loads(mark_replayed(encode(_event(change))))
    assert marked["data"]["cause"] == '"replayed":false'
    assert marked["data"]["replayed"] is True


def test_a_number_that_json_does_not_have_is_an_error_here_and_not_at_the_platform() -> None:
    change = DeviceChange(device="d", kind=Kind.DEVICE_FAULT, cause="x", onset_s=float("nan"), confirmed_s=2)
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(_event(change))


def test_the_schema_is_one_and_knows_every_kind() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == "urn:kerbgate:schema:event:1"
    known = {kind for branch in SCHEMA["oneOf"] for kind in branch["properties"]["type"]["enum"]}
    assert known == {f"kerbgate.{kind}" for kind in Kind}
    assert SCHEMA["$defs"]["command"]["properties"]["outcome"]["enum"] == [str(outcome) for outcome in Outcome]
    assert SCHEMA["$defs"]["reason"]["enum"] == [str(reason) for reason in Reason]
    assert sorted(SCHEMA["$defs"]["occupancy"]["enum"]) == sorted(str(state) for state in Occupancy)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "kerbgate.bay.parked"},
        {"subject": "station/350582-0123-045"},
        {"sequence": "18234"},
        {"time": "2026-05-01 08:15:02"},
        {"id": "jj-0007/17/18234"},
        {"extra": 1},
        {"data": {}},
    ],
    ids=str,
)
def test_the_schema_refuses_what_is_wrong(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _VALIDATOR.validate(json.loads(encode(_event(_ARRIVAL))) | wrong)


@pytest.mark.parametrize("key", ["state", "confidence", "session", "replayed", "evidence"])
def test_the_schema_misses_each_key(key: str) -> None:
    event = json.loads(encode(_event(_ARRIVAL)))
    del event["data"][key]
    with pytest.raises(ValidationError):
        _VALIDATOR.validate(event)
