"""How large a message may be where the broker does not say so, as learned from those that vanish. Pure.

MQTT 3.1.1 has no word for it. A broker with a limit below that of a batch ends the connection at each one (mosquitto's
max_packet_size), or answers and drops it (its message_size_limit): the same batch would be sent for ever. So what vanishes time after
time, while nothing else gets through, is cut in half, down to single events. What gets through lets it grow again, the more slowly the
more often that was wrong.
"""

_VAIN = 3
"""A line that is lost once or twice says nothing about sizes."""
_LEAST_OCTETS = 512
"""About one event."""
_GOOD = 16
_GOOD_MAX = 1 << 14
_SLOWER = 4


class Sizing:
    def __init__(self, most_octets: int) -> None:
        self.octets = self._most = most_octets
        """Of one message, at the most; a single event, or the state of a single bay, may be larger."""
        self._vain = self._good = 0
        self._needs = _GOOD
        self._has_grown = False

    def vanished(self, octets: int) -> None:
        """A message of so many went with its connection, and nothing else got through."""
        self._vain += 1
        if self._vain >= _VAIN:
            self.unheard(octets)

    def unheard(self, octets: int) -> None:
        """The broker has it and the platform says nothing, for so long that it is sent again: smaller costs little where it was away."""
        self._vain = self._good = 0
        self.octets = max(_LEAST_OCTETS, min(self.octets, octets) // 2)
        if self._has_grown:
            self._needs = min(_GOOD_MAX, _SLOWER * self._needs)
            self._has_grown = False

    def passed(self) -> None:
        """A message got the word that counts."""
        self._vain = 0
        if self.octets == self._most:
            return
        self._good += 1
        if self._good >= self._needs:
            self._good = 0
            self.octets = min(self._most, 2 * self.octets)
            self._has_grown = True
