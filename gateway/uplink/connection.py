"""How a connection to the broker is made: aiomqtt's client, its will, its password, its TLS.

A client is made anew for each connection. One that is entered again sends what was unacknowledged by itself; the journal is to be
the only memory. MQTT 3.1.1: every broker of the field speaks it.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiomqtt

from config.site import Tls
from config.site import Uplink as Settings
from config.uplinks import port_of
from gateway.uplink.topics import OFFLINE, Topics
from gateway.uplink.trouble import UplinkTrouble

ANSWER_S = 20.0
"""Longest wait for the broker's answer to a CONNECT, SUBSCRIBE or PUBLISH."""
_INCOMING_MAX = 64
_OWN_MESSAGES = 8

# Its warnings are about how it is used; what matters of them comes as an exception too.
_silent = logging.getLogger("kerbgate.aiomqtt")
_silent.setLevel(logging.CRITICAL)


class Client(aiomqtt.Client):
    """aiomqtt's, except where a connection ends: measured on 2.5.1, and guarded by tests.

    A broker that closes before its CONNACK is noticed at once, instead of after the timeout. A socket is watched for room to
    write in the same turn of the loop, not in a later one, when it may be closed and its number another's. Nothing stays open.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # How it ended is told to whoever was reading. Where nobody was any more, as when a stop comes while it connects, the
        # end may come later still, and asyncio would complain of an error that nobody looked at.
        for end in (self._connected, self._disconnected):
            end.add_done_callback(_looked_at)

    def _on_disconnect(self, client: Any, userdata: Any, flags: Any, reason_code: Any, properties: Any = None) -> None:
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError("closed before CONNACK"))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)
        if self._disconnected.done():
            # At once: this may be the loop's last turn, in which no callback runs any more.
            _looked_at(self._disconnected)

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # paho's connect runs in a thread.
            super()._on_socket_register_write(client, userdata, sock)
            return

        def write() -> None:
            try:
                client.loop_write()
            except Exception as error:  # whatever it is, the connection is over
                if not self._disconnected.done():
                    self._disconnected.set_exception(error)

        self._loop.add_writer(sock.fileno(), write)

    def abandon(self) -> None:
        """Close what aiomqtt leaves open: the socket of a connection that was not made to the end, or not ended in order."""
        with suppress(OSError):
            self._client._sock_close()  # noqa: SLF001  # there is no public way


def _looked_at(end: asyncio.Future[None]) -> None:
    if not end.cancelled():
        end.exception()


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


@asynccontextmanager
async def connection(settings: Settings, gateway: str) -> AsyncIterator[Client]:
    """Stands while the body runs. Raises UplinkTrouble, MqttError, OSError."""
    topics = Topics(gateway)
    client = Client(
        settings.host,
        port_of(settings),
        username=settings.username,
        password=_password(settings),
        identifier=gateway,
        clean_session=True,
        will=aiomqtt.Will(topics.state, OFFLINE, qos=1, retain=True),
        keepalive=settings.keepalive_s,
        timeout=ANSWER_S,
        tls_context=None if settings.tls is None else _tls_context(settings.tls),
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
    try:
        yield client
    finally:
        # The connection is over: what is wrong with its end is nobody's concern.
        with suppress(aiomqtt.MqttError):
            await client.__aexit__(None, None, None)
        client.abandon()


def _password(settings: Settings) -> str | None:
    """Read at each connection: a new password needs no restart."""
    if settings.password_file is None:
        return None
    try:
        return settings.password_file.read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeError) as error:
        raise UplinkTrouble("uplink.password_file", path=str(settings.password_file), why=_why(error)) from error


def _tls_context(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        context.sslsocket_class = _Socket
        if tls.certificate_file is not None:
            context.load_cert_chain(tls.certificate_file, tls.key_file)
    except (OSError, ValueError) as error:
        raise UplinkTrouble("uplink.tls_files", why=_why(error)) from error
    return context


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
