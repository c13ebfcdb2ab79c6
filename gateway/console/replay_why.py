"""What `replay --explain` prints of one event: a line for the decision, and one for each moment that led to it."""

from config.sentences import say
from gateway.console.speech import language
from gateway.detection.conditioning import Vector
from gateway.detection.explaining import Explanation, Moment

_SHOWN = 12
"""Moments of each event; the picture has more."""


def explanation_text(explanation: Explanation) -> str:
    change, spoken = explanation.change, language()
    values = {"bay": change.bay, "kind": change.kind.value, "reason": change.reason.value, "confidence": f"{change.confidence:.3f}"}
    head = say("replay.why", spoken, onset=f"{change.onset_s:.1f}", confirmed=f"{change.confirmed_s:.1f}", **values)
    return "\n".join([head, say("replay.why_columns", spoken), *map(_line, explanation.moments[-_SHOWN:])])


def _line(moment: Moment) -> str:
    states = "  ".join(f"{phase.value} {share:.3f}" for phase, share in moment.posterior)
    measured, expected = _numbers(moment.measured, moment.axes), _numbers(moment.expected, moment.axes)
    return f"{moment.t:9.1f}  {measured:<22}{expected:<22}{moment.square**0.5:6.1f}  {moment.plateau_s:7.1f}  {states}"


def _numbers(values: Vector, axes: int) -> str:
    return " ".join(f"{value:.2f}" for value in values[:axes])
