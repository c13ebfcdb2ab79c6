"""Logs by structlog: lines for people on a terminal, JSON under a service. To stderr, so that stdout stays a verb's own."""

import os
import sys
from typing import Protocol

import structlog

import drivers.log
from config.sentences import catalogue, say
from config.site import Language


class Log(drivers.log.Log, Protocol):
    """What the gateway's rooms use of structlog beside what drivers do; handed in, never global."""

    def error(self, event: str, /, **values: object) -> object: ...


class _Spoken:
    """A record whose `fault` is the id of a sentence says that sentence too, and what to do next, as `why` and `next`."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, _logger: object, _method: str, record: structlog.typing.EventDict) -> structlog.typing.EventDict:
        fault = record.get("fault")
        if isinstance(fault, str) and fault in catalogue():
            for key, sentence in (("why", fault), ("next", fault + ".next")):
                if sentence in catalogue():
                    record[key] = say(sentence, self._language, **{name: value for name, value in record.items() if name != "event"})
        return record


def begin(level: int, language: Language = Language.EN, *, for_people: bool | None = None) -> Log:
    """The process' log. `for_people` is whether a person reads it; where None, whether stderr is a terminal and no service runs us."""
    if for_people is None:
        for_people = sys.stderr.isatty() and "INVOCATION_ID" not in os.environ
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        _Spoken(language),
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if for_people else "iso", utc=not for_people),
    ]
    # Plain tracebacks: the pretty ones cost an import of 40 ms and print a screenful into a journal.
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if for_people
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    log: Log = structlog.get_logger()
    return log
