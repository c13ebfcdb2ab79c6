"""Reads a file that a person wrote, whatever it turns out to be: every way in which it is no text becomes one clear mistake."""

import os
import stat
from pathlib import Path

from config.mistakes import ConfigError, Mistake

MOST_BYTES = 1_000_000
"""A site of a thousand devices is a tenth of this; parsing more would take longer than anybody waits."""


def text_of(path: Path) -> str:
    """The text of the file, without a byte-order mark. Raises ConfigError."""
    data = _bytes_of(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        offset = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        before = data[:offset]
        line, column = before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        raise _wrong(path, "config.not_utf8", line, column, offset=offset, byte=f"0x{data[offset]:02X}") from error


def _bytes_of(path: Path) -> bytes:
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123
            kind = os.fstat(descriptor).st_mode
            if stat.S_ISDIR(kind):
                raise _wrong(path, "config.is_a_directory")
            if not stat.S_ISREG(kind):
                raise _wrong(path, "config.not_a_file")
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise _wrong(path, "config.does_not_exist") from error
    except IsADirectoryError as error:
        raise _wrong(path, "config.is_a_directory") from error
    except PermissionError as error:
        raise _wrong(path, "config.not_permitted") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _wrong(path, "config.unreadable", reason=reason) from error
    if len(data) > MOST_BYTES:
        raise _wrong(path, "config.too_big", most_kb=MOST_BYTES // 1000)
    return data


def _wrong(path: Path, sentence: str, line: int = 1, column: int = 1, **values: object) -> ConfigError:
    return ConfigError([Mistake(str(path), line, column, sentence, tuple(values.items()))])
