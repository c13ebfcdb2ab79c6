"""Any event that the detectors could tell, for hypothesis."""

from typing import Any

from hypothesis import strategies as st

from gateway.clock import TimeQuality
from gateway.detection.change import (
    BayChange,
    Billing,
    Change,
    CommandChange,
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
from gateway.events import Epoch, Event, event_id

_NAMES = st.from_regex(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,63}", fullmatch=True)
_GATEWAYS = st.from_regex(r"[0-9A-Za-z_-]{1,23}", fullmatch=True)
_TEXTS = st.text(min_size=1, max_size=40)
_MONOTONIC = st.floats(-1e6, 1e9)
_WALL = st.floats(0, 4e9)
_UT = st.floats(-5000, 5000)


def _vector() -> st.SearchStrategy[tuple[float, float, float] | None]:
    return st.none() | st.tuples(_UT, _UT, _UT)


_EVIDENCE = st.builds(
    Evidence,
    delta_ut=_vector(),
    baseline_ut=_vector(),
    level=st.none() | st.floats(-1e6, 1e6),
    temperature_c=st.none() | st.floats(-60, 120),
    readings=st.integers(0, 10_000),
)


def _of(*classes: str) -> st.SearchStrategy[Kind]:
    return st.sampled_from([kind for kind in Kind if kind.subject_class in classes])


_TIMES: dict[str, Any] = {"onset_s": _MONOTONIC, "confirmed_s": _MONOTONIC}
_BOUNDS: dict[str, Any] = {"earliest_s": st.none() | _MONOTONIC, "latest_s": st.none() | _MONOTONIC}

_BAYS = st.builds(
    BayChange,
    bay=_NAMES,
    kind=_of("bay"),
    state=st.sampled_from(Occupancy),
    previous=st.sampled_from(Occupancy),
    confidence=st.floats(0, 1),
    reason=st.sampled_from(Reason),
    cause=st.none() | _TEXTS,
    evidence=st.none() | _EVIDENCE,
    billing=st.none() | st.sampled_from(Billing),
    **_TIMES,
    **_BOUNDS,
)
_STATIONS = st.builds(
    StationChange,
    station=_NAMES,
    kind=_of("station"),
    reason=st.sampled_from(Reason),
    tag=st.none() | _TEXTS,
    operator=st.none() | _NAMES,
    total=st.none() | st.integers(0, 10_000),
    by_operator=st.lists(st.builds(OperatorCount, _NAMES, st.integers(0, 10_000)), max_size=4, unique_by=lambda each: each.operator).map(
        tuple
    ),
    capacity=st.none() | st.integers(0, 10_000),
    **_TIMES,
    **_BOUNDS,
)
_DEVICES = st.builds(DeviceChange, device=_NAMES, kind=_of("device"), cause=_TEXTS, **_TIMES)
_NUMBERS = st.none() | st.integers(1, 10**12)
_OWN = st.builds(
    GatewayChange,
    kind=_of("gateway"),
    cause=_TEXTS,
    first_sequence=_NUMBERS,
    last_sequence=_NUMBERS,
    count=st.none() | st.integers(0),
    **_TIMES,
)
_SAID = st.none() | _TEXTS
_COMMANDS = st.builds(
    CommandChange,
    uplink=_NAMES,
    command=_TEXTS,
    op=_NAMES,
    outcome=st.sampled_from(Outcome),
    code=_SAID,
    message=_SAID,
    advice=_SAID,
    first_sequence=_NUMBERS,
    last_sequence=_NUMBERS,
    count=st.none() | st.integers(0, 10**9),
    **_TIMES,
)

changes: st.SearchStrategy[Change] = _BAYS | _STATIONS | _DEVICES | _OWN | _COMMANDS
_EPOCHS = st.builds(Epoch, st.integers(1, 10**10 - 1), st.from_regex(r"[0-9a-f]{4}", fullmatch=True))


@st.composite
def any_event(draw: st.DrawFn) -> Event:
    gateway = draw(_GATEWAYS)
    epoch = draw(_EPOCHS)
    sequence = draw(st.integers(1, 10**16 - 1))
    return Event(
        gateway=gateway,
        epoch=epoch,
        sequence=sequence,
        time_s=draw(_WALL),
        recorded_s=draw(_WALL),
        time_quality=draw(st.sampled_from(TimeQuality)),
        change=draw(changes),
        session=draw(st.none() | st.just(event_id(gateway, epoch, sequence))),
        bay_sequence=draw(st.none() | st.integers(1, 10**9)),
        earliest_wall_s=draw(st.none() | _WALL),
        latest_wall_s=draw(st.none() | _WALL),
    )
