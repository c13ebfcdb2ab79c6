"""What a city's policy makes of a change: roundings in the driver's favour, and whether it may be billed without a look.

Every event is told; the policy only moves the onset in the driver's favour and lowers the confidence that is billed. What happened
while the gateway was off is told with its bounds, and under `review` never at a confidence that is billed.
"""

from dataclasses import replace

from config.site import BayPolicy, PowerGap
from gateway.detection.change import BayChange, Kind, Reason


def under(policy: BayPolicy, change: BayChange) -> BayChange:
    """The change as this policy wants it told."""
    if change.kind is Kind.PARK_START:
        onset_s = min(change.onset_s + policy.round_s, change.confirmed_s)
    elif change.kind is Kind.PARK_END:
        onset_s = change.onset_s - policy.round_s
    else:
        return change
    confidence = change.confidence
    if change.reason is Reason.RESTART and policy.after_power_gap is PowerGap.REVIEW:
        confidence = min(confidence, policy.billed_confidence - 0.01)
    if onset_s == change.onset_s and confidence == change.confidence:
        return change
    return replace(change, onset_s=onset_s, confidence=max(confidence, 0.0))
