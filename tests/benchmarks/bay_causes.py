"""Why a detector is wrong: what is missed, by how strongly it is felt and how often the bay is read, and what happened when it invented."""

from collections import Counter
from collections.abc import Sequence

from gateway.scoring.judging import Found, Judged

_UT = (2.0, 3.0, 4.0, 6.0)
"""Below the first nothing counts as a vehicle; the last is more than nearly all that moves beside a bay is felt by."""
_MISSED = ("missed", *(f"< {most:g} µT" for most in _UT), f">= {_UT[-1]:g} µT", "recall from there on")
_INVENTED = ("invented", "told", "said to be sure", "near a start / an end")


def missed(bays: Sequence[Judged]) -> list[tuple[str, ...]]:
    """Rows of a table: of how many facts, by rhythm and by µT, how many are missed."""
    rows: list[tuple[str, ...]] = [_MISSED]
    for rhythm, of_it in _by_rhythm(bays):
        facts, lost = Counter[int](), Counter[int]()
        for each in (each for bay in of_it for each in bay.found if not each.unseen):
            strength = _strength(each)
            facts[strength] += 1
            lost[strength] += each.told is None
        cells = [f"{lost[strength]} of {facts[strength]}" for strength in range(len(_UT) + 1)]
        strong = len(_UT)
        rows.append((rhythm, *cells, f"{100.0 * (1.0 - lost[strong] / facts[strong]):.2f} %" if facts[strong] else "-"))
    return rows


def invented(bays: Sequence[Judged]) -> list[tuple[str, ...]]:
    """Rows of a table: what happened in or beside the bay when something was told that was not so; `-` for nothing that the truth knows."""
    rows: list[tuple[str, ...]] = [_INVENTED]
    for rhythm, of_it in _by_rhythm(bays):
        wrong = [each for bay in of_it for each in bay.invented]
        near = Counter((each.near.value if each.near else "-", each.told.says.value) for each in wrong)
        causes = sorted({cause for cause, _ in near}, key=lambda cause: -near[cause, "start"] - near[cause, "end"])
        said = f"{100.0 * sum(each.told.confidence for each in wrong) / len(wrong):.1f} %" if wrong else "-"
        by_cause = ", ".join(f"{cause} {near[cause, 'start']} / {near[cause, 'end']}" for cause in causes)
        rows.append((rhythm, str(len(wrong)), said, by_cause))
    return rows


def _strength(each: Found) -> int:
    felt_ut = each.fact.signature_ut
    return len(_UT) if felt_ut is None else sum(felt_ut >= most for most in _UT)


def _by_rhythm(bays: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    by: dict[str, list[Judged]] = {}
    for bay in bays:
        every_s = f"every {bay.how.interval_s:g} s" if bay.how.interval_s is not None else "any"
        by.setdefault(f"{every_s}, on change" if bay.how.on_change else every_s, []).append(bay)
    return sorted(by.items(), key=lambda each: -len(each[1]))
