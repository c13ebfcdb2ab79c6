"""Certificates of ours: shown, followed by the next one without a restart, and told of before they run out."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.site import Uplink as Settings
from gateway.clock import SystemClock
from gateway.uplink.certificates import days_left, good_until, print_of_next
from gateway.uplink.expiry import Expiry
from gateway.uplink.slots import Slot
from tests.brokers import Certificates, Mosquitto, make_certificates, mosquitto
from tests.gateway.uplink.uplinks import Lines, roadside, towards, until
from tests.programs import program


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("authority"))


def issue(authority: Certificates, folder: Path, name: str, *, days: int = 90, by: str = "ca") -> tuple[Path, Path]:
    """A certificate for a gateway, and its key."""
    certificate, key, request = (folder / f"{name}.{ending}" for ending in ("pem", "key", "csr"))
    signer = authority.ca.with_name(f"{by}.pem"), authority.ca.with_name(f"{by}.key")
    for words in (
        ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=g-1"),
        ("x509", "-req", "-in", request, "-CA", signer[0], "-CAkey", signer[1], "-CAcreateserial", "-days", str(days), "-out", certificate),
    ):
        subprocess.run([program("openssl"), *words], check=True, capture_output=True)
    return certificate, key


@contextmanager
def asking(folder: Path, authority: Certificates) -> Iterator[Mosquitto]:
    """A broker that lets nobody in without a certificate of its authority."""
    with mosquitto(folder / "broker", tls=authority, more=["require_certificate true", f"cafile {authority.ca}"]) as broker:
        yield broker


def _towards(broker: Mosquitto, authority: Certificates, present: tuple[Path, Path], following: tuple[Path, Path]) -> Settings:
    files = {"certificate_file": present[0], "key_file": present[1], "next_certificate_file": following[0], "next_key_file": following[1]}
    return towards(broker, tls={"ca_file": authority.ca} | files)


async def test_the_next_certificate_is_used_once_it_is_there_and_the_present_one_until_then(
    tmp_path: Path, authority: Certificates
) -> None:
    present, following = issue(authority, tmp_path, "present"), (tmp_path / "next.pem", tmp_path / "next.key")
    with asking(tmp_path, authority) as broker:
        async with roadside(tmp_path, _towards(broker, authority, present, following)) as street:
            await street.commit(3)
            await street.drained()
            assert street.uplink._known.slot is Slot.PRESENT
            issue(authority, tmp_path, "next")
            broker.kill()
            broker.start()
            await until(lambda: street.uplink._known.slot is Slot.NEXT)
            await street.commit(3)
            await street.drained()
            # The old one may go now.
            present[0].unlink()
            broker.kill()
            broker.start()
            await street.commit(3)
            await street.drained()


async def test_a_next_certificate_that_is_refused_does_not_cost_the_connection(tmp_path: Path, authority: Certificates) -> None:
    present, following = issue(authority, tmp_path, "present"), issue(authority, tmp_path, "next", by="other")
    with asking(tmp_path, authority) as broker:
        async with roadside(tmp_path, _towards(broker, authority, present, following)) as street:
            await street.commit(3)
            await street.drained()
            assert street.uplink._known.slot is Slot.PRESENT
            refused = "the broker refuses the next certificate; the present one is used"
            assert [event for level, event, _ in street.log.lines if level == "warning"] == [refused]
            broker.kill()
            broker.start()
            await street.commit(3)
            await street.drained()
            assert len([event for _, event, _ in street.log.lines if event == refused]) == 1, "it is not asked for again at once"


async def test_half_a_pair_of_next_files_is_none(tmp_path: Path, authority: Certificates) -> None:
    present, following = issue(authority, tmp_path, "present"), issue(authority, tmp_path, "next")
    following[1].unlink()
    with asking(tmp_path, authority) as broker:
        settings = _towards(broker, authority, present, following)
        assert settings.tls is not None
        assert print_of_next(settings.tls) is None
        async with roadside(tmp_path, settings) as street:
            await street.commit(1)
            await street.drained()
            assert street.log.warnings() == []


async def test_a_certificate_that_runs_out_within_thirty_days_is_told(tmp_path: Path, authority: Certificates) -> None:
    for days, told in ((29, ["uplink.certificate_expires"]), (60, [])):
        certificate, key = issue(authority, tmp_path, f"c{days}", days=days)
        settings = Settings.model_validate({"host": "h", "tls": {"certificate_file": certificate, "key_file": key}})
        log = Lines()
        expiry = Expiry(settings, SystemClock(), log)
        watching = asyncio.create_task(expiry.watch(lambda: Slot.PRESENT))
        await asyncio.sleep(0)
        assert expiry.days() in (days - 1, days)
        assert log.warnings() == told
        expiry.look(Slot.PRESENT)
        assert log.warnings() == told, "once a day is enough"
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def test_an_expired_certificate_has_days_below_zero(tmp_path: Path, authority: Certificates) -> None:
    until_s = good_until(issue(authority, tmp_path, "short", days=1)[0])
    assert days_left(until_s, until_s - 3600) == 0
    assert days_left(until_s, until_s + 3600) == -1
