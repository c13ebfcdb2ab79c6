"""A port that comes back under another number: it is found by its names, and no other adapter is taken for it."""

import os
from pathlib import Path

import pytest

from config.site import SerialLine
from drivers.links.faults import PortBusy, PortChanged, PortMissing
from drivers.links.port_identity import Identity, Names, device_of, identity_of, names_in
from drivers.links.serial import SerialLink
from tests.drivers.links.ears import Ear
from tests.drivers.links.ptys import Pair

OURS = Identity(by_id=frozenset({"usb-FTDI_A1-port0"}), by_path=frozenset({"pci-usb-0:1-port0"}))
CHEAP = Identity(by_id=frozenset({"usb-1a86_Serial-port0"}), by_path=frozenset({"pci-usb-0:1-port0"}))
UART = Identity(by_id=frozenset(), by_path=frozenset({"platform-serial0"}))


@pytest.mark.parametrize(
    ("identity", "by_id", "by_path", "device"),
    [
        pytest.param(OURS, {"usb-FTDI_A1-port0": "USB0"}, {"pci-usb-0:1-port0": "USB0"}, "USB0", id="where it was"),
        pytest.param(OURS, {"usb-FTDI_A1-port0": "USB3"}, {"pci-usb-0:1-port0": "USB3"}, "USB3", id="another number"),
        pytest.param(OURS, {"usb-FTDI_A1-port0": "USB3"}, {"pci-usb-0:2-port0": "USB3"}, "USB3", id="another socket"),
        pytest.param(
            OURS,
            {"usb-FTDI_A1-port0": "USB1", "usb-FTDI_B2-port0": "USB0"},
            {"pci-usb-0:1-port0": "USB0", "pci-usb-0:2-port0": "USB1"},
            "USB1",
            id="two that changed sockets: the adapter counts",
        ),
        pytest.param(OURS, {"usb-FTDI_B2-port0": "USB0"}, {"pci-usb-0:1-port0": "USB0"}, None, id="another model in our socket"),
        pytest.param(OURS, {}, {"pci-usb-0:1-port0": "USB0"}, None, id="our socket, but our name is nowhere"),
        pytest.param(OURS, {}, {}, None, id="unplugged"),
        pytest.param(
            CHEAP,
            {"usb-1a86_Serial-port0": "USB1"},
            {"pci-usb-0:1-port0": "USB0", "pci-usb-0:2-port0": "USB1"},
            "USB0",
            id="a twin took our name: the socket counts",
        ),
        pytest.param(
            CHEAP,
            {"usb-1a86_Serial-port0": "USB0"},
            {"pci-usb-0:1-port0": "USB0", "pci-usb-0:2-port0": "USB1"},
            "USB0",
            id="a twin without the name",
        ),
        pytest.param(
            CHEAP,
            {"usb-1a86_Serial-port0": "USB1", "usb-FTDI_B2-port0": "USB0"},
            {"pci-usb-0:1-port0": "USB0", "pci-usb-0:2-port0": "USB1", "pci-usb-0:3-port0": "USB2"},
            None,
            id="twins elsewhere and a stranger in our socket: nobody knows",
        ),
        pytest.param(
            CHEAP,
            {"usb-1a86_Serial-port0": "USB1"},
            {"pci-usb-0:2-port0": "USB1", "pci-usb-0:3-port0": "USB2"},
            None,
            id="two twins in other sockets: nobody knows",
        ),
        pytest.param(
            CHEAP,
            {"usb-1a86_Serial-port0": "USB1"},
            {"pci-usb-0:2-port0": "USB1", "platform-serial0": "S0"},
            "USB1",
            id="a port on the board is no twin",
        ),
        pytest.param(UART, {}, {"platform-serial0": "S0"}, "S0", id="a port on the board has a path only"),
        pytest.param(UART, {"usb-FTDI_A1-port0": "USB0"}, {"pci-usb-0:1-port0": "USB0"}, None, id="a port on the board that is gone"),
    ],
)
def test_a_port_is_found_by_its_names_or_not_at_all(
    identity: Identity, by_id: dict[str, str], by_path: dict[str, str], device: str | None
) -> None:
    assert device_of(identity, Names(by_id=by_id, by_path=by_path)) == device


def test_a_port_has_the_names_that_lead_to_it() -> None:
    names = Names(by_id={"usb-a": "USB0", "usb-b": "USB1"}, by_path={"p1": "USB0", "p1-v2": "USB0"})
    assert identity_of("USB0", names) == Identity(by_id=frozenset({"usb-a"}), by_path=frozenset({"p1", "p1-v2"}))
    assert not identity_of("USB9", names).known


def test_names_that_lead_nowhere_and_folders_that_are_missing_count_for_nothing(tmp_path: Path) -> None:
    assert names_in(tmp_path) == Names(by_id={}, by_path={})
    (tmp_path / "by-id").mkdir()
    (tmp_path / "by-id" / "usb-gone").symlink_to(tmp_path / "nothing")
    assert names_in(tmp_path) == Names(by_id={}, by_path={})


class Udev:
    """The stable names, as udev would make and remove them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for kind in ("by-id", "by-path"):
            (folder / kind).mkdir(parents=True)

    def plugged(self, device: str, by_id: str, by_path: str) -> None:
        for kind, name in (("by-id", by_id), ("by-path", by_path)):
            link = self.folder / kind / name
            link.unlink(missing_ok=True)
            link.symlink_to(device)

    def unplugged(self, by_id: str, by_path: str) -> None:
        (self.folder / "by-id" / by_id).unlink()
        (self.folder / "by-path" / by_path).unlink()


A = ("usb-FTDI_A1-port0", "pci-usb-0:1-port0")
B = ("usb-FTDI_B2-port0", "pci-usb-0:2-port0")


def link_to(path: str | Path, udev: Udev) -> SerialLink:
    return SerialLink(SerialLine(kind="serial", port=str(path)), udev.folder)


async def test_a_port_that_returns_under_another_number_is_opened_there(tmp_path: Path) -> None:
    udev, before, after = Udev(tmp_path), Pair(), Pair()
    udev.plugged(before.path, *A)
    link, ear = link_to(before.path, udev), Ear()
    await link.open(ear)
    before.vanish()
    udev.plugged(after.path, *A)
    await link.open(ear)
    os.write(after.ours, b"back")
    assert await ear.soon() == b"back"
    link.close()
    after.vanish()


async def test_a_name_that_another_adapter_has_now_is_not_opened_but_ours_is(tmp_path: Path) -> None:
    udev, first, second = Udev(tmp_path), Pair(), Pair()
    udev.plugged(first.path, *A)
    link, ear = link_to(first.path, udev), Ear()
    await link.open(ear)
    link.close()
    # After the replug the two have changed numbers.
    udev.plugged(first.path, *B)
    udev.plugged(second.path, *A)
    await link.open(ear)
    os.write(first.ours, b"another pair")
    os.write(second.ours, b"ours")
    assert await ear.soon() == b"ours"
    link.close()
    first.vanish()
    second.vanish()


async def test_where_only_another_adapter_is_left_nothing_is_opened_until_ours_returns(tmp_path: Path) -> None:
    udev, only = Udev(tmp_path), Pair()
    udev.plugged(only.path, *A)
    link = link_to(only.path, udev)
    await link.open(Ear())
    link.close()
    udev.unplugged(*A)
    udev.plugged(only.path, *B)
    with pytest.raises(PortChanged) as changed:
        await link.open(Ear())
    assert changed.value.values == {"port": only.path, "reason": A[0]}
    udev.unplugged(*B)
    udev.plugged(only.path, *A)
    await link.open(Ear())
    link.close()
    only.vanish()


async def test_a_port_whose_names_are_yet_to_come_is_not_taken_for_ours(tmp_path: Path) -> None:
    udev, only = Udev(tmp_path), Pair()
    udev.plugged(only.path, *A)
    link = link_to(only.path, udev)
    await link.open(Ear())
    link.close()
    udev.unplugged(*A)
    with pytest.raises(PortChanged):
        await link.open(Ear())
    only.vanish()


async def test_a_port_that_is_gone_with_its_names_is_missing(tmp_path: Path) -> None:
    udev, only = Udev(tmp_path), Pair()
    udev.plugged(only.path, *A)
    link = link_to(only.path, udev)
    await link.open(Ear())
    link.close()
    only.vanish()
    udev.unplugged(*A)
    with pytest.raises(PortMissing):
        await link.open(Ear())


async def test_a_port_that_was_named_by_a_link_is_what_the_link_leads_to(tmp_path: Path) -> None:
    udev, first, second = Udev(tmp_path), Pair(), Pair()
    udev.plugged(first.path, *A)
    link, ear = link_to(udev.folder / "by-path" / A[1], udev), Ear()
    await link.open(ear)
    # Another adapter in the same socket, as the site file asks for.
    udev.unplugged(*A)
    udev.plugged(second.path, B[0], A[1])
    await link.open(ear)
    os.write(second.ours, b"same socket")
    assert await ear.soon() == b"same socket"
    link.close()
    first.vanish()
    second.vanish()


async def test_a_port_without_names_is_opened_by_its_number_as_ever(tmp_path: Path) -> None:
    udev, only = Udev(tmp_path), Pair()
    link = link_to(only.path, udev)
    for _ in range(2):
        await link.open(Ear())
        link.close()
    only.vanish()


async def test_an_adapter_that_was_never_opened_is_not_remembered(tmp_path: Path) -> None:
    udev, only = Udev(tmp_path), Pair()
    udev.plugged(only.path, *A)
    first, second = link_to(only.path, udev), link_to(only.path, udev)
    await first.open(Ear())
    with pytest.raises(PortBusy):
        await second.open(Ear())
    first.close()
    udev.unplugged(*A)
    udev.plugged(only.path, *B)
    await second.open(Ear())
    second.close()
    only.vanish()
