"""Facts and tellings, written short."""

from gateway.scoring.told import Says, Told
from gateway.scoring.truth import Device, Fact, What

NOBODY_SAID = Device()


def fact(what: What, t: float, settled_s: float | None = None, **more: object) -> Fact:
    return Fact(t=t, device="bay-1", what=what, settled_s=t + 4 if settled_s is None else settled_s, **more)  # type: ignore[arg-type]


def came(t: float, **more: object) -> Fact:
    return fact(What.ARRIVED, t, **more)  # type: ignore[arg-type]


def went(t: float, **more: object) -> Fact:
    return fact(What.LEFT, t, **more)  # type: ignore[arg-type]


def start(onset_s: float, after_s: float = 6.0, confidence: float = 0.9) -> Told:
    return Told(bay="bay-1", says=Says.START, onset_s=onset_s, confirmed_s=onset_s + after_s, confidence=confidence, occupied=True)


def end(onset_s: float, after_s: float = 6.0, confidence: float = 0.9) -> Told:
    return Told(bay="bay-1", says=Says.END, onset_s=onset_s, confirmed_s=onset_s + after_s, confidence=confidence, occupied=False)
