"""Why a link is down, as far as the system tells: a sentence each, for the next step differs."""

import errno

from drivers.errors import LinkDown


class PortMissing(LinkDown):
    sentence = "drivers.port_missing"


class PortDenied(LinkDown):
    sentence = "drivers.port_denied"


class PortBusy(LinkDown):
    sentence = "drivers.port_busy"


class PortVanished(LinkDown):
    sentence = "drivers.port_vanished"


class PortChanged(LinkDown):
    sentence = "drivers.port_changed"


class NotAPort(LinkDown):
    sentence = "drivers.not_a_port"


class PortSettings(LinkDown):
    sentence = "drivers.port_settings"


class NoDirectionControl(LinkDown):
    sentence = "drivers.no_direction_control"


class HostUnknown(LinkDown):
    sentence = "drivers.host_unknown"


class Refused(LinkDown):
    sentence = "drivers.refused"


class Unreachable(LinkDown):
    sentence = "drivers.unreachable"


class ConnectTimeout(LinkDown):
    sentence = "drivers.connect_timeout"


class ClosedByPeer(LinkDown):
    sentence = "drivers.closed_by_peer"


class ConnectionLost(LinkDown):
    sentence = "drivers.connection_lost"


class Stalled(LinkDown):
    sentence = "drivers.stalled"


class NotOpen(LinkDown):
    sentence = "drivers.not_open"


class BusStopped(LinkDown):
    sentence = "drivers.bus_stopped"


_OF_PORTS: dict[int, type[LinkDown]] = {
    errno.ENOENT: PortMissing,
    errno.EACCES: PortDenied,
    errno.EPERM: PortDenied,
    errno.EBUSY: PortBusy,
    errno.EAGAIN: PortBusy,
    errno.ENOTTY: NotAPort,
    errno.EISDIR: NotAPort,
    errno.EINVAL: PortSettings,
}
_OF_HOSTS: dict[int, type[LinkDown]] = {
    errno.ECONNREFUSED: Refused,
    errno.EHOSTUNREACH: Unreachable,
    errno.ENETUNREACH: Unreachable,
    errno.EHOSTDOWN: Unreachable,
    errno.ETIMEDOUT: ConnectTimeout,
}


def port_fault(port: str, number: int | None) -> LinkDown:
    """What an errno of a serial port means; whatever is not known is a port that went away."""
    return _OF_PORTS.get(number or 0, PortVanished)(port=port, reason=_reason(number))


def host_fault(host: str, port: int, number: int | None) -> LinkDown:
    """What an errno of a connection attempt means."""
    return _OF_HOSTS.get(number or 0, Unreachable)(host=host, port=port, reason=_reason(number))


def _reason(number: int | None) -> str:
    return errno.errorcode.get(number or 0, "-")
