"""Our ends of the wires: serial ports and TCP connections, as plain bytes."""

from config.site import Line, SerialLine
from drivers.links.link import Link
from drivers.links.serial import SerialLink
from drivers.links.tcp import TcpLink

__all__ = ["Link", "open_link"]


def open_link(line: Line) -> Link:
    """The link for a line, yet to be opened by its bus."""
    return SerialLink(line) if isinstance(line, SerialLine) else TcpLink(line.host, line.port)
