"""An explanation as a picture: the field and the baseline of each axis, the posterior below, and the decision. SVG, by hand."""

from collections.abc import Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

from gateway.detection.explaining import Explanation, Moment
from gateway.detection.phase import Phase

_WIDTH, _LEFT, _PLOT, _FIELD, _BAND, _HEAD = 900, 60, 820, 150, 60, 34
_AXES = ("#c0392b", "#27864a", "#2c6fbb")
_COLOURS = {
    Phase.VACANT: "#dfe8df",
    Phase.ENTERING: "#7fb77e",
    Phase.OCCUPIED: "#6b8fc9",
    Phase.LEAVING: "#e0a458",
    Phase.PASSING: "#b48ad6",
    Phase.NEIGHBOUR: "#cfc3a6",
    Phase.SWAP: "#d66a6a",
    Phase.DISTURBED: "#999999",
    Phase.UNKNOWN: "#eeeeee",
}
_ROW = _HEAD + _FIELD + _BAND + 24


def picture(explanations: Sequence[Explanation]) -> str:
    """One row an event; an empty picture where there was none."""
    height = max(_ROW * len(explanations), 40)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="11">'
    rows = [_row(explanation, index * _ROW) for index, explanation in enumerate(explanations)]
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *rows, "</svg>"]) + "\n"


def _row(explanation: Explanation, top: int) -> str:
    change, moments = explanation.change, explanation.moments
    title = f"{change.bay}  {change.kind.value}  onset {change.onset_s:.1f} s  certain {change.confirmed_s:.1f} s  "
    title += f"confidence {change.confidence:.3f}  {change.reason.value}"
    parts = [f'<text x="{_LEFT}" y="{top + 20}" font-size="13">{escape(title)}</text>']
    if len(moments) > 1:
        span = (moments[0].t, moments[-1].t)
        parts += _lines(moments, span, top + _HEAD)
        parts += _posterior(moments, span, top + _HEAD + _FIELD + 6)
        parts += [_mark(change.onset_s, span, top + _HEAD, "#000000"), _mark(change.confirmed_s, span, top + _HEAD, "#d62728")]
    return "\n".join(parts)


def _x(t: float, span: tuple[float, float]) -> float:
    return _LEFT + _PLOT * min(max((t - span[0]) / max(span[1] - span[0], 1e-6), 0.0), 1.0)


def _lines(moments: Sequence[Moment], span: tuple[float, float], top: int) -> list[str]:
    """Each axis against its own baseline (the middle line), all on one scale."""
    axes = moments[-1].axes
    most = max(max(abs(moment.residual[axis]) for axis in range(axes)) for moment in moments) or 1.0
    middle = top + _FIELD / 2
    drawn = [f'<path d="M{_LEFT} {middle:.1f}h{_PLOT}" stroke="#888888" stroke-dasharray="4 3"/>']
    drawn.append(f'<text x="4" y="{top + 10}">±{most:.3g}</text>')
    for axis in range(axes):
        points = " ".join(f"{_x(moment.t, span):.1f},{middle - moment.residual[axis] / most * (_FIELD / 2 - 4):.1f}" for moment in moments)
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{_AXES[axis]}" stroke-width="1.4"/>')
        baseline = f"{'xyz'[axis]} {moments[-1].expected[axis]:.2f}"
        drawn.append(f'<text x="4" y="{top + 26 + 14 * axis}" fill="{_AXES[axis]}">{baseline}</text>')
    return drawn


def _posterior(moments: Sequence[Moment], span: tuple[float, float], top: int) -> list[str]:
    drawn = []
    for moment, following in pairwise(moments):
        left, right, at = _x(moment.t, span), _x(following.t, span), float(top)
        for phase, share in moment.posterior:
            high = share * _BAND
            title = f"<title>{phase.value} {share:.3f}</title>"
            drawn.append(
                f'<rect x="{left:.1f}" y="{at:.1f}" width="{right - left:.1f}" height="{high:.1f}" fill="{_COLOURS[phase]}">{title}</rect>'
            )
            at += high
    return drawn


def _mark(t: float, span: tuple[float, float], top: int, colour: str) -> str:
    return f'<path d="M{_x(t, span):.1f} {top}v{_FIELD + _BAND + 6}" stroke="{colour}"/>'
