"""The errors as a picture: one band a bay over time, what was true above what was told, and a mark where they differ. SVG, by hand.

green   found            red ▼   missed            orange ▲   invented            grey   no reading could show it
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from gateway.scoring.judging import Judged
from gateway.scoring.told import Says, Told
from gateway.scoring.truth import Fact, What

_LEFT, _TOP, _BAND, _BAR = 150, 40, 46, 12
_WIDEST, _PX_PER_H = 8000, 60.0
_TRUE, _TOLD, _UNKNOWN = "#6b7f99", "#93b8e0", "#e6d9a8"
_FOUND, _MISSED, _INVENTED, _UNSEEN = "#2e9e4f", "#d62728", "#ff8c00", "#999999"
_FAINT = {What.DRIVE_OVER: "#b48ad6", What.BUS: "#c9c9c9", What.SHUFFLED: "#d6a78a", What.NEIGHBOUR_MOVED: "#dddddd"}


@dataclass(frozen=True, slots=True)
class Band:
    judged: Judged
    facts: Sequence[Fact]
    told: Sequence[Told]


def picture(bands: Sequence[Band], words: Mapping[str, str]) -> str:
    """`words` names found, missed, invented, unseen, true and told in the reader's language."""
    until_s = max((band.judged.span_s for band in bands), default=0.0) or 1.0
    width = min(max(until_s / 3600.0 * _PX_PER_H, 640.0), _WIDEST)
    height = _TOP + _BAND * len(bands) + 30
    scale = width / until_s
    size = f'width="{_LEFT + width + 20:.0f}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">',
        f'<rect width="100%" height="100%" fill="white"/>{_legend(words)}',
        *_hours(until_s, scale, height),
    ]
    for row, band in enumerate(bands):
        lines += _band(band, _TOP + row * _BAND, scale, words)
    return "\n".join([*lines, "</svg>\n"])


def _legend(words: Mapping[str, str]) -> str:
    shown = (("true", _TRUE), ("told", _TOLD), ("found", _FOUND), ("missed", _MISSED), ("invented", _INVENTED), ("unseen", _UNSEEN))
    return "".join(
        f'<rect x="{_LEFT + 90 * n}" y="8" width="10" height="10" fill="{colour}"/><text x="{_LEFT + 90 * n + 14}" y="17">'
        f"{escape(words[name])}</text>"
        for n, (name, colour) in enumerate(shown)
    )


def _hours(until_s: float, scale: float, height: int) -> Iterator[str]:
    every_h = max(1, round(until_s / 3600.0 / 48.0))
    for hour in range(0, int(until_s // 3600) + 1, every_h):
        x = _LEFT + hour * 3600 * scale
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{height - 20}" stroke="#eeeeee"/>'
        yield f'<text x="{x:.1f}" y="{height - 6}" fill="#777777" text-anchor="middle">{hour} h</text>'


def _band(band: Band, y: int, scale: float, words: Mapping[str, str]) -> Iterator[str]:
    until_s = band.judged.span_s
    yield f'<text x="4" y="{y + 20}">{escape(band.judged.device)}</text>'
    for fact in band.facts:
        if fact.what in _FAINT:
            yield f'<rect x="{_LEFT + fact.t * scale:.1f}" y="{y}" width="1" height="{2 * _BAR + 4}" fill="{_FAINT[fact.what]}"/>'
    for from_s, to_s, colour in _true(band.facts, until_s):
        yield _bar(from_s, to_s, y + 2, scale, colour)
    for from_s, to_s, colour in _said(band.told, until_s):
        yield _bar(from_s, to_s, y + 4 + _BAR, scale, colour)
    for each in band.judged.found:
        colour, word = (_FOUND, "found") if each.told is not None else (_UNSEEN, "unseen") if each.unseen else (_MISSED, "missed")
        x, size = _LEFT + each.fact.t * scale, 3 if each.told is not None else 5
        title = f"{words[word]}: {each.fact.what.value} {each.fact.t:.1f} s"
        yield f'<path d="M{x - size:.1f} {y - 6} h{2 * size} l{-size} 8 z" fill="{colour}"><title>{escape(title)}</title></path>'
    for one in band.judged.invented:
        x, foot = _LEFT + one.told.onset_s * scale, y + 2 * _BAR + 14
        near = "" if one.near is None else f", {one.near.value}"
        title = f"{words['invented']}: {one.told.says.value} {one.told.onset_s:.1f} s{near}"
        yield f'<path d="M{x - 5:.1f} {foot} h10 l-5 -8 z" fill="{_INVENTED}"><title>{escape(title)}</title></path>'


def _bar(from_s: float, to_s: float, y: int, scale: float, colour: str) -> str:
    return (
        f'<rect x="{_LEFT + from_s * scale:.1f}" y="{y}" width="{max((to_s - from_s) * scale, 0.5):.1f}" height="{_BAR}" fill="{colour}"/>'
    )


def _true(facts: Sequence[Fact], until_s: float) -> Iterator[tuple[float, float, str]]:
    since: float | None = None
    for fact in facts:
        if fact.what is What.ARRIVED:
            since = max(fact.t, 0.0)
        elif fact.what is What.LEFT:
            yield since or 0.0, fact.t, _TRUE
            since = None
    if since is not None:
        yield since, until_s, _TRUE


def _said(told: Sequence[Told], until_s: float) -> Iterator[tuple[float, float, str]]:
    colour: str | None = None
    since = 0.0
    for each in sorted(told, key=lambda each: each.onset_s):
        if colour is not None:
            yield since, each.onset_s, colour
        since = max(each.onset_s, 0.0)
        colour = _UNKNOWN if each.says is Says.LOST else _TOLD if each.occupied else None
    if colour is not None:
        yield since, until_s, colour
