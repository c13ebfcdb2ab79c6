"""A skip is a failure in CI and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT

SKIPPING = """
import pytest

@pytest.mark.skip(reason="by a mark")
def test_marked(): ...

def test_called():
    pytest.skip("by a call")

@pytest.mark.xfail(reason="known", strict=True)
def test_expected():
    assert False

def test_runs(): ...
"""


def _run(folder: Path, text: str, no_skips: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"), "utf-8")
    (folder / "test_skipping.py").write_text(text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    environment = {**os.environ, "KERBGATE_NO_SKIPS": no_skips}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_without_the_setting_skips_are_skips(tmp_path: Path) -> None:
    ran = _run(tmp_path, SKIPPING, "")
    assert ran.returncode == 0, ran.stdout
    assert "1 passed, 2 skipped, 1 xfailed" in ran.stdout


def test_with_the_setting_every_skip_fails_and_says_why(tmp_path: Path) -> None:
    ran = _run(tmp_path, SKIPPING, "1")
    assert ran.returncode == 1, ran.stdout
    assert "1 failed, 1 passed, 1 xfailed, 1 error" in ran.stdout  # a mark skips before the test has begun
    assert "by a mark" in ran.stdout
    assert "by a call" in ran.stdout
    assert "here a skip is a failure" in ran.stdout


@pytest.mark.parametrize(("no_skips", "status"), [("", 0), ("1", 2)])
def test_a_whole_file_that_skips_counts_too(tmp_path: Path, no_skips: str, status: int) -> None:
    text = "import pytest\npytest.importorskip('a_module_that_is_not_there')\n\ndef test_never(): ...\n"
    ran = _run(tmp_path, text + SKIPPING, no_skips)
    assert ran.returncode == (status or 5), ran.stdout
