"""The checkout that the tests stand in: its files, as a clean clone has them."""

import ast
import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "drivers", "gateway", "simulators")
PROGRAMS = ("dev", ".ci/bare")
_TEXTS = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".txt", ".c", ".html", ".css", ".js", ".sql", ".service", ""}
_MADE = {"__pycache__", "build", "dist"}


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            if entry.name not in _MADE and not entry.name.endswith(".egg-info") and (entry.name[0] != "." or entry.name == ".ci"):
                yield from _walk(entry)
        elif entry.suffix in _TEXTS and (entry.name[0] != "." or entry.name == ".importlinter"):
            yield entry


@cache
def texts() -> dict[str, str]:
    """Every text file of ours, by its path from the root. Not by git: an unpacked archive has to pass, too."""
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in _walk(ROOT)}


@cache
def trees() -> dict[str, ast.Module]:
    """Every Python file of ours, parsed."""
    # Debian 12's Python 3.11.2 fails in ast.parse when a finalizer that runs meanwhile parses, too (python/cpython#106905).
    gc.disable()
    try:
        return {name: ast.parse(text, name) for name, text in texts().items() if name.endswith(".py") or name in PROGRAMS}
    finally:
        gc.enable()


def sources() -> dict[str, ast.Module]:
    """Those of the four packages."""
    return {name: tree for name, tree in trees().items() if name.split("/", 1)[0] in PACKAGES}
