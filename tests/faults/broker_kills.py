"""A broker killed by SIGKILL again and again while events are made: lost, out of order and double are counted at a consumer.

    python -m tests.faults.broker_kills [--broker mosquitto|nats|rabbitmq] [--kills 200] [--seed 1]

mosquitto keeps nothing here, not even what it acknowledged. NATS and RabbitMQ keep that, and speak MQTT 3.1.1 only. The
consumer is the reference (docs/consumer/), on a connection of its own; the uplink works with `ack: platform`.
"""

import argparse
import asyncio
import random
import tempfile
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.brokers import mosquitto
from tests.faults.counted import Hasty, Verdict, consuming, judged
from tests.gateway.uplink.uplinks import roadside, towards, until
from tests.other_brokers import nats, rabbitmq

WINDOW, BATCH = 8, 8
_SLOWEST_S = 120.0


class Killable(Protocol):
    host: str
    port: int

    def start(self) -> None: ...

    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Killed:
    kills: int
    most_again: int
    """Events that came again because of one kill, at the most."""
    sent_again: int
    """By us, of all kills; what came again beyond that was redelivered by the broker."""
    most_sent_again: int
    verdict: Verdict
    version: str | None
    lasted_s: float

    def __str__(self) -> str:
        return (
            f"MQTT {self.version}, {self.kills} kills in {self.lasted_s:.0f} s; {self.verdict}, at most {self.most_again} after one kill; "
            f"{self.sent_again} were sent again by the gateway, at most {self.most_sent_again} after one kill"
        )


def started(name: str, folder: Path) -> AbstractContextManager[Killable]:
    match name:
        case "nats":
            return nats(folder)
        case "rabbitmq":
            return rabbitmq(folder)
    return mosquitto(folder)


async def killed(folder: Path, name: str, kills: int, seed: int = 1) -> Killed:
    generator = random.Random(seed)
    began = time.perf_counter()
    with started(name, folder / "broker") as broker:
        settings = {"ack": "platform", "ack_timeout_s": 5, "window": WINDOW, "batch": BATCH, "rate_per_s": 0}
        # NATS forgets the newest messages of a session, and not that it has delivered them: docs/reliability.md.
        async with consuming(folder, broker.host, broker.port, clean=name == "nats") as consumer:  # noqa: SIM117  # one line each reads better
            async with roadside(folder, towards(broker, **settings), generator=Hasty()) as street:
                most = most_sent = 0
                for _ in range(kills):
                    await until(lambda: street.uplink.status().connected, _SLOWEST_S)
                    for _ in range(generator.randrange(1, 6)):
                        await street.commit(generator.randrange(1, 20))
                        await asyncio.sleep(generator.uniform(0, 0.004))
                    again, sent_again = consumer.again, street.uplink.status().sent_again
                    broker.kill()
                    await street.commit(3)
                    broker.start()
                    await street.drained(_SLOWEST_S)
                    most = max(most, consumer.again - again)
                    most_sent = max(most_sent, street.uplink.status().sent_again - sent_again)
                status = street.uplink.status()
                verdict = await judged(consumer, street.journal)
    return Killed(kills, most, status.sent_again, most_sent, verdict, status.version, time.perf_counter() - began)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broker", choices=("mosquitto", "nats", "rabbitmq"), default="mosquitto")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        outcome = asyncio.run(killed(Path(place), arguments.broker, arguments.kills, arguments.seed))
    print(outcome)
    raise SystemExit(0 if outcome.verdict.good and outcome.most_again <= (WINDOW + 1) * BATCH else 1)
