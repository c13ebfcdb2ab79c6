"""`kerbgate simulate … --trace FILE`: days of a scenario as a trace of readings, and the truth beside it."""

from pathlib import Path

from gateway.console.speech import fault, hint, wrong_call
from simulators.quantity import HAS_ARRAYS
from simulators.scenario import Scenario


def write_days(scenario: Scenario, trace: Path, truth: Path | None, *, days: float, seed: int | None) -> None:
    """Ends the verb with a sentence where that can't be done."""
    if not HAS_ARRAYS:
        fault("simulators.no_arrays")
    from simulators.scenario_days import days_of, wall_of  # noqa: PLC0415  # needs numpy
    from simulators.trace_file import write_trace, write_truth  # noqa: PLC0415

    used = scenario.seed if seed is None else seed
    told = days_of(scenario, used, days * 86400.0)
    if not told:
        wrong_call("simulators.no_bays")
    wall = wall_of(scenario)
    path = trace
    try:
        readings = write_trace(told, wall, trace)
        hint("simulators.wrote_trace", path=trace, readings=readings, devices=len(told), days=f"{days:g}", seed=used)
        if truth is not None:
            path = truth
            hint("simulators.wrote_truth", path=truth, facts=write_truth(told, wall, used, truth))
    except OSError as why:
        wrong_call("simulators.unwritable", path=path, why=why.strerror)
