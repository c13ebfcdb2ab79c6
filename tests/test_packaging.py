"""What is installed: our four names, our data, our console script, and nothing whose licence binds who ships a gateway."""

import importlib.util
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.checkout import PACKAGES, ROOT

# Each as its name or its beginning in SPDX, in a classifier, or in a free text.
PERMISSIVE = ("mit", "bsd", "0bsd", "apache", "isc", "psf", "python-2.0", "python software foundation", "zlib", "unlicense", "hpnd", "cc0")
BINDING = ("gpl", "lgpl", "agpl", "mpl", "mozilla", "epl", "eclipse", "cddl", "eupl", "sspl")


@pytest.mark.parametrize("name", PACKAGES)
def test_we_alone_own_the_name(name: str) -> None:
    """`config` is a distribution of somebody else, too: beside it, our profiles would not be found."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    assert [Path(place).resolve() for place in spec.submodule_search_locations] == [ROOT / name]
    owners = {
        other.name
        for other in distributions()
        if other.name != "kerbgate"
        for file in other.files or ()
        if file.parts[0] == name or file.parts[0] == f"{name}.py"
    }
    assert not owners, f"{', '.join(owners)} also brings a package {name}: uninstall it from this environment"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """The names of the files in a wheel built from this checkout, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("kerbgate-*.whl")
    with zipfile.ZipFile(path) as archive:
        yield set(archive.namelist())


def test_the_wheel_holds_everything_that_the_packages_hold(wheel: set[str]) -> None:
    held = {
        str(path.relative_to(ROOT))
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in {".pyc", ".db"}
    }
    assert held - wheel == set()
    assert any(name.startswith("config/profiles/") and name.endswith(".yaml") for name in wheel)
    assert any(name.startswith("config/text/") and name.endswith(".json") for name in wheel)
    assert any(name.startswith("simulators/scenarios/") and name.endswith(".yaml") for name in wheel)
    assert any("schema" in name and name.endswith(".json") for name in wheel)


def test_the_wheel_says_that_it_is_typed_and_brings_nothing_else(wheel: set[str]) -> None:
    assert {f"{name}/py.typed" for name in PACKAGES} <= wheel
    assert {name.split("/", 1)[0] for name in wheel} - {*PACKAGES} == {
        next(name for name in wheel if ".dist-info/" in name).split("/", 1)[0]
    }
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel)


def _kerbgate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = Path(sysconfig.get_path("scripts")) / "kerbgate"
    assert shutil.which(script), f"{script} is missing: ./dev test installs it"
    return subprocess.run([str(script), *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_the_console_script_works_from_another_folder(tmp_path: Path) -> None:
    # Names that would win over ours if the script looked into the folder that it is called from.
    for name in PACKAGES:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not ours')\n")
    helped = _kerbgate(tmp_path, "--help")
    assert helped.returncode == 0, helped.stderr
    assert "demo" in helped.stdout
    told = _kerbgate(tmp_path, "--version")
    assert told.returncode == 0, told.stderr
    assert distribution("kerbgate").version in told.stdout


def _closure(*extras: str) -> dict[str, Distribution]:
    """What `pip install kerbgate[extras]` brings, here: name to distribution."""
    found: dict[str, Distribution] = {}
    waiting = [("kerbgate", frozenset(extras))]
    seen = set(waiting)
    while waiting:
        name, wanted = waiting.pop()
        found[name] = distribution(name)
        for line in found[name].requires or ():
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *wanted)):
                entry = (needed.name.lower(), frozenset(needed.extras))
                if entry not in seen:
                    seen.add(entry)
                    waiting.append(entry)
    del found["kerbgate"]
    return found


def _licence(of: Distribution) -> str:
    """The expression where there is one; else the classifiers; else the first line of the free text."""
    classifiers = [line.rpartition("::")[2].strip() for line in of.metadata.get_all("Classifier") or () if line.startswith("License ::")]
    told = {key: str(of.metadata[key]).partition("\n")[0] for key in ("License-Expression", "License") if key in of.metadata}
    return told.get("License-Expression") or " AND ".join(classifiers) or told.get("License", "")


def _permits(licence: str) -> bool:
    """Of alternatives one is enough, of what holds together every part must permit."""
    alternatives = [re.split(r"\s+and\s+", part) for part in re.split(r"\s+or\s+", licence.lower().replace("(", " ").replace(")", " "))]
    return any(
        all(part.strip().startswith(PERMISSIVE) and not any(word in part for word in BINDING) for part in parts) for parts in alternatives
    )


@pytest.mark.parametrize(
    ("licence", "permits"),
    [
        ("MIT", True),
        ("EPL-2.0 OR BSD-3-Clause", True),
        ("Apache-2.0 AND MIT", True),
        ("ISC License (ISCL)", True),
        ("MPL-2.0", False),
        ("MIT AND MPL-2.0", False),
        ("Mozilla Public License 2.0 (MPL 2.0)", False),
        ("GPL-3.0-or-later", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("", False),
    ],
)
def test_a_licence_is_read_right(licence: str, *, permits: bool) -> None:
    assert _permits(licence) is permits


def test_who_ships_a_gateway_is_bound_by_no_library() -> None:
    """The demo's extra too. What only developers run is free to be anything."""
    shipped = _closure("demo")
    assert {"pydantic", "pymodbus", "aiomqtt", "paho-mqtt", "amqtt"} <= shipped.keys()
    binding = {name: _licence(of) for name, of in shipped.items() if not _permits(_licence(of))}
    assert not binding, f"not permissive, or silent: {binding}"


def test_the_licence_is_in_the_checkout_and_in_the_metadata() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "The kerbgate authors" in text
    assert distribution("kerbgate").metadata["License-Expression"] == "Apache-2.0"
