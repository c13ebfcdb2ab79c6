"""Why there is no connection, as sentences for people: sorted by what a person does next."""

import socket
import ssl

from aiomqtt.exceptions import MqttConnectError

from config.site import Uplink
from config.uplinks import port_of
from gateway.trouble import Trouble

_UNAUTHORISED = {4: "uplink.password", 5: "uplink.not_authorised", 134: "uplink.password", 135: "uplink.not_authorised"}
"""CONNACK return codes of MQTT 3.1.1, and the reason codes of MQTT 5 (paho gives these for both)."""


class UplinkTrouble(Trouble):
    """The uplink goes on trying; this is why it does not stand."""


def trouble_of(error: Exception, settings: Uplink, *, stood: bool) -> UplinkTrouble:
    """`stood` is whether the connection was made before this."""
    place: dict[str, str | int] = {"host": settings.host, "port": port_of(settings)}
    cause: BaseException | None = error
    while cause is not None:
        if (found := _known(cause, place)) is not None:
            return found
        # aiomqtt hides the operating system's error behind its own, as context.
        cause = cause.__cause__ or cause.__context__
    if stood:
        return UplinkTrouble("uplink.lost", **place, why=str(error.__cause__ or error))
    return UplinkTrouble("uplink.no_answer", **place, why=str(error))


def _known(error: BaseException, place: dict[str, str | int]) -> UplinkTrouble | None:  # noqa: PLR0911  # one line a cause
    match error:
        case UplinkTrouble():
            return error
        case MqttConnectError():
            # A number, or paho's object around it.
            code = error.rc if isinstance(error.rc, int) or error.rc is None else error.rc.value
            return UplinkTrouble(_UNAUTHORISED.get(code or 0, "uplink.refused_by_broker"), **place, why=str(error))
        case ssl.SSLCertVerificationError():
            return UplinkTrouble("uplink.certificate", **place, why=error.verify_message)
        case ssl.SSLError():
            return UplinkTrouble("uplink.tls", **place, why=error.reason or str(error))
        case socket.gaierror() | UnicodeError():
            return UplinkTrouble("uplink.host_unknown", **place)
        case ConnectionRefusedError():
            return UplinkTrouble("uplink.refused", **place)
        case TimeoutError():
            return UplinkTrouble("uplink.no_answer", **place, why="timed out")
        case ConnectionError():
            return None
        case OSError():
            return UplinkTrouble("uplink.unreachable", **place, why=error.strerror or str(error))
    return None
