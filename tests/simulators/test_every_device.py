"""Every packaged profile against its simulated device, over the drivers: what the street is, is what is read."""

import asyncio
from pathlib import Path
from random import Random

from config.catalogue import gather
from config.loader import load_profile, load_site
from drivers.bus import Bus, devices_of
from drivers.reading import Reading
from simulators.scenario import load_scenario
from simulators.stand import Stand
from tests.config.sites import written
from tests.drivers.things import Log
from tests.virtual_time import VirtualLoop, run_virtual

SECONDS = 30.0


def test_every_device_of_the_scenario_is_read_and_trusted(tmp_path: Path) -> None:
    readings: list[Reading] = []
    models: set[str] = set()

    async def polled(_loop: VirtualLoop) -> set[str]:
        async with Stand(load_scenario("every-device"), tmp_path, ptys_as_tcp=True) as stand:
            site = load_site(written(tmp_path, stand.site_yaml(gateway="g-1", journal_path=tmp_path / "j.db")))
            buses = [
                Bus(bus.name, bus.line, devices_of(bus.name, site.site, site.profiles), readings.append, log=Log(), random=Random(1))
                for bus in site.site.buses
            ]
            tasks = [asyncio.create_task(bus.run()) for bus in buses]
            await asyncio.sleep(SECONDS)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            models.update(device.profile for device in site.site.devices)
            return {device.name for device in site.site.devices}

    names = run_virtual(polled)
    assert models == set(gather((), load_profile).profiles.names), "every packaged profile has a device in the scenario"
    trusted = {name: [each for each in readings if each.device == name and each.trusted] for name in names}
    assert {name: len(each) for name, each in trusted.items() if len(each) < SECONDS / 4} == {}
    assert [each for each in readings if not each.trusted] == []
    kinds = {name.rsplit("-", 1)[0] for name in names}
    assert kinds == {"geo", "node", "pile", "loop", "sonar", "stud", "reader", "field"}
    told = {name.rsplit("-", 1)[0]: each[-1] for name, each in sorted(trusted.items())}
    assert told["loop"].occupied is not None
    assert told["loop"].count is not None
    assert told["sonar"].distance_mm is not None
    assert told["stud"].occupied is not None
    assert told["reader"].sightings is not None
    assert None not in (told["field"].x_ut, told["field"].y_ut, told["field"].z_ut)
