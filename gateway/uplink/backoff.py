"""How long to wait before the next connection: longer with each failure, and never the same for two gateways."""

import random

from tenacity import RetryCallState
from tenacity.wait import wait_base

_SHORTEST_S = 0.5
_DOUBLINGS_MAX = 16


class Backoff(wait_base):
    """Between half a second and a ceiling that doubles up to `longest_s`, drawn at random: a thousand gateways that lost their
    broker at once come back spread out. tenacity's own waits draw from the global generator; this one's is handed in."""

    def __init__(self, generator: random.Random, longest_s: float) -> None:
        self._random = generator
        self._longest_s = longest_s
        self._failures = 0

    def reset(self) -> None:
        """A connection has stood for a while."""
        self._failures = 0

    def __call__(self, retry_state: RetryCallState) -> float:  # noqa: ARG002
        self._failures = min(self._failures + 1, _DOUBLINGS_MAX)
        return self._random.uniform(_SHORTEST_S, max(_SHORTEST_S, min(self._longest_s, 2.0**self._failures)))
