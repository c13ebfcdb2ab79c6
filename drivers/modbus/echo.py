"""What of the octets that were heard is our own request, on lines whose adapters hear what they send. Pure.

An echo, whole or with its first or last octets lost, is no part of the answer. The answer to a write of one value is equal to its
echo: once another question has been heard back on this line, one copy is an echo and the second one the answer. Before that has
happened, one copy is taken for the answer.
"""

_REMNANT = 4
"""So many octets of a request in a row are no accident."""
_CLEAN_ANSWERS = 3
"""So many answers in a row with nothing before them: the line has no echo any more."""


class Echo:
    """Of one request after another, in one buffer."""

    def __init__(self, heard: bytearray) -> None:
        self._heard = heard
        self._request = b""
        self._answer_equals_echo = False
        self._awaited = False
        self._line_echoes = False
        self._clean_answers = 0
        self.end = 0
        """Where the octets behind a whole echo begin."""
        self._answer_from = 0
        self._next = 0
        self._remnant: int | None = None

    def ask(self, request: bytes, *, answer_equals_echo: bool) -> None:
        self._request = request
        self._answer_equals_echo = answer_equals_echo
        self.restart()

    def restart(self) -> None:
        """The buffer is empty again. That the line echoes is not forgotten: better a write wrongly held back than one wrongly believed."""
        self._awaited = self._line_echoes or not self._answer_equals_echo
        self.end = self._answer_from = self._next = 0
        self._remnant = None

    def answer_from(self) -> int:
        """No answer begins before this place."""
        if self._awaited:
            self._look()
        return self._answer_from

    def octets(self) -> int:
        """How many octets, from the first one, belong to our own request."""
        if self._awaited:
            self._look()
        if not self._awaited:
            return self.end
        if self._remnant is not None:
            return self._remnant
        count = _remnant(self._heard, self._request)
        if _REMNANT <= len(self._heard) != count:
            # What follows it is something else, and stays so.
            self._remnant = count
        return count

    def learn(self, frame: bytes) -> None:
        """Whether the line still echoes. A write of one value says nothing about it."""
        if not self._answer_equals_echo:
            self._clean_answers = self._clean_answers + 1 if self._heard.startswith(frame) else 0
            self._line_echoes = self._line_echoes and self._clean_answers < _CLEAN_ANSWERS

    def _look(self) -> None:
        """It stays where it is: what looks like its last octet may be the first one of the answer, and that its own be lost."""
        at = self._heard.find(self._request, self._next)
        if at < 0:
            self._next = max(0, len(self._heard) - len(self._request) + 1)
            return
        self._awaited = False
        if not self._answer_equals_echo:
            self._line_echoes = True
            # What was heard before our own request is no answer to it.
            self._answer_from = at
        elif at and _remnant(self._heard, self._request):
            # The damaged echo stands before it: this is the other copy.
            return
        else:
            self._answer_from = at + 1
        self.end = at + len(self._request)


def _remnant(heard: bytearray, request: bytes) -> int:
    """How many octets at the front of what was heard are of our own request, whose first or last octets may be lost."""
    at = request.find(heard[:_REMNANT]) if len(heard) >= _REMNANT else -1
    if at < 0:
        return 0
    count = _REMNANT
    most = min(len(heard), len(request) - at)
    while count < most and heard[count] == request[at + count]:
        count += 1
    return count
