"""Where the verb `backlog` looks: the daemon where one runs, for it holds the journal; else the file itself."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pydantic import TypeAdapter

from gateway.console.speech import fault
from gateway.journal.checks import Fault
from gateway.journal.inspection import Inspection, inspecting
from gateway.journal.row import Backlog
from gateway.local_socket import Answer, NoDaemon, Request, Verb, ask, socket_path

_BACKLOG = TypeAdapter(Backlog)
_FAULT = TypeAdapter(Fault)
_PAGE_EVENTS = 200


class Source(Protocol):
    def backlog(self) -> Backlog: ...

    def faults(self) -> tuple[Fault, ...]: ...

    def bodies(self, after: int) -> tuple[tuple[int, str], ...]:
        """Some events that follow this sequence, each with its own; empty when there is none."""


@contextmanager
def source(journal: Path, gateway: str) -> Iterator[Source]:
    """Raises JournalTrouble. The daemon is asked first: a file that is held to be looked at would stop it from starting."""
    try:
        daemon = Daemon(socket_path(journal))
        daemon.backlog()
    except NoDaemon:
        with inspecting(journal, gateway) as inspection:
            yield File(inspection)
    else:
        yield daemon


class File:
    def __init__(self, inspection: Inspection) -> None:
        self._inspection = inspection

    def backlog(self) -> Backlog:
        return self._inspection.backlog()

    def faults(self) -> tuple[Fault, ...]:
        return self._inspection.faults()

    def bodies(self, after: int) -> tuple[tuple[int, str], ...]:
        return tuple((row.sequence, row.body) for row in self._inspection.after(after, _PAGE_EVENTS))


class Daemon:
    """Every method raises NoDaemon when it goes away."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def backlog(self) -> Backlog:
        (line,) = self._ask(Request(verb=Verb.BACKLOG)).lines
        return _BACKLOG.validate_json(line)

    def faults(self) -> tuple[Fault, ...]:
        return tuple(_FAULT.validate_json(line) for line in self._ask(Request(verb=Verb.VERIFY)).lines)

    def bodies(self, after: int) -> tuple[tuple[int, str], ...]:
        lines = self._ask(Request(verb=Verb.EXPORT, after=after)).lines
        return tuple((int(json.loads(line)["sequence"]), line) for line in lines)

    def _ask(self, request: Request) -> Answer:
        try:
            answer = asyncio.run(ask(self._socket, request))
        except TimeoutError:
            fault("backlog.daemon_silent")
        if not answer.ok:
            fault(answer.sentence or "backlog.daemon_silent", **answer.values)
        return answer
