"""A scenario stood up: every line open, every device answering for the street.

    async with Stand(load_scenario("quiet-street"), folder) as stand:
        (folder / "site.yaml").write_text(stand.site_yaml(...))

Street time begins at `start_s` when the stand is entered and runs with the event loop's clock. A stand that begins later, in
this process or in another, goes on with the same street.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from config.protocols import Protocol
from config.site import FieldVector, MqttVersion
from simulators.cut import TcpCut
from simulators.equipment import CUTS, Equipment
from simulators.faults import LineFault, Unplugged
from simulators.frame_server import FrameUnits
from simulators.layout import LineKind, LinePlan, Model, Placed
from simulators.magnetics import Magnetics
from simulators.modbus_server import Units
from simulators.network import MbapLine
from simulators.ports import Port, PtyPort, TcpPort
from simulators.scenario import Scenario
from simulators.site_text import line_text, site_text
from simulators.street import Street, TruthEvent
from simulators.wire import RtuLine, Served

_MAGNETOMETERS = (Model.GEOMAGNETIC, Model.HMR2300)
"""They give a field, not a state: a gateway needs the one of the empty bay."""


@dataclass(frozen=True, slots=True)
class StandingLine:
    name: str
    kind: LineKind
    where: str
    """A path, or host:port."""
    devices: tuple[Placed, ...]


class Stand:
    """`ptys_as_tcp` stands every pty up as RTU over TCP: virtual time needs sockets."""

    def __init__(
        self, scenario: Scenario, folder: Path, *, start_s: float = 0.0, seed: int | None = None, ptys_as_tcp: bool = False
    ) -> None:
        self.scenario = scenario
        self.seed = scenario.seed if seed is None else seed
        self.street = Street(self.seed, scenario.plan())
        self.magnetics = Magnetics(self.street, scenario.weather, scenario.sensing)
        self.devices = scenario.devices
        self._equipment = Equipment(scenario, self.street, self.magnetics)
        self._folder = folder
        self._start_s = start_s
        self._ptys_as_tcp = ptys_as_tcp
        self._zero = 0.0
        self._ports: dict[str, Port] = {}
        self._timers: list[asyncio.TimerHandle] = []
        self._reopening: set[asyncio.Task[None]] = set()

    # Time and truth.

    def street_time(self) -> float:
        return asyncio.get_running_loop().time() - self._zero

    def truth(self, until_s: float | None = None, after_s: float = -inf) -> tuple[TruthEvent, ...]:
        """What has happened, up to now where nothing else is said. What stood there at zero arrived before."""
        return self.street.truth(self.street_time() if until_s is None else until_s, after_s)

    # Standing up.

    async def __aenter__(self) -> Self:
        self._zero = asyncio.get_running_loop().time() - self._start_s
        for plan in self.scenario.lines:
            self._ports[plan.name] = self._port(plan)
        try:
            for plan in self.scenario.lines:
                await self._open(plan.name)
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()
        await asyncio.gather(*self._reopening, return_exceptions=True)
        # The transports of aborted connections close in the next turns of the loop.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        for task in self._reopening:
            task.cancel()
        for port in self._ports.values():
            port.close()

    def _kind(self, plan: LinePlan) -> LineKind:
        return LineKind.RTU_OVER_TCP if self._ptys_as_tcp and plan.kind is LineKind.PTY else plan.kind

    def _port(self, plan: LinePlan) -> Port:
        kind, clock = self._kind(plan), self.street_time
        faults = tuple(fault for fault in self.scenario.faults if isinstance(fault, LineFault) and fault.line == plan.name)
        random = Random(f"{self.seed}/line/{plan.name}")
        units: Served
        if plan.protocol is Protocol.MODBUS:
            modbus = self._equipment.on(plan.name)
            units, answers = Units(modbus, clock, rtu=kind is not LineKind.TCP), self._equipment.answers(plan.name, modbus)
        else:
            framed = self._equipment.framed_on(plan.name)
            units, answers = FrameUnits(framed, clock, CUTS[plan.protocol]), self._equipment.answers(plan.name, framed)
        if kind is LineKind.TCP:
            return TcpPort(MbapLine(units, answers, faults, clock, random))
        whole = kind is LineKind.RTU_OVER_TCP
        line = RtuLine(units, answers, faults, clock, random, plan=plan, whole=whole)
        return TcpPort(line) if whole else PtyPort(line, self._folder / plan.name)

    async def _open(self, name: str) -> None:
        """Opens the port, and sees to it that it vanishes and comes back when the scenario says so."""
        port, now = self._ports[name], self.street_time()
        await port.open()
        for fault in self.scenario.faults:
            if isinstance(fault, Unplugged) and fault.line == name and fault.to_s > now:
                if fault.at(now):
                    port.close()
                else:
                    self._at(fault.from_s, port.close)
                self._at(fault.to_s, partial(self._reopen, port))

    def _at(self, t: float, do: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_at(t + self._zero, do))

    def _reopen(self, port: Port) -> None:
        task = asyncio.get_running_loop().create_task(port.open())
        self._reopening.add(task)
        task.add_done_callback(self._reopening.discard)

    # What stands.

    @property
    def lines(self) -> tuple[StandingLine, ...]:
        return tuple(
            StandingLine(
                plan.name, self._kind(plan), self._ports[plan.name].where, tuple(each for each in self.devices if each.line == plan.name)
            )
            for plan in self.scenario.lines
        )

    def empty_field(self, bay: str) -> FieldVector:
        """The calibration of a bay's detector: what it measured at zero, when no car stood there."""
        x, y, z = self.magnetics.empty_field(bay, 0.0)
        warm = self.magnetics.temperature.at(0.0)
        return FieldVector(x_ut=round(x, 2), y_ut=round(y, 2), z_ut=round(z, 2), temperature_c=round(warm, 2))

    def before_broker(self, host: str, port: int) -> TcpCut:
        """A way to a broker that is interrupted as the scenario says."""
        return TcpCut(host, port, self.scenario.broker, self.street_time)

    def site_yaml(
        self,
        uplink_host: str | None = None,
        uplink_port: int | None = None,
        journal_path: Path = Path("journal.db"),
        gateway: str = "simulated",
        ack: str = "broker",
        mqtt: MqttVersion = MqttVersion.AUTO,
    ) -> str:
        """A complete site that points kerbgate at the lines that stand. Without a host there is no uplink."""
        return site_text(
            gateway=gateway,
            journal_path=journal_path,
            buses=[(line.name, line_text(plan, line.kind, line.where)) for plan, line in zip(self.scenario.lines, self.lines, strict=True)],
            devices=self.devices,
            empty_fields={each.watches: self.empty_field(each.watches) for each in self.devices if each.model in _MAGNETOMETERS},
            bikes=self.scenario.bikes,
            uplink=None if uplink_host is None else {"host": uplink_host, "port": uplink_port, "ack": ack, "mqtt": mqtt.value},
        )
