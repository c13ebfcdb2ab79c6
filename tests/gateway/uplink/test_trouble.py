"""Why there is no connection: one clear sentence each, told once for each change, and the uplink goes on trying."""

import asyncio
import gc
from pathlib import Path

import pytest

from config.site import Language
from config.site import Uplink as Settings
from gateway.uplink.client import UplinkTrouble
from gateway.uplink.session import Client
from tests.brokers import Certificates, free_port, make_certificates, mosquitto
from tests.gateway.uplink.uplinks import Roadside, roadside, towards, until


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def _spoken(street: Roadside) -> None:
    trouble = street.uplink.status().last_trouble
    assert isinstance(trouble, UplinkTrouble)
    for language in Language:
        assert "{" not in trouble.text(language)
        assert trouble.advice(language)


async def test_a_wrong_password_is_told_once_and_a_corrected_file_is_used_at_the_next_try(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("wrong\n")
    with mosquitto(tmp_path / "broker", password=("roadside", "s3cret")) as broker:
        async with roadside(tmp_path, towards(broker, username="roadside", password_file=secret)) as street:
            await street.troubled("uplink.not_authorised")
            _spoken(street)
            await asyncio.sleep(1.5)
            assert len(street.log.warnings()) == 1
            assert "wrong" not in str(street.log.lines)
            secret.write_text("s3cret\n")
            await street.commit(3)
            await street.drained()
            assert street.uplink.status().connected


async def test_a_missing_password_file(tmp_path: Path) -> None:
    settings = Settings(host="127.0.0.1", port=free_port(), username="u", password_file=tmp_path / "nowhere", reconnect_max_s=1)
    async with roadside(tmp_path, settings) as street:
        assert (await street.troubled("uplink.password_file"))["path"] == str(tmp_path / "nowhere")
        _spoken(street)


async def test_a_port_where_nothing_listens(tmp_path: Path) -> None:
    port = free_port()
    async with roadside(tmp_path, Settings(host="127.0.0.1", port=port, reconnect_max_s=1)) as street:
        assert (await street.troubled("uplink.refused"))["port"] == port
        _spoken(street)
        assert not street.uplink.status().connected
        await street.commit(1)
        assert street.uplink.status().acknowledged == 0


async def test_a_host_that_does_not_exist(tmp_path: Path) -> None:
    async with roadside(tmp_path, Settings(host="broker.invalid", reconnect_max_s=1)) as street:
        assert (await street.troubled("uplink.host_unknown"))["host"] == "broker.invalid"
        _spoken(street)


async def test_a_name_that_cannot_be_one(tmp_path: Path) -> None:
    async with roadside(tmp_path, Settings(host="a" * 70 + ".例", reconnect_max_s=1)) as street:
        await street.troubled("uplink.host_unknown")


async def test_tls_to_a_server_of_a_trusted_authority(tmp_path: Path, certificates: Certificates) -> None:
    with mosquitto(tmp_path / "broker", tls=certificates) as broker:
        async with roadside(tmp_path, towards(broker, tls={"ca_file": certificates.ca})) as street:
            await street.commit(20)
            await street.drained()
            assert street.log.warnings() == []


@pytest.mark.parametrize("authority", ["other", "system"])
async def test_tls_to_a_server_of_another_authority_is_refused(tmp_path: Path, certificates: Certificates, authority: str) -> None:
    with mosquitto(tmp_path / "broker", tls=certificates) as broker:
        trusted = {"ca_file": certificates.other_ca} if authority == "other" else {}
        async with roadside(tmp_path, towards(broker, tls=trusted)) as street:
            await street.troubled("uplink.certificate")
            _spoken(street)
            await street.commit(1)
            await asyncio.sleep(1.2)
            assert not street.uplink.status().connected
            assert len(street.log.warnings()) == 1


async def test_tls_to_a_name_that_is_not_in_the_certificate_is_refused(tmp_path: Path, certificates: Certificates) -> None:
    with mosquitto(tmp_path / "broker", tls=certificates, host="127.0.0.2") as broker:
        async with roadside(tmp_path, towards(broker, tls={"ca_file": certificates.ca})) as street:
            assert "127.0.0.2" in str((await street.troubled("uplink.certificate"))["why"])


async def test_tls_to_a_port_that_does_not_speak_it(tmp_path: Path, certificates: Certificates) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker, tls={"ca_file": certificates.ca})) as street:
            await until(lambda: street.uplink.status().last_trouble is not None)
            trouble = street.uplink.status().last_trouble
            assert trouble is not None
            assert trouble.sentence in ("uplink.tls", "uplink.no_answer")
            _spoken(street)


async def test_no_tls_to_a_port_that_asks_for_it_is_noticed_at_once(tmp_path: Path, certificates: Certificates) -> None:
    with mosquitto(tmp_path / "broker", tls=certificates) as broker:
        async with roadside(tmp_path, towards(broker)) as street:
            await street.troubled("uplink.no_answer", timeout_s=5)
            _spoken(street)


async def test_a_missing_authority_file(tmp_path: Path) -> None:
    settings = Settings.model_validate({"host": "127.0.0.1", "port": free_port(), "tls": {"ca_file": tmp_path / "nowhere"}})
    async with roadside(tmp_path, settings) as street:
        await street.troubled("uplink.tls_files")
        _spoken(street)


async def test_a_server_that_hangs_up_before_it_answers_is_noticed_at_once(tmp_path: Path) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, roadside(tmp_path, Settings(host="127.0.0.1", port=port, reconnect_max_s=1)) as street:
        await street.troubled("uplink.no_answer", timeout_s=5)
        _spoken(street)


async def test_it_is_cancelled_while_it_waits_for_an_answer(tmp_path: Path) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        async with roadside(tmp_path, Settings(host="127.0.0.1", port=port)) as street:
            await until(lambda: street.uplink.waiting)
            await asyncio.sleep(0.1)
            assert street.uplink.waiting
        assert not street.uplink.waiting


async def test_a_reconnect_is_told_and_so_is_the_next_loss(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker:
        async with roadside(tmp_path, towards(broker)) as street:
            await until(lambda: street.uplink.status().connected)
            broker.kill()
            await street.troubled("uplink.refused")
            broker.start()
            await until(lambda: street.uplink.status().connected)
            broker.kill()
            await until(lambda: street.log.warnings() == ["uplink.lost", "uplink.refused", "uplink.lost", "uplink.refused"])
            assert [event for level, event, _ in street.log.lines if level == "info"] == ["the uplink stands"] * 2


async def test_an_end_that_comes_when_nobody_reads_any_more_is_no_complaint(caplog: pytest.LogCaptureFixture) -> None:
    client = Client("127.0.0.1", 1)
    client._connected.set_result(None)
    client._on_disconnect(client._client, None, None, 7)
    del client
    gc.collect()
    await asyncio.sleep(0)
    assert "never retrieved" not in caplog.text
