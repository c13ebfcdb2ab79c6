"""The parts of a site that are right by themselves, with their paths: what rules can look at while other parts are still wrong."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from config.catalogue import Profiles
from config.site import (
    MOST_BUSES,
    MOST_DEVICES,
    MOST_OPERATORS,
    MOST_PILES,
    MOST_STATIONS,
    MOST_UPLINKS,
    Bay,
    BayDetection,
    Bus,
    Device,
    Operator,
    Station,
    StationDetection,
    Uplink,
)
from config.tree import Mapping, Node, Path, Scalar, Sequence, follow

Item = TypeVar("Item", bound=BaseModel)
Item_co = TypeVar("Item_co", covariant=True)

MOST = {"buses": MOST_BUSES, "devices": MOST_DEVICES, "bays": MOST_DEVICES, "stations": MOST_STATIONS, "operators": MOST_OPERATORS}
MOST |= {"uplinks": MOST_UPLINKS}

_LISTS = frozenset({"piles", "devices", "neighbours"})
"""Keys under which several names stand."""


@dataclass(frozen=True, slots=True)
class Placed(Generic[Item_co]):
    path: Path
    item: Item_co


@dataclass(frozen=True, slots=True)
class Reference:
    """A word of the file that names something else in it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`names` are all names that the file gives to buses or devices, those of wrong items too; None where the list itself is wrong.

    References too are those of all items: a device with a wrong unit can name a wrong bus as well, and both are told at once.
    """

    buses: tuple[Placed[Bus], ...]
    devices: tuple[Placed[Device], ...]
    bays: tuple[Placed[Bay], ...]
    stations: tuple[Placed[Station], ...]
    operators: tuple[Placed[Operator], ...]
    detection: BayDetection
    station_detection: StationDetection
    uplinks: tuple[Placed[Uplink], ...]
    """Of both ways of writing them."""
    uplink_twice: bool
    """Whether the file uses both."""
    buses_of_devices: tuple[Reference, ...]
    profiles_of_devices: tuple[Reference, ...]
    devices_of_bays: tuple[Reference, ...]
    neighbours_of_bays: tuple[Reference, ...]
    bay_names: frozenset[str] | None
    piles_of_stations: tuple[Reference, ...]
    bus_names: frozenset[str] | None
    device_names: frozenset[str] | None
    by_name: AnyMapping[str, Placed[Device]]
    profiles: Profiles
    broken_profiles: frozenset[str] = frozenset()

    def device(self, name: str) -> Placed[Device] | None:
        return self.by_name.get(name)

    def members(self, bus: str) -> Iterator[Placed[Device]]:
        return (placed for placed in self.devices if placed.item.bus == bus)


class Gatherer:
    """Takes the parts out of the tree of a site; `valid` gives an item, or None where it is wrong."""

    def __init__(self, root: Node, valid: Callable[[Node, type[BaseModel]], BaseModel | None]) -> None:
        self._root = root
        self._valid = valid

    def parts(self, profiles: Profiles, broken: frozenset[str]) -> Parts:
        devices = self._items("devices", Device)
        return Parts(
            buses=self._items("buses", Bus),
            devices=devices,
            by_name={placed.item.name: placed for placed in reversed(devices)},
            bays=self._items("bays", Bay),
            stations=self._items("stations", Station),
            operators=self._items("operators", Operator),
            detection=self._one("detection", BayDetection) or BayDetection(),
            station_detection=self._one("station_detection", StationDetection) or StationDetection(),
            uplinks=(*self._single_uplink(), *self._items("uplinks", Uplink)),
            uplink_twice=all(follow(self._root, (section,)) is not None for section in ("uplink", "uplinks")),
            buses_of_devices=tuple(self._references("devices", "bus")),
            profiles_of_devices=tuple(self._references("devices", "profile")),
            devices_of_bays=(*self._references("bays", "device"), *self._references("bays", "devices")),
            neighbours_of_bays=tuple(self._references("bays", "neighbours")),
            bay_names=self._names("bays", "id"),
            piles_of_stations=tuple(self._references("stations", "piles")),
            bus_names=self._names("buses"),
            device_names=self._names("devices"),
            profiles=profiles,
            broken_profiles=broken,
        )

    def _items(self, section: str, model: type[Item]) -> tuple[Placed[Item], ...]:
        node = follow(self._root, (section,))
        if not isinstance(node, Sequence):
            return ()
        tried = ((index, self._valid(item, model)) for index, item in enumerate(node.items[: MOST[section]]))
        return tuple(Placed((section, index), item) for index, item in tried if isinstance(item, model))

    def _one(self, section: str, model: type[Item]) -> Item | None:
        node = follow(self._root, (section,))
        item = self._valid(node, model) if isinstance(node, Mapping) else None
        return item if isinstance(item, model) else None

    def _single_uplink(self) -> Iterator[Placed[Uplink]]:
        item = self._one("uplink", Uplink)
        if item is not None:
            yield Placed(("uplink",), item)

    def _references(self, section: str, key: str) -> Iterator[Reference]:
        """The words under this key, of all items."""
        node = follow(self._root, (section,))
        for index, item in enumerate(node.items[: MOST[section]] if isinstance(node, Sequence) else ()):
            named = follow(item, (key,))
            words: list[tuple[Path, Node]] = []
            if key in _LISTS and isinstance(named, Sequence):
                words += (((section, index, key, number), word) for number, word in enumerate(named.items[:MOST_PILES]))
            elif named is not None:
                words.append(((section, index, key), named))
            yield from (Reference(path, word.value) for path, word in words if isinstance(word, Scalar) and isinstance(word.value, str))

    def _names(self, section: str, key: str = "name") -> frozenset[str] | None:
        node = follow(self._root, (section,))
        if not isinstance(node, Sequence):
            return None
        names = (follow(item, (key,)) for item in node.items)
        return frozenset(str(name.value) for name in names if isinstance(name, Scalar))
