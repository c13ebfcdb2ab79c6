"""Which adapter a port is, whatever number the kernel gave it today: by the names that udev keeps for it.

    /dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0 ──▶ ../../ttyUSB0     the adapter, in whichever socket
    /dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0 ──▶ ../../ttyUSB0    the socket, whichever adapter is in it

Cheap adapters of one model have no serial number, hence one by-id name for all, which leads to one of them: then the socket
tells them apart. Asking the wrong pair would credit one bay's field to another, so that a doubt is an error, not a guess.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drivers.links.faults import PortChanged

STABLE_NAMES = Path("/dev/serial")


@dataclass(frozen=True, slots=True)
class Names:
    """The stable names that are there now, each with the device that it leads to."""

    by_id: Mapping[str, str]
    by_path: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Identity:
    """The stable names of one port; none where nobody gave it any."""

    by_id: frozenset[str]
    by_path: frozenset[str]

    @property
    def known(self) -> bool:
        return bool(self.by_id or self.by_path)

    def __str__(self) -> str:
        return min(self.by_id or self.by_path, default="-")


def identity_of(device: str, names: Names) -> Identity:
    return Identity(by_id=_leading_to(device, names.by_id), by_path=_leading_to(device, names.by_path))


def device_of(identity: Identity, names: Names) -> str | None:
    """Where that port is now; None where it is not there, or can't be told from its like."""
    by_id = {names.by_id[name] for name in identity.by_id if name in names.by_id}
    if identity.by_id and not by_id:
        return None
    if len(by_id) == 1 and not _shares_names(names):
        return by_id.pop()
    by_path = {names.by_path[name] for name in identity.by_path if name in names.by_path}
    if len(by_path) != 1:
        return None
    device = by_path.pop()
    # Another model in our socket has a name of its own.
    foreign = identity.by_id and _leading_to(device, names.by_id) - identity.by_id
    return None if foreign else device


def _leading_to(device: str, names: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name, leads_to in names.items() if leads_to == device)


def _shares_names(names: Names) -> bool:
    """Every USB adapter has a by-id name, unless another one with the same name took it."""
    return any("usb" in name and device not in names.by_id.values() for name, device in names.by_path.items())


def names_in(folder: Path) -> Names:
    return Names(by_id=_links(folder / "by-id"), by_path=_links(folder / "by-path"))


def _links(folder: Path) -> dict[str, str]:
    """None where the folder is missing: udev removes it with the last adapter."""
    try:
        return {link.name: os.path.realpath(link) for link in folder.iterdir() if link.exists()}
    except OSError:
        return {}


class PortMemory:
    """Remembers which adapter a line was opened on, and finds it again."""

    def __init__(self, port: str, folder: Path = STABLE_NAMES) -> None:
        self._port = port
        self._folder = folder
        self._identity: Identity | None = None

    def find(self) -> str:
        """The path to open. Raises PortChanged."""
        if self._identity is None:
            return self._port
        device = device_of(self._identity, names_in(self._folder))
        here = Path(self._port).exists()
        if device is None and here:
            raise PortChanged(port=self._port, reason=str(self._identity))
        if device is None or (here and os.path.realpath(self._port) == device):
            return self._port
        return device

    def opened(self) -> None:
        """The port is ours: from now on this adapter is meant, unless the site file names it by a link, which says what is meant."""
        if self._identity is not None or Path(self._port).is_symlink():
            return
        identity = identity_of(os.path.realpath(self._port), names_in(self._folder))
        if identity.known:
            self._identity = identity
