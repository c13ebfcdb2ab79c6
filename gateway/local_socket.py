"""The daemon's local socket: verbs of the command line ask here, so that nobody opens a line that the daemon owns.

One request a connection, one line of JSON each way; `readings` answers with lines of a trace, `capture` with those of a capture
(what is kept first), until either side closes.

    {"verb":"read","device":"bay-07"}      {"ok":true,"lines":["{\\"t\\":…}"]}     {"ok":false,"sentence":"…","values":{…}}

The socket lies beside the journal, for that is what makes a daemon one of its kind. Only its owner and group may open it.
"""

import asyncio
import hashlib
import json
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_PATH_MAX = 100
"""A Unix socket's path ends at 107 bytes."""
_LINE_MAX = 1 << 20
_ANSWER_S = 15.0
MOST_SEQUENCE = (1 << 63) - 1
"""The journal counts in 64 bits."""


class Verb(StrEnum):
    READ = "read"
    READINGS = "readings"
    BACKLOG = "backlog"
    VERIFY = "verify"
    EXPORT = "export"
    STATUS = "status"
    CAPTURE = "capture"


STREAMS = (Verb.READINGS, Verb.CAPTURE)


class Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    verb: Verb
    device: str | None = None
    bus: str | None = None
    after: int = Field(default=0, ge=0, le=MOST_SEQUENCE)


class Answer(BaseModel):
    """`lines` are JSON texts of their own, each verb's; or the id of a sentence and what fills it in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ok: bool
    lines: tuple[str, ...] = ()
    sentence: str | None = None
    values: dict[str, str | int | float] = {}


Answerer = Callable[[Request], Awaitable[Answer]]
Streamer = Callable[[Request], AsyncGenerator[str, None]]


class NoDaemon(Exception):
    """Nobody listens: no daemon runs for this journal."""


def socket_path(journal: Path) -> Path:
    """Beside the journal; in the folder for temporary files where that path would be too long for a socket."""
    beside = journal.with_name(journal.name + ".sock")
    if len(str(beside.absolute()).encode()) <= _PATH_MAX:
        return beside
    digest = hashlib.sha256(str(journal.absolute()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"kerbgate-{digest}.sock"


async def ask(path: Path, request: Request) -> Answer:
    """One question to the daemon. Raises NoDaemon."""
    async with _connection(path, request) as reader:
        async with asyncio.timeout(_ANSWER_S):
            line = await reader.readline()
        if not line:
            raise NoDaemon
        return Answer.model_validate_json(line)


async def streamed(path: Path, request: Request) -> AsyncIterator[str]:
    """Lines as they come. Raises NoDaemon when there is no daemon; ends when it goes."""
    async with _connection(path, request) as reader:
        while line := await reader.readline():
            yield line.decode()


@asynccontextmanager
async def _connection(path: Path, request: Request) -> AsyncIterator[asyncio.StreamReader]:
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=_LINE_MAX)
    except OSError:
        raise NoDaemon from None
    try:
        writer.write(request.model_dump_json().encode() + b"\n")
        yield reader
    finally:
        writer.close()


@asynccontextmanager
async def serving(path: Path, answer: Answerer, stream: Streamer) -> AsyncIterator[None]:
    """Listens while the body runs. A socket left by a killed daemon is replaced: the journal's lock says that it is dead."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_ANSWER_S):
                line = await reader.readline()
            request = Request.model_validate_json(line)
            if request.verb in STREAMS:
                async with aclosing(stream(request)) as lines:
                    async for said in lines:
                        writer.write(said.encode() + b"\n")
                        await writer.drain()
            else:
                writer.write((await answer(request)).model_dump_json().encode() + b"\n")
                await writer.drain()
        except ValidationError:
            writer.write(json.dumps({"ok": False, "sentence": "socket.request"}).encode() + b"\n")
        except (OSError, TimeoutError, ValueError):
            pass  # The other side went away or sends no line: its own affair.
        finally:
            writer.close()

    path.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(serve, path, limit=_LINE_MAX)
    path.chmod(0o660)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)
