"""A platform's command, as it is read; and what is remembered of commands."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.site import Language
from gateway.uplink.command import Replay, Unusable, read_command
from gateway.uplink.commands import WAITING_MAX, Commands

_RANGE = {"from": 3, "to": 9}


def _payload(**changes: Any) -> bytes:
    message = {"cmd_id": "c-1", "op": "replay", "args": _RANGE} | changes
    return json.dumps({key: value for key, value in message.items() if value is not None}).encode()


@pytest.mark.parametrize("args", [_RANGE, {"from": "0000000000000003", "to": "9"}])
def test_a_replay_names_its_range_by_numbers_or_by_the_text_that_an_event_has(args: dict[str, Any]) -> None:
    assert read_command(_payload(args=args, issued="2026-05-01T08:00:00Z")) == Replay("c-1", 3, 9)


def test_a_replay_expires_when_it_says() -> None:
    found = read_command(_payload(expires="2026-05-01T08:00:00+08:00"))
    assert isinstance(found, Replay)
    at = datetime(2026, 5, 1, tzinfo=UTC).timestamp()
    assert (found.expired(at - 1), found.expired(at + 1)) == (False, True)
    assert not Replay("c-1", 3, 9).expired(at)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"op": "reboot"}, "commands.unknown"),
        ({"op": None}, "commands.unknown"),
        ({"args": None}, "commands.malformed"),
        ({"args": {"from": 0, "to": 3}}, "commands.malformed"),
        ({"args": {"from": True, "to": 3}}, "commands.malformed"),
        ({"args": {"from": 1.5, "to": 3}}, "commands.malformed"),
        ({"args": {"from": 1, "to": 1 << 63}}, "commands.malformed"),
        ({"args": _RANGE | {"step": 1}}, "commands.malformed"),
        ({"if": {"config_rev": 12}}, "commands.malformed"),
        ({"expires": "2026-05-01T08:00:00"}, "commands.malformed"),
        ({"args": {"from": 9, "to": 3}}, "commands.backwards"),
    ],
    ids=str,
)
def test_what_is_not_understood_is_refused_in_a_sentence_and_not_guessed_at(changes: dict[str, Any], code: str) -> None:
    found = read_command(_payload(**changes))
    assert isinstance(found, Unusable)
    assert (found.identifier, found.trouble.sentence) == ("c-1", code)
    for language in Language:
        assert found.trouble.text(language)
        assert found.trouble.advice(language)


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"{}", _payload(cmd_id=""), _payload(cmd_id="x" * 65), _payload(cmd_id="a\nb"), b"[" * 3000]
)
def test_what_does_not_say_who_it_is_cannot_be_answered(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"cmd_id|nested|short|Expecting"):
        read_command(payload)


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text("09-ax\0é", max_size=8) | st.just("replay")
_VALUES = _SCALARS | st.dictionaries(st.sampled_from(("from", "to", "x")), _SCALARS, max_size=3) | st.lists(_SCALARS, max_size=2)
_MESSAGES = st.dictionaries(st.sampled_from(("cmd_id", "op", "args", "expires", "x")), _VALUES)


@given(st.binary(max_size=60) | _MESSAGES.map(lambda message: json.dumps(message).encode()))
def test_any_message_is_a_command_or_refused_or_nothing(payload: bytes) -> None:
    try:
        found = read_command(payload)
    except ValueError:
        return
    assert isinstance(found, Replay | Unusable)


def test_commands_are_carried_out_in_their_order_and_known_afterwards() -> None:
    commands = Commands("platform")
    for number in range(WAITING_MAX):
        assert not commands.full
        commands.take(Replay(f"c-{number}", 1, 2))
    assert commands.full
    ended = []
    while (replay := commands.next()) is not None:
        commands.end(replay.identifier)
        ended.append(replay.identifier)
    assert ended == [f"c-{number}" for number in range(WAITING_MAX)]
    assert all(map(commands.knows, ended))


def test_what_is_remembered_has_a_bound_and_forgets_the_oldest_that_has_ended() -> None:
    commands = Commands("platform")
    commands.take(Replay("waits", 1, 2))
    for number in range(100):
        commands.end(f"c-{number}")
    assert commands.knows("waits")
    assert commands.knows("c-99")
    assert not commands.knows("c-0")
    assert len(commands.kept().state) < 1000


def test_the_next_start_knows_what_ended_and_goes_on_with_what_had_not() -> None:
    before, after = Commands("platform"), Commands("platform")
    before.end("c-1")
    before.take(Replay("c-2", 7, 9))
    after.restore(before.kept().state)
    assert after.knows("c-1")
    assert after.next() == Replay("c-2", 7, 9)
    for wrong in ("[[1]]", '[["a",1]]', "{", "7"):
        with pytest.raises((ValueError, TypeError)):
            Commands("platform").restore(wrong)
