"""The connection to a real mosquitto cut after every single byte of what goes up, and of what comes down.

    python -m tests.faults.cut_bytes [--every N]

One connection is cut after its first byte, the next after its second, and so on, until a whole exchange has passed: CONNECT, SUBSCRIBE,
the state, and events; CONNACK, SUBACK, an acknowledgement of the platform, and PUBACKs. With MQTT 5 and with 3.1.1.
"""

import argparse
import asyncio
import tempfile
from dataclasses import dataclass
from math import inf
from pathlib import Path

from config.site import Uplink as Settings
from gateway.uplink.versions import Version
from tests.brokers import mosquitto
from tests.faults.byte_cut import ByteCut, Direction
from tests.faults.counted import Hasty, Verdict, consuming, judged
from tests.gateway.uplink.uplinks import roadside, until

WINDOW, BATCH = 4, 4


@dataclass(frozen=True, slots=True)
class Swept:
    version: Version
    direction: Direction
    cuts: int
    most_again: int
    """Events that came again because of one cut, at the most."""
    verdict: Verdict

    def __str__(self) -> str:
        name = "5.0" if self.version is Version.V5 else "3.1.1"
        return f"MQTT {name:5} {self.direction:4} {self.cuts:5} cuts; {self.verdict}, at most {self.most_again} after one cut"


async def sweep(folder: Path, version: Version, direction: Direction, every: int) -> Swept:
    """Cuts at every so-manieth byte."""
    with mosquitto(folder / "broker") as broker:
        async with ByteCut(broker.host, broker.port) as way, consuming(folder, broker.host, broker.port) as consumer:
            settings = Settings.model_validate(
                {"host": way.host, "port": way.port, "ack": "platform", "rate_per_s": 0, "window": WINDOW, "batch": BATCH}
            )
            async with roadside(folder, settings, running=False, generator=Hasty()) as street:
                street.rest.present.clear()
                if version is Version.V311:
                    street.uplink._known.versions._old_until = inf
                task = asyncio.create_task(street.uplink.run())
                await street.commit(3)
                await street.drained()
                most, offset, cuts = 0, 1, 0
                while True:
                    way.limits[direction] = offset
                    await way.drop()
                    before, again = way.cuts, consumer.again
                    # Never more than a message or two: what one connection says has an end, and the sweep reaches it.
                    if street.uplink.status().acknowledged == street.journal.last_sequence:
                        await street.commit(BATCH)
                    released = street.journal.last_sequence
                    await until(lambda b=before, r=released: way.cuts > b or street.uplink.status().acknowledged >= r)  # type: ignore[misc]
                    most = max(most, consumer.again - again)
                    if way.cuts == before:
                        break
                    cuts += 1
                    offset += every
                way.limits[direction] = None
                await way.drop()
                await street.commit(1)
                await street.drained()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                return Swept(version, direction, cuts, most, await judged(consumer, street.journal))


async def _all(every: int) -> bool:
    good = True
    for version in reversed(Version):
        for direction in Direction:
            with tempfile.TemporaryDirectory() as folder:
                swept = await sweep(Path(folder), version, direction, every)
                print(swept, flush=True)
                good = good and swept.verdict.good and swept.most_again <= (WINDOW + 1) * BATCH
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="only at every so-manieth byte")
    raise SystemExit(0 if asyncio.run(_all(parser.parse_args().every)) else 1)
