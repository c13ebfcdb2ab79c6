"""The garbage collector, and what lives as long as the daemon: modules, settings, the machines of all bays.

Nothing of it ever becomes garbage, yet a full collection walks all of it, and meanwhile nothing else runs, in whichever thread it
began: 25 ms in a gateway of a few bays, longer in a larger one, and a poll waits as long.
"""

import gc


def spare_what_lives_on() -> None:
    """To be called once, when everything is set up: what is there now is walked no more."""
    gc.collect()
    gc.freeze()
