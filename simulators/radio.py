"""How loud a pile hears a bike's tag, scan by scan.

    RSSI = at this distance (own pile, next pile) + pile's gain + shadow of this stay + jitter of this scan

The shadow is drawn once for a parked bike and a pile, the jitter anew for each scan; a share of the scans misses the tag. A
pure function of the seed and the time. Spreads: receivers differ by 3 dB, parked bikes by 5 to 7, scans by 3 to 4; here they are
bounded so that an own pile is always inside the fence and a far one never heard.
"""

from dataclasses import dataclass

from simulators.chance import gauss, key_of, unit
from simulators.street import Street
from simulators.traffic import BikeStay

_AT_OWN_DBM = -58.0
_AT_NEXT_DBM = -74.0
_GAIN_DB = 1.5
_SHADOW_DB = 2.5
_JITTER_DB = 2.0
SCAN_S = 1.0
"""A pile scans so often; two questions within one scan get the same answer."""


@dataclass(frozen=True, slots=True)
class Heard:
    tag: str
    rssi_dbm: int


class Radio:
    def __init__(self, street: Street) -> None:
        self._street = street
        self._next: dict[str, tuple[str, ...]] = {}
        for station in street.plan.stations:
            piles = station.piles
            for index, pile in enumerate(piles):
                self._next[pile] = tuple(piles[n] for n in (index - 1, index + 1) if 0 <= n < len(piles))

    def heard(self, pile: str, t: float) -> tuple[Heard, ...]:
        """The tags of one scan, the loudest first."""
        begun = t // SCAN_S * SCAN_S
        found = [self._scan(pile, stay, begun, _AT_OWN_DBM) for stay in self._street.bikes_at(pile, begun)]
        for beside in self._next[pile]:
            found += [self._scan(pile, stay, begun, _AT_NEXT_DBM) for stay in self._street.bikes_at(beside, begun)]
        heard = [each for each in found if each is not None]
        return tuple(sorted(heard, key=lambda each: (-each.rssi_dbm, each.tag)))

    def stands_at(self, pile: str, t: float) -> bool:
        """Whether a bike stands at the pile itself."""
        return bool(self._street.bikes_at(pile, t))

    def _scan(self, pile: str, stay: BikeStay, begun: float, distance_dbm: float) -> Heard | None:
        seed, scan = self._street.seed, int(begun / SCAN_S)
        key = key_of(seed, "scan", pile, stay.tag)
        if unit(key, 2 * scan) < self._street.plan.bikes.missed_scans:
            return None
        gain = _GAIN_DB * gauss(key_of(seed, "gain", pile), 0)
        shadow = _SHADOW_DB * gauss(key_of(seed, "shadow", pile, stay.tag, stay.arrive_s), 0)
        return Heard(stay.tag, round(distance_dbm + gain + shadow + _JITTER_DB * gauss(key, 2 * scan + 1)))
