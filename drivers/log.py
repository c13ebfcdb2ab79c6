"""What drivers need of a logger: structlog's bound loggers have it. Changes are logged, polls never are."""

from typing import Protocol


class Log(Protocol):
    def info(self, event: str, /, **values: object) -> object: ...

    def warning(self, event: str, /, **values: object) -> object: ...
