"""What `simulate` prints: for people a table and a sentence for each thing that happens, for programs JSON Lines."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import click

from config.sentences import say
from config.site import Language
from gateway.clock import system_wall
from gateway.console.speech import language, tell
from gateway.console.table import Column, print_table
from simulators.layout import LineKind, Placed
from simulators.scenario import load_scenario, scenario_names
from simulators.stand import Stand, StandingLine
from simulators.street import TruthEvent, What


class Show(Protocol):
    def begin(self, site: Path) -> None:
        """The lines stand, and `site` points at them."""

    def at_zero(self, events: Sequence[TruthEvent]) -> None:
        """The arrivals of what stood there at the start."""

    def happened(self, event: TruthEvent) -> None: ...

    def end(self, seconds: float) -> None: ...


def people_or_json(stand: Stand, *, as_json: bool) -> Show:
    return _ForPrograms(stand) if as_json else _ForPeople(stand)


def list_scenarios(*, as_json: bool) -> None:
    titles = {name: load_scenario(name).title for name in scenario_names()}
    if as_json:
        for name, title in titles.items():
            click.echo(json.dumps({"scenario": name, "title": title.model_dump()}, ensure_ascii=False))
        return
    width = max(len(name) for name in titles)
    for name, title in titles.items():
        click.echo(f"{name:<{width}}  {title.zh if language() is Language.ZH else title.en}")


class _ForPeople:
    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._count = 0
        self._language = language()
        self._began = system_wall()

    def begin(self, site: Path) -> None:
        self._began = system_wall() - timedelta(seconds=self._stand.street_time())
        scenario, plan = self._stand.scenario, self._stand.street.plan
        title = scenario.title.zh if self._language is Language.ZH else scenario.title.en
        tell("simulators.begin", title=title, seed=self._stand.seed, bays=len(plan.bays), stations=len(plan.stations))
        columns = ("line", "kind", "where", "wire", "units", "devices")
        rows = [self._row(line) for line in self._stand.lines]
        print_table([Column(say(f"simulators.{column}", self._language)) for column in columns], rows)
        tell("simulators.wrote", site=site)

    def _row(self, line: StandingLine) -> tuple[str, ...]:
        plan = next(each for each in self._stand.scenario.lines if each.name == line.name)
        wire = "-" if line.kind is LineKind.TCP else f"{plan.baud} 8{plan.parity.value[0].upper()}{plan.stop_bits}"
        units = sorted({each.unit for each in line.devices})
        return line.name, line.kind.value, line.where, wire, _range(units), f"{line.devices[0].device} … {line.devices[-1].device}"

    def at_zero(self, events: Sequence[TruthEvent]) -> None:
        cars = sum(event.bay is not None for event in events)
        tell("simulators.at_zero", cars=cars, bikes=len(events) - cars)

    def happened(self, event: TruthEvent) -> None:
        self._count += 1
        moment = (self._began + timedelta(seconds=event.t)).astimezone()
        click.echo(f"{moment:%H:%M:%S}  {_sentence(event, self._language)}")

    def end(self, seconds: float) -> None:
        tell("simulators.end", count=self._count, seconds=f"{seconds:.0f}")


def _sentence(event: TruthEvent, spoken: Language) -> str:
    what = "arrived" if event.what is What.ARRIVED else "left"
    if event.bay is not None:
        return say(f"simulators.car_{what}", spoken, bay=event.bay)
    values = {"station": event.station, "pile": event.pile, "tag": event.tag, "operator": event.operator}
    return say(f"simulators.bike_{what}", spoken, **values)


def _range(numbers: Sequence[int]) -> str:
    """1-8 for what follows one another, 1,3,7 else."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}-{numbers[-1]}"
    return ",".join(map(str, numbers))


class _ForPrograms:
    """One object a line: first what stands, then what happens, with `t` in seconds of street time."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._began = system_wall()

    def begin(self, site: Path) -> None:
        self._began = system_wall() - timedelta(seconds=self._stand.street_time())
        lines = [
            {"name": line.name, "kind": line.kind.value, "where": line.where, "devices": [_device(each) for each in line.devices]}
            for line in self._stand.lines
        ]
        self._print({"standing": {"seed": self._stand.seed, "site": str(site), "lines": lines}})

    def at_zero(self, events: Sequence[TruthEvent]) -> None:
        for event in events:
            self.happened(event)

    def happened(self, event: TruthEvent) -> None:
        at = (self._began + timedelta(seconds=event.t)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        given = {"bay": event.bay, "station": event.station, "pile": event.pile, "tag": event.tag, "operator": event.operator}
        known = {name: value for name, value in given.items() if value is not None}
        self._print({"t": round(event.t, 3), "time": at, "who": event.who, "what": event.what.value, **known})

    def end(self, seconds: float) -> None:
        """Nothing: the stream ends."""

    @staticmethod
    def _print(values: dict[str, object]) -> None:
        click.echo(json.dumps(values, ensure_ascii=False))


def _device(placed: Placed) -> dict[str, object]:
    given: dict[str, object] = {"name": placed.device, "profile": placed.model.value, "unit": placed.unit, "watches": placed.watches}
    return given if placed.sub_unit is None else {**given, "sub_unit": placed.sub_unit}
