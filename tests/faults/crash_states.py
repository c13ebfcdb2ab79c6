"""What a disk may hold after a power cut, given all that was done to it before: the method of ALICE (OSDI 2014).

What was synced is there. Of what was written since, any part may be: whole writes, none, or single sectors of 512 bytes, in any
order. A file that was removed may still be there until the folder is synced or another takes its name. New names and renames are
durable at once, which is what SQLite too asks of a file system, and the folder is synced where the journal renames.

A disk that lies says "synced" and keeps the last writes in a memory that the cut empties: there the last writes are gone.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.recording import FOLDER, Cut, Made, Operation, Removed, Renamed, Said, Synced, Write

_SECTOR = 512


@dataclass(slots=True)
class File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Write | Cut] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.durable, change)
        self.pending.clear()

    def some(self, generator: random.Random) -> bytes:
        """What may be there: each pending change whole, not at all or in parts."""
        content = bytearray(self.durable)
        for change in self.pending:
            luck = generator.random()
            if luck < 0.4:
                _apply(content, change)
            elif luck < 0.7 and isinstance(change, Write):
                for at in range(0, len(change.content), _SECTOR):
                    if generator.random() < 0.5:
                        _apply(content, Write(change.name, change.offset + at, change.content[at : at + _SECTOR]))
        return bytes(content)


def _apply(content: bytearray, change: Write | Cut) -> None:
    if isinstance(change, Cut):
        del content[change.length :]
        content.extend(bytes(change.length - len(content)))
        return
    content.extend(bytes(max(0, change.offset - len(content))))
    content[change.offset : change.offset + len(change.content)] = change.content


@dataclass(slots=True)
class Disk:
    files: dict[str, File] = field(default_factory=dict)
    removed: dict[str, File] = field(default_factory=dict)

    def do(self, operation: Operation) -> None:
        match operation:
            case Write(name=name) | Cut(name=name):
                self._file(name).pending.append(operation)
            case Synced(name=name) if name == FOLDER:
                self.removed.clear()
            case Synced(name=name):
                self._file(name).sync()
            case Made(name=name):
                self._file(name)
            case Removed(name=name):
                if name in self.files:
                    self.removed[name] = self.files.pop(name)
            case Renamed(name=name, to=to):
                if name in self.files:
                    self.removed.pop(to, None)
                    self.files[to] = self.files.pop(name)
            case Said():
                pass

    def _file(self, name: str) -> File:
        self.removed.pop(name, None)
        return self.files.setdefault(name, File())

    def after_a_cut(self, generator: random.Random) -> dict[str, bytes]:
        left = {name: file.some(generator) for name, file in self.files.items()}
        if generator.random() < 0.5:
            left |= {name: file.some(generator) for name, file in self.removed.items()}
        return left


def honest(
    operations: Sequence[Operation], states: int, seed: str, before: Mapping[str, bytes] | None = None
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """Moments of the cut, as a number of operations done, in order, each with what is left. `before` was there at the beginning."""
    generator = random.Random(seed)
    disk, done = Disk({name: File(bytearray(content)) for name, content in (before or {}).items()}), 0
    for moment in sorted(generator.randrange(1, len(operations) + 1) for _ in range(states)):
        while done < moment:
            disk.do(operations[done])
            done += 1
        yield moment, disk.after_a_cut(generator)


def lying(operations: Sequence[Operation], states: int, seed: str, lost_max: int = 64) -> Iterator[tuple[int, dict[str, bytes]]]:
    """The last 1 to `lost_max` writes before each moment are gone, although they were synced; the first of those may be torn."""
    generator = random.Random(seed)
    writes = [number for number, operation in enumerate(operations) if isinstance(operation, Write)]
    moments = sorted((generator.randrange(1, len(operations) + 1), generator.randrange(1, lost_max + 1)) for _ in range(states))
    for moment, lost in moments:
        done = [number for number in writes if number < moment]
        kept = done[-lost] if len(done) >= lost else 0
        disk = Disk()
        for operation in operations[:kept]:
            disk.do(operation)
        for file in (*disk.files.values(), *disk.removed.values()):
            file.sync()
        if isinstance(operations[kept], Write):
            disk.do(operations[kept])
        yield moment, {name: file.some(generator) for name, file in disk.files.items()}


def lay_out(folder: Path, left: dict[str, bytes]) -> None:
    for old in folder.iterdir():
        old.unlink()
    for name, content in left.items():
        (folder / name).write_bytes(content)
