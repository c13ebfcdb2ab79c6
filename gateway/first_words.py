"""What a start tells first: that it began, from where it goes on, and what is missing. Pure."""

from gateway.clock_watch import anchor_of
from gateway.detection.change import GatewayChange, Kind
from gateway.journal.row import Anchor, Gap, Resumed
from gateway.minting import Now


def first_changes(resumed: Resumed, now: float) -> list[GatewayChange]:
    """The start itself, and a gap for each hole in the numbers. `last_sequence` of the start is the last that the file knows:
    after an end that was not in order, a platform that has higher ones of that epoch has more than the disk kept."""
    cause = "first" if resumed.last_epoch == 0 else "clean" if resumed.clean else "unclean"
    changes = [
        GatewayChange(
            kind=Kind.GATEWAY_STARTED, onset_s=now, confirmed_s=now, cause=cause, last_sequence=(resumed.next_sequence - 1) or None
        )
    ]
    return changes + [gap_change(Gap("journal_damaged", (hole,)), now) for hole in resumed.missing]


def gap_change(gap: Gap, now: float) -> GatewayChange:
    runs = gap.missing
    return GatewayChange(
        kind=Kind.GATEWAY_GAP,
        onset_s=now,
        confirmed_s=now,
        cause=gap.cause,
        first_sequence=runs[0].first,
        last_sequence=runs[-1].last,
        count=sum(run.count for run in runs),
        ranges=tuple((run.first, run.last) for run in runs) if len(runs) > 1 else (),
    )


def first_anchors(resumed: Resumed, now: Now) -> tuple[Anchor, ...]:
    """How far the last boot is known to have come, and where this one stands."""
    stamps = (resumed.last_stamp, now.stamp)
    return tuple(anchor_of(stamp) for stamp in stamps if stamp is not None)
