"""What a city's policy makes of a bay's changes: roundings in the driver's favour, and whether they may be billed without a look.

Every change is told, with the confidence that the detector has; the policy moves its onset in the driver's favour and marks it:

    free        a departure after a stay shorter than the free minutes
    review      less sure than what is billed, or not seen because the gateway was off where the policy wants that looked at
    billable    the rest
"""

from collections.abc import Iterable
from dataclasses import replace

from config.site import BayPolicy, PowerGap
from gateway.detection.change import BayChange, Billing, Kind, Reason


def under(policy: BayPolicy, changes: Iterable[BayChange], began_s: float | None) -> list[BayChange]:
    """The changes of one bay as this policy wants them told. `began_s` is the onset of the stay that was running before them."""
    told = []
    for change in changes:
        if change.kind is Kind.PARK_START:
            began_s = min(change.onset_s + policy.round_s, change.confirmed_s)
            told.append(replace(change, onset_s=began_s, billing=_billing(policy, change)))
        elif change.kind is Kind.PARK_END:
            ended_s = change.onset_s - policy.round_s
            stay_s = None if began_s is None else ended_s - began_s
            free = stay_s is not None and stay_s < policy.grace_s
            told.append(replace(change, onset_s=ended_s, billing=Billing.FREE if free else _billing(policy, change)))
            began_s = None
        else:
            told.append(change)
    return told


def _billing(policy: BayPolicy, change: BayChange) -> Billing:
    unseen = change.reason is Reason.RESTART and policy.after_power_gap is PowerGap.REVIEW
    return Billing.REVIEW if unseen or change.confidence < policy.billed_confidence else Billing.BILLABLE
