"""kerbgate's buses, one an endpoint, from link to Reading: planned, counted, captured.    NAME SECONDS PERIOD UNITS PORT..."""

import asyncio
import sys

from config.profile import Key, Point, PointType, Profile, Table, Title
from config.site import TcpLine
from drivers.bus import Bus, BusDevice
from drivers.reading import Reading
from tests.benchmarks.beats import Beats
from tests.benchmarks.cost import Meter, say_cost

PROFILE = Profile(
    profile="ten-registers",
    title=Title(en="ten registers", zh="十个寄存器"),
    source="ours",
    poll_s=1.0,
    points=tuple(
        Point(key=key, table=Table.HOLDING, address=address, type=PointType.I16, scale=scale)
        for key, address, scale in (
            (Key.X_UT, 0, 0.1),
            (Key.Y_UT, 1, 0.1),
            (Key.Z_UT, 2, 0.1),
            (Key.TEMPERATURE_C, 8, 0.01),
            (Key.RSSI_DBM, 9, 1.0),
        )
    ),
)


class Log:
    """What a bus says is printed, were it to say anything but that its link is up."""

    def info(self, event: str, /, **values: object) -> None:
        if event != "link_up":
            self.warning(event, **values)

    def warning(self, event: str, /, **values: object) -> None:
        print(event, values, file=sys.stderr)


async def polls(meter: Meter, seconds: float, period_s: float, units: int, ports: list[int]) -> None:
    beats = Beats(period_s)

    def emit(reading: Reading) -> None:
        if not reading.trusted or reading.x_ut is None or reading.rssi_dbm is None:
            raise SystemExit(f"a poll failed: {reading}")
        beats.came(reading.device, reading.t)

    def bus(name: str, port: int) -> Bus:
        devices = [
            BusDevice(name=f"{name}-{unit}", unit=unit, sub_unit=None, profile=PROFILE, poll_s=period_s, timeout_s=10.0)
            for unit in range(1, units + 1)
        ]
        return Bus(name, TcpLine(kind="tcp", host="127.0.0.1", port=port), devices, emit, log=Log())

    running = [asyncio.create_task(bus(f"bus-{index}", port).run()) for index, port in enumerate(ports)]
    await asyncio.sleep(2 * period_s)
    beats.forget()
    meter.begin()
    await asyncio.sleep(seconds)
    meter.end(beats.count)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    print(beats.line())


if __name__ == "__main__":
    name, seconds, period, units, *ports = sys.argv[1:]
    say_cost(name, lambda meter: polls(meter, float(seconds), float(period), int(units), [int(port) for port in ports]))
