"""A window beside a journal, played by hand."""

from config.site import Acknowledgement
from gateway.journal.row import Row
from gateway.uplink.moves import Bury, Connected, Input, Output, Read, Release, Send
from gateway.uplink.window import Window

T = 30.0


class Played:
    """A window beside a journal of so many rows; it reads whenever the window wants."""

    def __init__(self, mode: Acknowledgement, *, rows: int, size: int = 4, released: int = 0, sent: int = 0, batch: int = 1) -> None:
        self.window = Window(size, mode, T, released=released, sent=sent, batch=batch)
        self.rows = rows
        self.now = 0.0

    def _reading(self, out: list[Output]) -> list[Output]:
        while (wanted := self.window.wanted()) is not None and wanted.after < self.rows:
            rows = [row(n) for n in range(wanted.after + 1, min(self.rows, wanted.after + wanted.limit) + 1)]
            out += self.window.feed(Read(wanted.after, rows, len(rows) == wanted.limit), self.now)
        return out

    def feed(self, item: Input) -> list[int | str]:
        return told(self._reading(self.window.feed(item, self.now)))

    def connect(self) -> list[int | str]:
        return self.feed(Connected(self.rows))

    def until(self, now: float) -> list[int | str]:
        self.now = now
        return told(self._reading(self.window.tick(now)))


def told(outputs: list[Output]) -> list[int | str]:
    """A number for an event that is sent, `<=n` for what is released, `+n` for one that is given up."""
    said: list[int | str] = []
    for output in outputs:
        match output:
            case Send(rows):
                said += [each.sequence for each in rows]
            case Release(upto):
                said.append(f"<={upto}")
            case Bury(each):
                said.append(f"+{each.sequence}")
    return said


def row(sequence: int, event_class: str = "bay") -> Row:
    return Row(sequence, event_class, f"{event_class}/x", "{}")


def broker(**options: int) -> Played:
    return Played(Acknowledgement.BROKER, **options)


def platform(**options: int) -> Played:
    return Played(Acknowledgement.PLATFORM, **options)
