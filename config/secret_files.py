"""The files that an uplink names: passwords, certificates, keys. Whether they are there, readable, and nobody else's to read."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from config.finding import Finding, finding
from config.site import Uplink

MOST_BYTES = 1_000_000


def wrong_files(uplink: Uplink) -> Iterator[Finding]:
    if uplink.username is not None and uplink.password_file is None:
        yield finding(("uplink", "username"), "config.username_alone", at_key=True)
    if uplink.password_file is not None and uplink.username is None:
        yield finding(("uplink", "password_file"), "config.password_alone", at_key=True)
    tls = uplink.tls
    if tls is not None and tls.certificate_file is not None and tls.key_file is None:
        yield finding(("uplink", "tls", "certificate_file"), "config.certificate_alone", at_key=True)
    if tls is not None and tls.key_file is not None and tls.certificate_file is None:
        yield finding(("uplink", "tls", "key_file"), "config.key_alone", at_key=True)
    for path, file in _files(uplink):
        wrong = _wrong(file)
        if wrong is not None:
            yield finding(path, wrong, file=file)


def open_to_all(uplink: Uplink) -> Iterator[Finding]:
    """Secrets that everybody on the box can read. Advice, for some mounts can't do better."""
    for path, file in _files(uplink):
        if path[-1] in ("password_file", "key_file") and _mode(file) & (stat.S_IROTH | stat.S_IWOTH):
            yield finding(path, "config.secret_open_to_all", file=file)


def _files(uplink: Uplink) -> Iterator[tuple[tuple[str, ...], Path]]:
    if uplink.password_file is not None:
        yield ("uplink", "password_file"), uplink.password_file
    if uplink.tls is not None:
        for key in ("ca_file", "certificate_file", "key_file"):
            file = getattr(uplink.tls, key)
            if file is not None:
                yield ("uplink", "tls", key), file


def _wrong(file: Path) -> str | None:
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


def _mode(file: Path) -> int:
    try:
        return file.stat().st_mode
    except (OSError, ValueError):
        return 0
