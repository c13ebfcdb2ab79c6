"""A file that a verb writes: a new one, or stdout."""

import sys
from pathlib import Path
from typing import TextIO

from gateway.console.speech import wrong_call


def created(file: Path) -> TextIO:
    if str(file) == "-":
        return sys.stdout
    try:
        # Never over an older one: it may be the only evidence of a fault.
        return file.open("x", encoding="utf-8")
    except FileExistsError:
        wrong_call("record.folder" if file.is_dir() else "record.exists", path=file)
    except IsADirectoryError:
        wrong_call("record.folder", path=file)
    except OSError as why:
        wrong_call("record.unwritable", path=file, why=why.strerror)
