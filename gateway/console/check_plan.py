"""What each line will achieve, for `check --plan`, as a table and as JSON. Nothing is asked; every cost is predicted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from config.loader import LoadedSite
from config.sentences import say
from config.site import Language
from gateway.console.speech import hint
from gateway.console.table import Column, print_table

if TYPE_CHECKING:
    from drivers.forecast import Forecast, PollForecast

_MOST_NAMES = 3
_POLLS = (
    ("check.bus", False),
    ("check.plan_unit", True),
    ("check.plan_devices", False),
    ("check.plan_requests", True),
    ("check.took", True),
    ("check.plan_wanted", True),
    ("check.plan_achieved", True),
)
_LINES = (("check.bus", False), ("check.percent", True), ("check.plan_skipped", True), ("check.plan_slice", True))


@dataclass(frozen=True, slots=True)
class PlanTable:
    lines: "tuple[tuple[str, Forecast], ...]"
    """By the bus' name."""

    def show(self, language: Language) -> None:
        _print(_POLLS, [_poll(bus, poll) for bus, line in self.lines for poll in line.polls], language)
        click.echo()
        _print(_LINES, [_line(bus, line) for bus, line in self.lines], language)
        for bus, line in self.lines:
            late = [poll for poll in line.polls if not poll.on_time]
            if late:
                hint("check.plan_late", bus=bus, late=len(late), polls=len(line.polls))
                hint("check.plan_late.next")

    def as_json(self) -> list[dict[str, object]]:
        return [{"bus": bus, "on_time": line.on_time, **_rounded(asdict(line)), "polls": _polls(line)} for bus, line in self.lines]


def plan_of(loaded: LoadedSite) -> PlanTable:
    # Only here: the drivers cost more to import than a whole check without them.
    from drivers.device import devices_of  # noqa: PLC0415
    from drivers.forecast import forecast  # noqa: PLC0415
    from drivers.polls import polls_of  # noqa: PLC0415

    site = loaded.site
    return PlanTable(
        tuple((bus.name, forecast(polls_of(devices_of(bus.name, site, loaded.profiles), bus.line))) for bus in site.buses),
    )


def _print(titles: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]], language: Language) -> None:
    print_table([Column(say(title, language), right=right) for title, right in titles], rows)


def _poll(bus: str, poll: "PollForecast") -> tuple[str, ...]:
    achieved = "-" if poll.achieved_s is None else f"{poll.achieved_s:.2f}"
    return bus, str(poll.unit), _names(poll.devices), str(poll.requests), f"{poll.predicted_ms:.0f}", f"{poll.wanted_s:g}", achieved


def _names(devices: Sequence[str]) -> str:
    """Behind a concentrator there may be forty in one poll."""
    more = len(devices) - _MOST_NAMES
    return " ".join(devices) if more <= 0 else f"{' '.join(devices[:_MOST_NAMES])} +{more}"


def _line(bus: str, line: "Forecast") -> tuple[str, ...]:
    return bus, f"{line.utilisation_pct:.0f} %", str(line.skipped), f"{line.longest_slice_ms:.0f}"


def _polls(line: "Forecast") -> list[dict[str, object]]:
    return [{**_rounded(asdict(poll)), "on_time": poll.on_time} for poll in line.polls]


def _rounded(values: dict[str, object]) -> dict[str, object]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in values.items()}
