"""The real `kerbgate` as a process under a test's control, and the JSON lines that it logs."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KERBGATE = Path(sys.executable).with_name("kerbgate")
_WAIT_S = 20.0
_ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/tmp")}  # noqa: S108


def kerbgate(*arguments: str | Path, timeout_s: float = 60.0, **environment: str) -> subprocess.CompletedProcess[str]:
    """One verb, to its end."""
    return subprocess.run(
        [KERBGATE, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=timeout_s, env=_ENVIRONMENT | environment
    )


class Daemon:
    """Its log is read from a pipe: a limit on the size of its files is then none on what it says."""

    def __init__(self, site: Path, *options: str, **environment: str) -> None:
        command = [str(KERBGATE), "run", "--config", str(site), *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=_ENVIRONMENT | environment)
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                self._lines.append(line.decode())

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in list(self._lines) if line.startswith("{")]

    def text(self) -> str:
        return "".join(self._lines)

    def until(self, seen: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The first record that is seen; fails when it does not come or the daemon ends."""
        end = time.monotonic() + _WAIT_S
        while time.monotonic() < end:
            for record in self.log():
                if seen(record):
                    return record
            assert self.process.poll() is None, f"the daemon ended while waiting for {what}:\n{self.text()}"
            time.sleep(0.02)
        raise AssertionError(f"no {what} in:\n{self.text()}")

    def until_fault(self, sentence: str) -> dict[str, Any]:
        return self.until(lambda record: record.get("fault") == sentence, sentence)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        status = self.process.wait(_WAIT_S)
        self._reader.join(_WAIT_S)
        return status


@contextmanager
def daemon(site: Path, *options: str, **environment: str) -> Iterator[Daemon]:
    running = Daemon(site, *options, **environment)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop(signal.SIGKILL)
