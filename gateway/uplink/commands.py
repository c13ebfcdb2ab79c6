"""Which commands one uplink was given, and which are still to be carried out: across its connections, and across starts. Pure.

A command that comes again (QoS 1 delivers at least once, and a platform may ask again) is known by its id and does nothing. What is
remembered is a kept state, committed with the result that it leads to: a start goes on with what had not ended.
"""

import json
from dataclasses import dataclass

from gateway.detection.change import Kept
from gateway.uplink.command import Replay

SUBJECT = "command/"
"""Of the kept states of all uplinks."""
WAITING_MAX = 8
_REMEMBERED = 32


@dataclass(slots=True)
class Progress:
    """Of the command that is being carried out, in this process."""

    replay: Replay
    upto: int
    """Up to here the events were acknowledged when it began; what is behind comes by itself."""
    at: int
    """What is up to here has been sent again."""
    sent: int = 0
    tries: int = 0
    """Connections that ended while the next message was on its way."""


class Commands:
    def __init__(self, uplink: str) -> None:
        self._uplink = uplink
        self._given: dict[str, Replay | None] = {}
        """In the order in which they came; None once it has ended."""
        self.running: Progress | None = None

    def knows(self, identifier: str) -> bool:
        return identifier in self._given

    @property
    def full(self) -> bool:
        return sum(replay is not None for replay in self._given.values()) >= WAITING_MAX

    def take(self, replay: Replay) -> None:
        """To be carried out, after those that came before."""
        self._given[replay.identifier] = replay

    def next(self) -> Replay | None:
        return next((replay for replay in self._given.values() if replay is not None), None)

    def end(self, identifier: str) -> None:
        """Carried out, refused, or failed."""
        self._given[identifier] = None
        if self.running is not None and self.running.replay.identifier == identifier:
            self.running = None
        ended = [each for each, replay in self._given.items() if replay is None]
        for each in ended[: max(0, len(self._given) - _REMEMBERED)]:
            del self._given[each]

    def kept(self) -> Kept:
        each = [[name] if replay is None else [name, replay.first, replay.last] for name, replay in self._given.items()]
        return Kept(SUBJECT + self._uplink, json.dumps(each, ensure_ascii=False, separators=(",", ":")))

    def restore(self, state: str) -> None:
        """What `kept` had of an earlier start. Raises ValueError for what it never wrote."""
        given: dict[str, Replay | None] = {}
        for each in json.loads(state):
            match each:
                case [str(name)]:
                    given[name] = None
                case [str(name), int(first), int(last)]:
                    given[name] = Replay(name, first, last)
                case _:
                    raise ValueError("not a list of commands")
        self._given = given
