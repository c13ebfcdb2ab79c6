"""When to open a link again: soon at first, then ever more rarely, never at the same moment as other gateways."""

from random import Random

from tenacity import RetryCallState
from tenacity.wait import wait_base

FIRST_S = 0.5
LONGEST_S = 30.0


class Backoff(wait_base):
    """Exponential with jitter from the randomness handed in. It goes on growing until the link has proved itself.

    A serial server that accepts and hangs up at once would be called without a pause, did a mere connection count.
    """

    def __init__(self, random: Random, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._random = random
        self._first_s = first_s
        self._longest_s = longest_s
        self._wait_s = first_s

    def proved(self) -> None:
        self._wait_s = self._first_s

    def __call__(self, retry_state: RetryCallState) -> float:  # noqa: ARG002
        wait_s = self._wait_s * self._random.uniform(0.5, 1.0)
        self._wait_s = min(2 * self._wait_s, self._longest_s)
        return wait_s
