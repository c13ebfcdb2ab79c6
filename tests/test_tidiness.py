"""The house rules that no other tool checks. Each message names the place and what to write instead."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.console.main import VERBS
from tests.checkout import PACKAGES, sources, texts, trees

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

# Who reads a clock of the machine by itself, and why it may.
CLOCK_READERS = {
    "gateway/clock.py": "the one place that everybody else is handed",
}
CLOCK_CALLS = {
    *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")),
    *(f"datetime.{name}" for name in ("now", "utcnow", "today")),
    *("date.today", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today"),
}
VAGUE_NAMES = {"utils", "util", "manager", "managers", "helper", "helpers", "handler", "handlers", "common", "misc"}
# In two parts, so that this file passes its own test.
FORBIDDEN = {
    "sla" + "ve": "say unit",
    "TO" + "DO": "do it, or open an issue",
    "FIX" + "ME": "do it, or open an issue",
    "/wo" + "rk/": "a path of one machine: derive it from __file__ or take it as an argument",
    "/ro" + "ot/": "a path of one machine: derive it from __file__ or take it as an argument",
    "/opt/" + "pypi": "a path of one machine: read pip's configuration at run time",
    "/opt/" + "wheels": "a path of one machine: read pip's configuration at run time",
    "pypi" + ".org": "a host of one machine: read pip's configuration at run time",
    "pkg" + ".dev": "a host of one machine: read pip's configuration at run time",
    "deb.debian" + ".org": "a host of one machine: read apt's sources at run time",
}
# Names that others gave to what we have to call.
FOREIGN_NAMES = ("modbus_set_" + "sla" + "ve",)  # libmodbus


def _calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every call of a plain or dotted name, with what the file imported under another name spelled out."""
    meant: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            meant |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            meant |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            first, dot, rest = ast.unparse(node.func).partition(".")
            yield node.lineno, meant.get(first, first) + dot + rest


def _no_faults(faults: list[str]) -> None:
    assert not faults, "\n" + "\n".join(faults)


def test_files_are_small_rooms() -> None:
    sizes = {name: texts()[name].count("\n") for name in trees()}
    _no_faults(
        [f"{name}: {lines} lines, at most {FILE_LINES_MAX}: split it by ideas" for name, lines in sizes.items() if lines > FILE_LINES_MAX]
    )


def test_functions_fit_on_a_screen() -> None:
    faults = []
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    faults.append(f"{name}:{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION_LINES_MAX}: name its parts")
    _no_faults(faults)


def test_clocks_are_handed_in() -> None:
    faults = [
        f"{name}:{line}: {call}(): take the Clock of gateway/clock.py, or the loop's time: asyncio.get_running_loop().time()"
        for name, tree in sources().items()
        if name not in CLOCK_READERS
        for line, call in _calls(tree)
        if call.removeprefix("datetime.") in CLOCK_CALLS or call in CLOCK_CALLS
    ]
    _no_faults(faults)


def test_every_exception_for_a_clock_is_still_needed() -> None:
    for name in CLOCK_READERS:
        assert any(call in CLOCK_CALLS for _, call in _calls(sources()[name])), f"{name} reads no clock any more: take it off the table"


def test_nobody_sleeps_on_a_thread() -> None:
    _no_faults(
        [
            f"{name}:{line}: time.sleep(): await asyncio.sleep(), or a deadline() of a machine"
            for name, tree in sources().items()
            for line, call in _calls(tree)
            if call == "time.sleep"
        ]
    )


def test_only_the_console_prints() -> None:
    _no_faults(
        [
            f"{name}:{line}: print(): return it to the verb, or log it with structlog"
            for name, tree in sources().items()
            if not name.startswith("gateway/console/")
            for line, call in _calls(tree)
            if call == "print"
        ]
    )


def test_who_catches_everything_says_why() -> None:
    faults = []
    for name, tree in sources().items():
        lines = texts()[name].splitlines()
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler) or (node.type and ast.unparse(node.type) not in ("Exception", "BaseException")):
                continue
            last = node.body[-1]
            passed_on = isinstance(last, ast.Raise) and last.exc is None  # it only tidies up: everything is what it means
            said = "#" in lines[node.lineno - 1] or lines[node.lineno].lstrip().startswith("#")
            if not passed_on and not said:
                faults.append(f"{name}:{node.lineno}: name the exceptions, or say why in a comment on this line or the next")
    _no_faults(faults)


def test_names_say_what_is_in_the_room() -> None:
    faults = [
        f"{name}: {part} says nothing of what is in it: name the idea"
        for name in trees()
        for part in Path(name).with_suffix("").parts
        if part.removeprefix("test_") in VAGUE_NAMES
    ]
    _no_faults(faults)


def _without_foreign_names(line: str) -> str:
    for name in FOREIGN_NAMES:
        line = line.replace(name, "")
    return line


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_file_holds(word: str) -> None:
    whole = r"\b" if word.isupper() else ""
    sought = re.compile(whole + re.escape(word) + whole, 0 if word.isupper() else re.IGNORECASE)
    faults = [
        f"{name}:{number}: {word}: {FORBIDDEN[word]}"
        for name, text in texts().items()
        if word.lower() in text.lower()
        for number, line in enumerate(text.splitlines(), 1)
        if sought.search(_without_foreign_names(line))
    ]
    _no_faults(faults)


def _imported(name: str, tree: ast.Module) -> set[str]:
    """The files of ours that a file imports, functions' own imports included."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}:{node.lineno}: write the import in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    paths = {module.replace(".", "/") for module in found}
    return {path + end for path in paths for end in (".py", "/__init__.py") if path + end in sources()}


def _tested() -> set[str]:
    """A test imports it, mirrors it by name, or runs it as a verb."""
    tests = {name: tree for name, tree in trees().items() if name.startswith("tests/")}
    words = {node.value for tree in tests.values() for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return (
        {path for name, tree in tests.items() for path in _imported(name, tree)}
        | {name for name in sources() if f"tests/{Path(name).parent}/test_{Path(name).name}" in tests}
        | {path for verb in VERBS if verb in words and (path := f"gateway/console/{verb}.py") in sources()}
    )


def _with_inner_parts(reached: set[str]) -> set[str]:
    """And what they import of their own room (folder), however many steps away."""
    waiting, whole = list(reached), set(reached)
    while waiting:
        name = waiting.pop()
        inner = {path for path in _imported(name, sources()[name]) if Path(path).parent == Path(name).parent} - whole
        whole |= inner
        waiting += inner
    return whole


def test_every_module_has_a_test() -> None:
    """Tests reach its room, or what they reach imports it: one step into another room, any number within one."""
    rooms = _with_inner_parts(_tested())
    reached = _with_inner_parts(rooms | {path for name in rooms for path in _imported(name, sources()[name])})
    faults = [
        f"{name}: no test reaches it: write tests/{Path(name).parent}/test_{Path(name).name}, or remove it"
        for name in sources()
        if name not in reached and not name.endswith("/__init__.py")
    ]
    _no_faults(faults)


def test_the_four_packages_are_all_looked_at() -> None:
    assert {name.split("/", 1)[0] for name in sources()} == set(PACKAGES)
