"""An event as bytes, with all that its commit led to: what the column `record` of table `event` holds.

    offset  bytes
    0       1      layout, which is also the number of the dictionary: 1
    1       1      quality of the wall time: 0 no stamp, 1 unsynced, 2 synced, 3 estimated
    2       16     id of the boot (a UUID), zeros where there is none
    18      8      ns since that boot, signed, big endian
    26      8      wall time, ns since 1970, signed, big endian
    34      …      raw deflate (RFC 1951), window 4 KiB, dictionary below; inside, UTF-8 fields that end with NUL:
                   subject, body, count of states, subject and text of each state, uplink and sequence of each cursor

One record is one page of the log instead of four (event, state, counters, cursor), and a third of the plain text: an event
alone costs the flash 6 KB instead of 17.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from gateway.clock import Stamp, TimeQuality
from gateway.detection.change import Kept
from gateway.journal.row import Row

LAYOUT = 1
_HEAD = struct.Struct(">BB16sqq")
_QUALITIES = (None, TimeQuality.UNSYNCED, TimeQuality.SYNCED, TimeQuality.ESTIMATED)
_WINDOW_BITS = -12
_UNPACKED_BYTES_MAX = 64 << 20

# What events and states have in common. It may never change: another one is another layout.
_DICTIONARY = (
    b"station/350582-F-0001\x00device/geo-01\x00gateway/\x00"
    b'{"lost":true,"cause":"silent","count":1,"first_sequence":null,"last_sequence":null,"count":null,"step_s":null,'
    b'kerbgate.gateway.gap","subject":"gateway/kerbgate.gateway.started","subject":"gateway/'
    b'kerbgate.device.fault","subject":"device/kerbgate.device.recovered","subject":"device/'
    b'"data":{"cause":"no_answer","onset_s":,"confirmed_s":,"time_quality":"unsynced",'
    b'kerbgate.bay.comms_lost","subject":"bay/kerbgate.bay.comms_restored","subject":"bay/'
    b'kerbgate.station.bike_arrived","subject":"station/kerbgate.station.bike_left","subject":"station/'
    b'kerbgate.station.count_changed","subject":"station/","reason":"restart","reason":"timeout",'
    b'"reason":"signature","reason":"device","tag":"E280B2","operator":"yellow","total":null,"by_operator":{},"capacity":null,'
    b'"time_quality":"synced","time_min":null,"time_max":null,"replayed":false,"correction_of":null}}\x001\x00station/'
    b'|{"present":{"tag":"since_s":"seen_s":"rssi_dbm":-'
    b'{"specversion":"1.0","id":"/00000000-/0000000000","source":"urn:kerbgate:","type":"kerbgate.bay.park_end","subject":"bay/'
    b'","time":"2026-01-01T00:00:00.000Z","recordedtime":"2026-01-01T00:00:00.000Z","sequence":"00000000000000'
    b'","datacontenttype":"application/json","data":{"state":"vacant","previous":"occupied","onset_s":'
    b'kerbgate.bay.park_start","data":{"state":"occupied","previous":"vacant","state":"unknown","previous":"unknown",'
    b'"onset_s":,"confirmed_s":,"confidence":0.99,"reason":"level","cause":null,"session":"/0000000000-/0000000000000'
    b'","bay_sequence":,"time_quality":"synced","time_min":null,"time_max":null,"replayed":false,"correction_of":null,'
    b'"evidence":{"delta_ut":[,-],"baseline_ut":[],"level":null,"temperature_c":,"readings":}}}\x002\x00'
    b'bay/\x00.000|17775936|{"believed":"occupied","lost":false,"since_s":,"steady_s":,"parked":[],"sense":"level",'
    b'"believed":"vacant","lost":false,"since_s":,"steady_s":,"parked":null,"sense":"field",'
    b'"baseline":null,"baseline":{"reference_c":,"updated_s":,"axes":[[-0.0]]}}\x00mint/\x00|17775936.|[,null]\x00platform\x00'
)
# Never used itself: a copy is made sooner than another one that reads the dictionary.
_INFLATING = zlib.decompressobj(_WINDOW_BITS, _DICTIONARY)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, and what became confirmed with it."""

    row: Row
    states: tuple[Kept, ...] = ()
    cursors: tuple[tuple[str, int], ...] = ()


def pack(row: Row, states: Sequence[Kept] = (), cursors: Mapping[str, int] | None = None) -> bytes:
    """Raises ValueError for a text with a NUL in it."""
    fields = [row.subject, row.body, str(len(states))]
    fields += [text for kept in states for text in (kept.subject, kept.state)]
    fields += [text for uplink, sequence in (cursors or {}).items() for text in (uplink, str(sequence))]
    if any("\0" in field for field in fields):
        raise ValueError(f"sequence {row.sequence}: a NUL in what is to be kept")
    deflating = zlib.compressobj(6, zlib.DEFLATED, _WINDOW_BITS, 5, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY)
    packed = deflating.compress("".join(field + "\0" for field in fields).encode()) + deflating.flush()
    return _head(row.stamp) + packed


def unpack(sequence: int, event_class: str, record: bytes) -> Entry:
    """Raises ValueError for what `pack` never made."""
    stamp, text = _opened(sequence, record)
    try:
        subject, body, count, *rest = text.split("\0")[:-1]
        states = tuple(map(Kept, rest[0 : 2 * int(count) : 2], rest[1 : 2 * int(count) : 2]))
        cursors = tuple(zip(rest[2 * int(count) :: 2], map(int, rest[2 * int(count) + 1 :: 2]), strict=True))
    except IndexError as error:
        raise ValueError(f"sequence {sequence}: {error}") from error
    return Entry(Row(sequence, event_class, subject, body, stamp), states, cursors)


def unpack_row(sequence: int, event_class: str, record: bytes) -> Row:
    """Without what became confirmed with it, which an uplink that empties a backlog has no use for. Raises ValueError as `unpack`."""
    stamp, text = _opened(sequence, record)
    subject, body, _ = text.split("\0", 2)
    return Row(sequence, event_class, subject, body, stamp)


def _opened(sequence: int, record: bytes) -> tuple[Stamp | None, str]:
    try:
        layout, quality, boot, boot_ns, wall_ns = _HEAD.unpack_from(record)
        inflating = _INFLATING.copy()
        text = inflating.decompress(record[_HEAD.size :], _UNPACKED_BYTES_MAX).decode()
        known = _QUALITIES[quality]
    except (struct.error, zlib.error, IndexError) as error:
        raise ValueError(f"sequence {sequence}: {error}") from error
    if layout != LAYOUT or not inflating.eof:
        raise ValueError(f"sequence {sequence}: of layout {layout}, or cut")
    return (None if known is None else Stamp(_boot_text(boot), boot_ns, wall_ns, known)), text


def _head(stamp: Stamp | None) -> bytes:
    if stamp is None:
        return _HEAD.pack(LAYOUT, 0, bytes(16), 0, 0)
    return _HEAD.pack(LAYOUT, _QUALITIES.index(stamp.quality), _boot_bytes(stamp.boot_id), stamp.boot_ns, stamp.wall_ns)


# A journal knows few boots, and each row names one.
@lru_cache(maxsize=16)
def _boot_text(boot: bytes) -> str:
    return str(UUID(bytes=boot))


@lru_cache(maxsize=16)
def _boot_bytes(boot_id: str) -> bytes:
    return UUID(boot_id).bytes
