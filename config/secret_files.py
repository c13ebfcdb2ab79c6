"""The files that an uplink names: passwords, certificates, keys. Whether they are there, readable, and nobody else's to read."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path as FilePath

from config.finding import Finding, finding
from config.parts import Placed
from config.site import Tls, Uplink
from config.tree import Path

MOST_BYTES = 1_000_000
NEXT = ("next_certificate_file", "next_key_file")


def wrong_files(placed: Placed[Uplink]) -> Iterator[Finding]:
    at, uplink = placed.path, placed.item
    if uplink.username is not None and uplink.password_file is None:
        yield finding((*at, "username"), "config.username_alone", at_key=True)
    if uplink.password_file is not None and uplink.username is None:
        yield finding((*at, "password_file"), "config.password_alone", at_key=True)
    if uplink.tls is not None:
        yield from _pairs((*at, "tls"), uplink.tls)
    for path, file in _files(placed):
        wrong = _wrong(file)
        # What is to follow may not have come yet.
        if wrong is not None and not (wrong == "config.secret_missing" and path[-1] in NEXT):
            yield finding(path, wrong, file=file)


def _pairs(at: Path, tls: Tls) -> Iterator[Finding]:
    for certificate, key in (("certificate_file", "key_file"), NEXT):
        has_certificate, has_key = getattr(tls, certificate) is not None, getattr(tls, key) is not None
        if has_certificate and not has_key:
            yield finding((*at, certificate), "config.certificate_alone", at_key=True, certificate=certificate, key=key)
        if has_key and not has_certificate:
            yield finding((*at, key), "config.key_alone", at_key=True, certificate=certificate, key=key)
    if tls.next_certificate_file is not None and tls.certificate_file is None:
        yield finding((*at, "next_certificate_file"), "config.next_certificate_alone", at_key=True)


def open_to_all(placed: Placed[Uplink]) -> Iterator[Finding]:
    """Secrets that everybody on the box can read. Advice, for some mounts can't do better."""
    for path, file in _files(placed):
        if path[-1] in ("password_file", "key_file", "next_key_file") and _mode(file) & (stat.S_IROTH | stat.S_IWOTH):
            yield finding(path, "config.secret_open_to_all", file=file)


def _files(placed: Placed[Uplink]) -> Iterator[tuple[Path, FilePath]]:
    at, uplink = placed.path, placed.item
    if uplink.password_file is not None:
        yield (*at, "password_file"), uplink.password_file
    if uplink.tls is not None:
        for key in ("ca_file", "certificate_file", "key_file", *NEXT):
            file = getattr(uplink.tls, key)
            if file is not None:
                yield (*at, "tls", key), file


def _wrong(file: FilePath) -> str | None:
    try:
        status = file.stat()
    except PermissionError:
        return "config.secret_unreadable"
    except (OSError, ValueError):
        return "config.secret_missing"
    if not stat.S_ISREG(status.st_mode):
        return "config.secret_no_file"
    if not os.access(file, os.R_OK):
        return "config.secret_unreadable"
    return "config.secret_empty" if status.st_size == 0 else "config.secret_too_big" if status.st_size > MOST_BYTES else None


def _mode(file: FilePath) -> int:
    try:
        return file.stat().st_mode
    except (OSError, ValueError):
        return 0
