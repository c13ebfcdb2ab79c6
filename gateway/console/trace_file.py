"""A trace that the user named: opened, bound to a site, and its bad lines in words. Shared by the verbs that replay one."""

from pathlib import Path
from typing import TextIO

from config.sentences import say
from config.site import Site
from drivers.bus import devices_of
from gateway.console.site_file import loaded
from gateway.console.speech import Trouble, language, wrong_call
from gateway.detection.detectors import Polled
from gateway.replay import BadLine, TraceReader, bays_of


def bound(trace: Path, config: Path | None) -> tuple[Site, tuple[Polled, ...]]:
    if config is not None:
        site = loaded(config)
        devices = [device for bus in site.site.buses for device in devices_of(bus.name, site.site, site.profiles)]
        return site.site, tuple(Polled(device.name, device.poll_s) for device in devices)
    # Twice through the file: which devices there are must be known before the first event, and a trace may be larger than memory.
    with opened(trace) as lines:
        try:
            names = dict.fromkeys(line.reading.device for line in TraceReader().readings(lines))
        except BadLine as bad:
            raise trouble(trace, bad) from None
    return bays_of(tuple(names)), tuple(Polled(name, None) for name in names)


def opened(trace: Path) -> TextIO:
    try:
        return trace.open(encoding="utf-8", errors="replace")
    except IsADirectoryError:
        wrong_call("replay.folder", path=trace)
    except OSError as why:
        wrong_call("replay.unreadable", path=trace, why=why.strerror)


def trouble(trace: Path, bad: BadLine) -> Trouble:
    why = say(bad.fault.sentence, language(), **bad.fault.values)
    return Trouble("replay.bad_line", path=trace, line=bad.number, why=why)
