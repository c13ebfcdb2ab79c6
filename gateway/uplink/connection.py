"""How a connection to the broker is made: which certificate, which version of MQTT, the will, the password, TLS.

One attempt may be several connections, one after the other: the next certificate and then the present one, MQTT 5 and then 3.1.1.
"""

import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from config.site import Tls
from config.site import Uplink as Settings
from config.uplinks import port_of
from gateway.uplink.batches import BYTES_MAX
from gateway.uplink.certificates import files_of, print_of_next
from gateway.uplink.session import Client, ClosedEarly
from gateway.uplink.slots import Slot, Slots
from gateway.uplink.topics import OFFLINE, Topics
from gateway.uplink.trouble import UplinkTrouble
from gateway.uplink.versions import Version, Versions

ANSWER_S = 20.0
"""Longest wait for the broker's answer to a CONNECT, SUBSCRIBE or PUBLISH."""
_INCOMING_MAX = 64
_INCOMING_IN_FLIGHT = 8
_OWN_MESSAGES = 8
_BAD_VERSION = (0x01, 0x84)
_NO_RETAIN = 0x9A

# Its warnings are about how it is used; what matters of them comes as an exception too.
_silent = logging.getLogger("kerbgate.aiomqtt")
_silent.setLevel(logging.CRITICAL)


class _Socket(ssl.SSLSocket):
    """paho leaves a socket open whose handshake fails: one more at each try."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except BaseException:
            self.close()
            raise


@dataclass(slots=True)
class Known:
    """What earlier connections to this broker have shown."""

    versions: Versions = field(default_factory=Versions)
    slots: Slots = field(default_factory=Slots)
    retain: bool = True
    slot: Slot = Slot.PRESENT
    """Whose certificate the present connection shows."""
    version: Version = Version.V5


@asynccontextmanager
async def connection(settings: Settings, gateway: str, known: Known, now: float) -> AsyncIterator[Client]:
    """Stands while the body runs. Raises UplinkTrouble, MqttError, OSError."""
    client = await _made(settings, gateway, known, now)
    try:
        yield client
    finally:
        # The connection is over: what is wrong with its end is nobody's concern.
        with suppress(aiomqtt.MqttError):
            await client.__aexit__(None, None, None)
        client.abandon()


async def _made(settings: Settings, gateway: str, known: Known, now: float) -> Client:
    next_print = None if settings.tls is None else print_of_next(settings.tls)
    slots = known.slots.order(next_print, now)
    for slot in slots:
        try:
            client = await _with_any_version(settings, gateway, known, slot, now)
        except (aiomqtt.MqttError, OSError, UplinkTrouble) as error:
            if slot is slots[-1] or next_print is None or not _may_be_the_certificate(error):
                raise
            known.slots.failed(next_print)
        else:
            known.slot = slot
            return client
    raise AssertionError("the last one returns or raises")


async def _with_any_version(settings: Settings, gateway: str, known: Known, slot: Slot, now: float) -> Client:
    versions = known.versions.order(now)
    for version in versions:
        try:
            client = await _with_will(settings, gateway, known, slot, version)
        except (ClosedEarly, MqttConnectError) as error:
            by_word = isinstance(error, MqttConnectError) and code_of(error) in _BAD_VERSION
            # Who closes on 3.1.1 too does not close for its version.
            if version is versions[-1] or not (by_word or (version is Version.V5 and isinstance(error, ClosedEarly))):
                raise
            if version is Version.V5:
                known.versions.refused(by_word=by_word)
        except aiomqtt.MqttError as error:
            if _timed_out(error):
                known.versions.silent(version)
            raise
        else:
            known.version = version
            return client
    raise AssertionError("the last one returns or raises")


def _timed_out(error: aiomqtt.MqttError) -> bool:
    """The connection stands, and the CONNACK did not come; not: there is no way to the host."""
    waited = error.__context__
    return isinstance(waited, TimeoutError) and waited.errno is None


async def _with_will(settings: Settings, gateway: str, known: Known, slot: Slot, version: Version) -> Client:
    try:
        return await _entered(settings, gateway, slot, version, retain=known.retain)
    except MqttConnectError as error:
        if code_of(error) != _NO_RETAIN or not known.retain:
            raise
    known.retain = False
    return await _entered(settings, gateway, slot, version, retain=False)


async def _entered(settings: Settings, gateway: str, slot: Slot, version: Version, *, retain: bool) -> Client:
    client = Client(
        settings.host,
        port_of(settings),
        username=settings.username,
        password=_password(settings),
        identifier=gateway,
        protocol=aiomqtt.ProtocolVersion(version),
        clean_session=None if version is Version.V5 else True,
        properties=_connect_properties() if version is Version.V5 else None,
        will=aiomqtt.Will(Topics(gateway).state, OFFLINE, qos=1, retain=retain),
        keepalive=settings.keepalive_s,
        timeout=ANSWER_S,
        tls_context=None if settings.tls is None else _tls_context(settings.tls, slot),
        max_inflight_messages=settings.window + _OWN_MESSAGES,
        max_queued_incoming_messages=_INCOMING_MAX,
        logger=_silent,
        # Small messages that wait for answers: Nagle's algorithm would hold each back for a delayed ACK of 40 ms.
        socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
    )
    client.pending_calls_threshold = settings.window + _OWN_MESSAGES
    try:
        await client.__aenter__()
    except BaseException:
        client.abandon()
        raise
    return client


def _connect_properties() -> Properties:
    """What is sent to us is small and rare: a broker that is out of its mind, or in bad hands, must not fill our memory."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = BYTES_MAX
    properties.ReceiveMaximum = _INCOMING_IN_FLIGHT
    properties.TopicAliasMaximum = 0
    return properties


def code_of(error: MqttConnectError) -> int | None:
    """Of the CONNACK: a number, or paho's object around it."""
    return error.rc if isinstance(error.rc, int) or error.rc is None else error.rc.value


def _may_be_the_certificate(error: Exception) -> bool:
    """Whoever refuses a certificate does so by an alert, by a CONNACK, or by closing; a network that is down says other things."""
    cause: BaseException | None = error
    while cause is not None:
        # The broker's certificate, not ours.
        if isinstance(cause, ssl.SSLCertVerificationError | socket.gaierror | ConnectionRefusedError | TimeoutError):
            return False
        if isinstance(cause, ssl.SSLError | MqttConnectError | ClosedEarly | ConnectionError):
            return True
        if isinstance(cause, UplinkTrouble):
            return cause.sentence == "uplink.tls_files"
        cause = cause.__cause__ or cause.__context__
    return False


def _password(settings: Settings) -> str | None:
    """Read at each connection: a new password needs no restart."""
    if settings.password_file is None:
        return None
    try:
        return settings.password_file.read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeError) as error:
        raise UplinkTrouble("uplink.password_file", path=str(settings.password_file), why=_why(error)) from error


def _tls_context(tls: Tls, slot: Slot) -> ssl.SSLContext:
    """Read at each connection, like the password."""
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = _Socket
        pair = files_of(tls, slot)
        if pair is not None:
            context.load_cert_chain(*pair)
    except (OSError, ValueError) as error:
        raise UplinkTrouble("uplink.tls_files", why=_why(error)) from error
    return context


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
