"""A DX80 node that has lost its power has forgotten its configuration: it gets it again, over the line, without anybody's doing."""

import asyncio
from pathlib import Path
from random import Random

from config.loader import load_site
from drivers.bus import Bus, devices_of
from drivers.reading import Reading
from simulators.scenario import Scenario
from simulators.stand import Stand
from tests.config.sites import written
from tests.drivers.things import Log
from tests.simulators.requests import mbap
from tests.virtual_time import VirtualLoop, run_virtual

CONFIGURATION = 0x0B4D
NODE = {"name": "radio", "kind": "tcp", "carries": [{"model": "banner-dx80-mgage", "unit": 1, "bays": 1}]}
AT = 16 + 12
"""I/O 13 of node 1."""


def scenario(device: str) -> Scenario:
    still = {"first_move_s": 3000.0, "drive_overs_per_h": 0, "buses_per_h": 0}
    faults = [{"kind": "power_loss", "device": device, "from_s": 20.0, "to_s": 40.0}]
    given = {"title": {"en": "a", "zh": "b"}, "seed": 4, "cars": still, "lines": [NODE], "faults": faults}
    return Scenario.model_validate(given)


async def register(where: str) -> int:
    """As somebody else on the network reads it."""
    host, _, port = where.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(mbap(7, 1, 3, AT, 1))
    answer = await reader.readexactly(11)
    writer.close()
    return int.from_bytes(answer[-2:], "big")


def test_the_configuration_is_there_again_after_the_node_had_no_power(tmp_path: Path) -> None:
    readings: list[Reading] = []
    log = Log()

    async def polled(_loop: VirtualLoop) -> list[int]:
        async with Stand(scenario("node-01"), tmp_path) as stand:
            text = stand.site_yaml(gateway="g-1", journal_path=tmp_path / "j.db")
            wanted = text.replace("sub_unit: 1", f"sub_unit: 1, settings: {{configuration: {CONFIGURATION}}}")
            assert wanted != text, text
            site = load_site(written(tmp_path, wanted))
            (line,) = site.site.buses
            bus = Bus(line.name, line.line, devices_of(line.name, site.site, site.profiles), readings.append, log=log, random=Random(1))
            task = asyncio.create_task(bus.run())
            seen = [await register(stand.lines[0].where)]
            for moment in (10.0, 30.0, 60.0):
                await asyncio.sleep(moment - stand.street_time())
                seen.append(await register(stand.lines[0].where))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return seen

    assert run_virtual(polled) == [0, CONFIGURATION, 0, CONFIGURATION]
    assert log.events.count("setting_written") == 2
    assert {reading.cause for reading in readings if reading.silent} == {"radio_timeout"}
