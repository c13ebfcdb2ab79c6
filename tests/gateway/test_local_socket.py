"""The daemon's local socket: one question, one answer; readings as a stream."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from gateway.local_socket import Answer, NoDaemon, Request, Verb, ask, serving, socket_path, streamed


async def answer(request: Request) -> Answer:
    return Answer(ok=True, lines=(f"{request.verb.value} {request.device}",))


async def three(_: Request) -> AsyncGenerator[str, None]:
    for number in range(3):
        yield f'{{"t":{number}}}'


async def test_a_question_is_answered(tmp_path: Path) -> None:
    async with serving(tmp_path / "s.sock", answer, three):
        got = await ask(tmp_path / "s.sock", Request(verb=Verb.READ, device="bay-07"))
    assert got.lines == ("read bay-07",)


async def test_readings_come_as_lines_until_the_daemon_ends(tmp_path: Path) -> None:
    async with serving(tmp_path / "s.sock", answer, three):
        lines = [line async for line in streamed(tmp_path / "s.sock", Request(verb=Verb.READINGS))]
    assert lines == ['{"t":0}\n', '{"t":1}\n', '{"t":2}\n']


async def test_without_a_daemon_the_verb_learns_it_at_once(tmp_path: Path) -> None:
    with pytest.raises(NoDaemon):
        await ask(tmp_path / "s.sock", Request(verb=Verb.STATUS))


async def test_a_socket_left_by_a_killed_daemon_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "s.sock").touch()
    async with serving(tmp_path / "s.sock", answer, three):
        assert (await ask(tmp_path / "s.sock", Request(verb=Verb.STATUS))).ok
    assert not (tmp_path / "s.sock").exists()


async def test_only_owner_and_group_may_ask(tmp_path: Path) -> None:
    async with serving(tmp_path / "s.sock", answer, three):
        assert (tmp_path / "s.sock").stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize("garbage", [b"\n", b"nonsense\n", b'{"verb":"erase"}\n', b"x" * 3_000_000, b""])
async def test_garbage_neither_ends_nor_blocks_the_daemon(tmp_path: Path, garbage: bytes) -> None:
    async with serving(tmp_path / "s.sock", answer, three):
        _, writer = await asyncio.open_unix_connection(tmp_path / "s.sock")
        writer.write(garbage)
        writer.close()
        assert (await ask(tmp_path / "s.sock", Request(verb=Verb.STATUS))).ok


def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 80) / ("y" * 80) / "journal.db"
    assert len(str(socket_path(deep))) < 100
    assert socket_path(deep) == socket_path(deep)
    assert socket_path(Path("/var/lib/kerbgate/journal.db")) == Path("/var/lib/kerbgate/journal.db.sock")
