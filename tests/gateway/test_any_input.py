"""Whatever comes in beside the wire: lines of a trace, requests on the local socket, acknowledgements. Each has one way to refuse."""

import asyncio
import json
import tempfile
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from config.sentences import catalogue
from drivers.reading import Reading
from gateway.local_socket import MOST_SEQUENCE, Answer, Request, Verb, ask, serving
from gateway.trace import Header, TraceFault, parse_line, reading_line
from gateway.uplink.topics import Upto, read_acknowledgement
from tests.gateway.journal.journals import opened

_TRACE_KEYS = [
    "t",
    "device",
    "values",
    "trace",
    "wall",
    "quality",
    "silent",
    "cause",
    "x_ut",
    "occupied",
    "count",
    "fault",
    "sightings",
    "tags",
]
_REQUEST_KEYS = ["verb", "device", "after"]
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from([*Verb, "kerbgate.readings/1", "good", "bad", "2026-05-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "g-1/1.0000/7"]),
)


def values(keys: list[str]) -> st.SearchStrategy[Any]:
    key = st.sampled_from(keys) | st.text(max_size=4)
    return st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(key, inner, max_size=6), max_leaves=12)


def lines(keys: list[str]) -> st.SearchStrategy[str]:
    """Any text; any JSON; an object with the right keys and any values."""
    right = st.dictionaries(st.sampled_from(keys), values(keys), max_size=len(keys))
    whole = (values(keys) | right).map(lambda value: json.dumps(value, ensure_ascii=False))
    return st.text(max_size=80) | whole | whole.flatmap(lambda text: st.integers(0, len(text)).map(lambda end: text[:end]))


@given(lines(_TRACE_KEYS))
def test_any_line_is_of_a_trace_or_is_refused_in_words(line: str) -> None:
    try:
        found = parse_line(line)
    except TraceFault as fault:
        assert fault.sentence in catalogue()  # noqa: PT017 - it may raise, and must not raise others
    else:
        assert isinstance(found, Header | Reading)
        if isinstance(found, Reading):
            assert parse_line(reading_line(found)).t == round(found.t, 6)  # type: ignore[union-attr]


@given(st.binary(max_size=64) | lines(["upto", "g-1"]).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_payload_is_an_acknowledgement_or_a_value_error(payload: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(read_acknowledgement(payload, "g-1"), Upto)


@given(st.text(max_size=30))
def test_any_identifier_is_one_of_ours_or_a_value_error(identifier: str) -> None:
    with suppress(ValueError):
        upto = read_acknowledgement(json.dumps({"upto": "g-1/" + identifier}).encode(), "g-1")
        assert upto.identifier == "g-1/" + identifier
        assert upto.sequence >= 0


async def _answer(request: Request) -> Answer:
    return Answer(ok=True, lines=(request.verb.value, request.device or "", str(request.after)))


async def _nothing(_: Request) -> AsyncGenerator[str, None]:
    for line in ("{}",):
        yield line


async def _said(path: Path, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(sent)
    writer.write_eof()
    said = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return said


async def _asked(sent: bytes) -> tuple[bytes, list[dict[str, Any]]]:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        async with serving(Path(folder) / "s", _answer, _nothing):
            said = await _said(Path(folder) / "s", sent)
            assert (await ask(Path(folder) / "s", Request(verb=Verb.STATUS))).ok
    return said, faults


_REQUESTS = st.binary(max_size=64) | lines(_REQUEST_KEYS).map(lambda text: text.encode("utf-8", "surrogatepass") + b"\n")


@settings(deadline=None)
@given(_REQUESTS)
def test_any_request_is_answered_or_refused_and_the_socket_goes_on(sent: bytes) -> None:
    said, faults = asyncio.run(_asked(sent))
    assert faults == []
    if said and said != b"{}\n":
        answer = Answer.model_validate_json(said)
        assert answer.ok or answer.sentence == "socket.request"


async def test_an_export_begins_at_any_sequence_that_a_request_can_hold_and_at_no_other(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        assert await journal.after(Request(verb=Verb.EXPORT, after=MOST_SEQUENCE).after, 10) == ()
    said, faults = await asyncio.to_thread(asyncio.run, _asked(b'{"verb":"export","after":%d}\n' % (MOST_SEQUENCE + 1)))
    assert faults == []
    assert Answer.model_validate_json(said).sentence == "socket.request"
