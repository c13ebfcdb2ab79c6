"""`dev`: sets up an environment once, survives what happens to it, and hands over. Installers here are programs of ours.

That the real ones do it, on a bare Debian, is proved by .ci/bare.
"""

import ast
import importlib.machinery
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.checkout import ROOT

PATIENCE_S = 20
# Installs what the tests look at: programs that say what they were called with.
UV = """#!/bin/sh
echo "$@" >> "{log}/uv"
echo "fetching"
{extra}
for name in kerbgate pytest ruff mypy lint-imports; do
    printf '#!/bin/sh\\necho %s "$PWD" "PYTHONPATH=$PYTHONPATH" "$@"\\nexit ${{FAIL_%s:-0}}\\n' \\
        "$name" "$(echo $name | tr - _)" > ".venv/bin/$name"
    chmod +x ".venv/bin/$name"
done
"""


class Checkout:
    """A checkout with a blank and an umlaut in its path, and an installer that counts how often it was called."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a bläck path"
        self.programs = folder / "bin"
        self.log = folder / "log"
        for place in (self.root / "config", self.programs, self.log):
            place.mkdir(parents=True)
        shutil.copy(ROOT / "dev", self.root / "dev")
        (self.root / "pyproject.toml").write_text("[project]\nname = 'x'\n")
        (self.root / "config" / "__init__.py").write_text("")
        (self.root / "config" / "schema.py").write_text("print('the schema is stale')\nraise SystemExit(1)\n")
        self.installer()

    def installer(self, extra: str = "", name: str = "uv") -> None:
        program = self.programs / name
        program.write_text(UV.format(log=self.log, extra=extra))
        program.chmod(0o755)

    def environment(self, **more: str) -> dict[str, str]:
        return {"PATH": f"{self.programs}:/usr/bin:/bin", "PIP_NO_INDEX": "1", "LANG": "C.UTF-8", **more}

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(self.root / "dev"), *arguments]
        return subprocess.Popen(command, env=self.environment(**more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments: str, folder: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(self.root / "dev"), *arguments]
        return subprocess.run(
            command, cwd=folder, env=self.environment(**more), capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )

    def installs(self) -> int:
        log = self.log / "uv"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def stamp(self) -> Path:
        return self.root / ".venv" / "kerbgate-set-up"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def _until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def _module(path: Path) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("dev_script", str(path))
    spec = importlib.util.spec_from_loader("dev_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_without_arguments_it_says_what_it_offers_and_sets_nothing_up(checkout: Checkout) -> None:
    told = checkout.run()
    assert told.returncode == 0
    assert all(f"./dev {verb}" in told.stdout for verb in ("demo", "test", "check"))
    assert not (checkout.root / ".venv").exists()


def test_an_unknown_verb_is_named_and_the_status_is_2(checkout: Checkout) -> None:
    for arguments in (["tets"], ["check", "everything"]):
        told = checkout.run(*arguments)
        assert told.returncode == 2
        assert "./dev does not know: " + " ".join(arguments) in told.stderr
        assert "./dev test" in told.stderr


def test_the_first_run_sets_up_with_one_line_and_the_second_has_nothing_to_do(checkout: Checkout) -> None:
    first = checkout.run("demo", "--seconds", "3")
    assert first.returncode == 0, first.stderr
    assert first.stderr == "Setting up .venv with uv ...\n"
    assert first.stdout.startswith("kerbgate ")
    assert first.stdout.endswith(" demo --seconds 3\n")
    second = checkout.run("demo")
    assert (second.returncode, second.stderr) == (0, "")
    assert checkout.installs() == 1


def test_it_brings_the_environment_up_to_date_when_what_it_is_made_from_changes(checkout: Checkout) -> None:
    checkout.run("demo")
    kept = checkout.root / ".venv" / "bin" / "kept"
    kept.touch()
    (checkout.root / "pyproject.toml").write_text("[project]\nname = 'y'\n")
    assert checkout.run("demo").stderr == "Updating .venv with uv ...\n"
    (checkout.root / "constraints.txt").write_text("pytest<10\n")
    assert checkout.run("demo").returncode == 0
    assert "--constraint constraints.txt --editable .[demo,dev]" in (checkout.log / "uv").read_text().splitlines()[-1]
    assert checkout.installs() == 3
    assert kept.exists()


def test_an_update_that_was_cut_short_is_made_anew(checkout: Checkout) -> None:
    checkout.run("demo")
    (checkout.root / "pyproject.toml").write_text("[build-system]\nrequires = ['no-such-thing-of-kerbgate']\n")
    checkout.installer("touch .venv/half; exit 1")
    assert checkout.run("demo").returncode == 1
    checkout.installer()
    assert checkout.run("demo").stderr == "Setting up .venv with uv ...\n"
    assert not (checkout.root / ".venv" / "half").exists()


@pytest.mark.parametrize("damage", ["another python", "no interpreter", "no stamp", "moved"])
def test_an_environment_that_can_not_work_is_made_anew(checkout: Checkout, damage: str) -> None:
    checkout.run("demo")
    kept = checkout.root / ".venv" / "bin" / "kept"
    kept.touch()
    if damage == "another python":
        checkout.stamp().write_text("3.11.0 of yesterday\n" + checkout.stamp().read_text())
    elif damage == "no interpreter":
        (checkout.root / ".venv" / "bin" / "python").unlink()
        (checkout.root / ".venv" / "bin" / "python").symlink_to("/no/such/python")
    elif damage == "no stamp":
        checkout.stamp().unlink()
    else:
        elsewhere = checkout.root.with_name("elsewhere")
        checkout.root.rename(elsewhere)
        checkout.root = elsewhere
        kept = elsewhere / ".venv" / "bin" / "kept"
    again = checkout.run("demo")
    assert (again.returncode, again.stderr) == (0, "Setting up .venv with uv ...\n")
    assert checkout.installs() == 2
    assert not kept.exists()


def test_when_uv_fails_pip_has_a_try_and_then_both_have_failed_in_two_sentences(checkout: Checkout) -> None:
    if not any(installer[0] != shutil.which("uv") for installer in _module(ROOT / "dev").installers()):
        pytest.skip("pip 22.3 or newer is not installed; on Debian: apt-get install python3-pip")
    checkout.installer("echo 'no route to anywhere'; exit 1")
    (checkout.root / "pyproject.toml").write_text("[build-system]\nrequires = ['no-such-thing-of-kerbgate']\n")
    told = checkout.run("demo")
    assert told.returncode == 1
    assert "with uv ..." in told.stderr
    assert "with pip ..." in told.stderr
    assert "no-such-thing-of-kerbgate" in told.stderr, "what pip said last"
    assert "The libraries could not be installed; all of the output is in" in told.stderr
    assert "run the same again" in told.stderr.splitlines()[-1]
    assert "Traceback" not in told.stderr
    assert not checkout.stamp().exists()
    assert "no route to anywhere" in (checkout.root / ".venv.log").read_text()
    checkout.installer()
    assert checkout.run("demo").returncode == 0


def test_with_neither_uv_nor_a_new_enough_pip_it_says_what_to_install(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    module = _module(checkout.root / "dev")
    old = checkout.programs / "pip3"
    old.write_text("#!/bin/sh\necho 'pip 20.3.4 from somewhere'\n")
    old.chmod(0o755)
    (checkout.programs / "uv").unlink()
    monkeypatch.setenv("PATH", str(checkout.programs))
    monkeypatch.setattr(module, "PYTHON", "/bin/false")
    with pytest.raises(module.SetupFailed, match=r"pip 22\.3 or newer(.|\n)*apt-get install python3-pip"):
        module.set_up()
    assert not checkout.stamp().exists()


def test_two_at_once_set_up_once(checkout: Checkout) -> None:
    gate = checkout.log / "gate"
    checkout.installer(f'touch "{checkout.log}/begun"; while [ ! -e "{gate}" ]; do sleep 0.05; done')
    first = checkout.start("demo")
    _until((checkout.log / "begun").exists)
    second = checkout.start("demo")
    assert second.stderr is not None
    assert second.stderr.readline() == "Another ./dev is setting up .venv; waiting for it.\n"
    gate.touch()
    for one in (first, second):
        said = one.communicate(timeout=PATIENCE_S)
        assert one.returncode == 0, said
    assert checkout.installs() == 1


def test_a_killed_set_up_is_waited_for_and_done_again_from_the_start(checkout: Checkout) -> None:
    gate = checkout.log / "gate"
    checkout.installer(f'touch "{checkout.log}/begun" .venv/half; while [ ! -e "{gate}" ]; do sleep 0.05; done')
    first = checkout.start("demo")
    _until((checkout.log / "begun").exists)
    first.kill()
    first.communicate(timeout=PATIENCE_S)
    second = checkout.start("demo")
    assert second.stderr is not None
    # The installer of the killed one still writes; it holds the lock that it has inherited.
    assert second.stderr.readline() == "Another ./dev is setting up .venv; waiting for it.\n"
    checkout.installer("[ ! -e .venv/half ]")
    gate.touch()
    said = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 0, said
    assert checkout.installs() == 2
    assert not (checkout.root / ".venv" / "half").exists()


def test_an_interrupted_set_up_says_so_and_is_not_taken_for_complete(checkout: Checkout) -> None:
    checkout.installer(f'touch "{checkout.log}/begun"; exec sleep 60')
    first = checkout.start("demo")
    _until((checkout.log / "begun").exists)
    first.send_signal(signal.SIGINT)
    said = first.communicate(timeout=PATIENCE_S)[1]
    assert first.returncode == 130
    assert "the same command takes it up again" in said
    assert "Traceback" not in said
    assert not checkout.stamp().exists()
    checkout.installer()
    assert checkout.run("demo").returncode == 0


@pytest.mark.parametrize("pause", ["", "sleep 0.01;", "sleep 1.01;"], ids=["at once", "a moment later", "as the progress is told"])
def test_an_interrupt_at_an_awkward_moment_leaves_no_installer_behind_that_holds_the_lock(checkout: Checkout, pause: str) -> None:
    for _ in range(3):
        checkout.installer(f"{pause} kill -INT $PPID; exec sleep 60")
        assert checkout.run("demo").returncode == 130
    checkout.installer()
    again = checkout.run("demo")
    assert again.returncode == 0
    assert "Another ./dev" not in again.stderr


@pytest.mark.parametrize("home", [{}, {"HOME": "/proc"}], ids=["no HOME", "a HOME that nobody can write"])
def test_it_needs_no_home(checkout: Checkout, home: dict[str, str]) -> None:
    told = checkout.run("demo", folder=None, **home)
    assert told.returncode == 0, told.stderr


def test_a_checkout_that_can_not_be_written_is_told_in_two_sentences(checkout: Checkout) -> None:
    (checkout.root / ".venv.lock").mkdir()  # refuses root, too
    told = checkout.run("demo")
    assert told.returncode == 1
    assert "The environment can't be written" in told.stderr
    assert len(told.stderr.splitlines()) == 2


def test_what_would_bend_the_environment_is_left_out(checkout: Checkout) -> None:
    told = checkout.run("demo", PYTHONPATH="/another/project", PIP_USER="1", PIP_TARGET="/somewhere")
    assert told.returncode == 0, told.stderr
    assert "PYTHONPATH= " in told.stdout


def test_pytest_runs_at_the_root_and_takes_paths_from_where_the_caller_stands(checkout: Checkout) -> None:
    (checkout.root / "config" / "test_it.py").touch()
    told = checkout.run("test", "-x", "test_it.py::test_one", "-k", "name", folder=checkout.root / "config", FAIL_pytest="3")
    assert told.returncode == 3
    assert told.stdout.startswith(f"pytest {checkout.root} ")
    assert told.stdout.endswith(f" -x {checkout.root}/config/test_it.py::test_one -k name\n")


def test_check_runs_all_and_gives_each_a_line(checkout: Checkout) -> None:
    told = checkout.run("check", FAIL_mypy="1")
    assert told.returncode == 1
    verdicts = {line[8:33].strip(): line[:7].strip() for line in told.stdout.splitlines() if not line.startswith(" ")}
    assert verdicts == {
        "ruff check": "ok",
        "ruff format": "ok",
        "mypy": "FAILED",
        "mypy of the scripts": "FAILED",
        "import-linter": "ok",
        "JSON Schema of a site": "FAILED",
    }
    assert "        the schema is stale" in told.stdout.splitlines()
    assert "        ruff" not in told.stdout, "who is well says nothing"
    (checkout.root / "config" / "schema.py").write_text("")
    assert checkout.run("check").returncode == 0


def test_an_old_python_can_read_it_and_is_told_in_one_sentence(checkout: Checkout) -> None:
    text = (ROOT / "dev").read_text("utf-8")
    ast.parse(text, feature_version=(3, 6))
    script = "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = ['dev', 'test']; runpy.run_path(sys.argv[0], run_name='__main__')"
    told = subprocess.run([sys.executable, "-c", script], cwd=checkout.root, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "kerbgate needs Python 3.11 or newer; this is Python 3.9" in told.stderr
    assert "python3.11 dev test" in told.stderr
    assert not (checkout.root / ".venv").exists()


def test_the_programs_are_executable() -> None:
    for name, language in (("dev", "python3"), (".ci/run", "bash"), (".ci/bare", "python3")):
        assert os.access(ROOT / name, os.X_OK), name
        assert (ROOT / name).read_text("utf-8").startswith(f"#!/usr/bin/env {language}\n")


def test_what_runs_everything_is_understood_by_bash_that_is_handed_the_file() -> None:
    # An integration server starts `bash .ci/run`: the first line is not asked, and a Python program there ends before its first test.
    told = subprocess.run(["bash", "-n", str(ROOT / ".ci/run")], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
