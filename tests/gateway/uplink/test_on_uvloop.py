"""The same uplink on the other event loop, which `kerbgate run` uses where it is installed."""

import asyncio
from pathlib import Path

import uvloop

from tests.brokers import make_certificates, mosquitto
from tests.faults.byte_cut import ByteCut, Direction
from tests.faults.counted import Hasty
from tests.gateway.uplink.uplinks import roadside, towards, until


def test_it_forwards_over_tls_and_comes_back_after_a_kill(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path / "certificates")

    async def run() -> None:
        with mosquitto(tmp_path / "broker", tls=certificates) as broker:
            async with roadside(tmp_path, towards(broker, tls={"ca_file": certificates.ca}), generator=Hasty()) as street:
                for _ in range(3):
                    await street.commit(100)
                    broker.kill()
                    broker.start()
                    await street.drained()

    uvloop.run(run())


def test_a_connection_lost_in_any_of_its_moments_is_made_again(tmp_path: Path) -> None:
    """Here its end cancelled the uplink itself, in one of some ten: a task group had left a cancellation counted."""

    async def run() -> None:
        with mosquitto(tmp_path / "broker") as broker:
            async with ByteCut(broker.host, broker.port) as way, roadside(tmp_path, towards(way), generator=Hasty()) as street:
                for moment in range(40):
                    await street.commit(20)
                    await asyncio.sleep(moment / 4000)
                    await way.drop()
                    await street.drained(4.0)

    uvloop.run(run())


def test_a_connection_that_is_cut_anywhere_is_noticed_and_made_again(tmp_path: Path) -> None:
    async def run() -> None:
        with mosquitto(tmp_path / "broker") as broker:
            async with ByteCut(broker.host, broker.port) as way, roadside(tmp_path, towards(way), generator=Hasty()) as street:
                for offset in (1, 40, 90, 130, 200, 300, 400):
                    way.limits[Direction.UP] = offset
                    await way.drop()
                    before = way.cuts
                    await street.commit(3)
                    await until(lambda before=before: way.cuts > before)  # type: ignore[misc]
                way.limits[Direction.UP] = None
                await way.drop()
                await street.drained()

    uvloop.run(run())
