"""A real mosquitto under a test's control: started on a loopback port of its own, killed, and started on that port again."""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.programs import program

_START_S = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Certificates:
    """An authority, a server certificate for 127.0.0.1 and localhost, and another authority that did not sign it."""

    ca: Path
    certificate: Path
    key: Path
    other_ca: Path


class Mosquitto:
    """`port` is stable from one start to the next."""

    def __init__(
        self,
        folder: Path,
        *,
        password: tuple[str, str] | None = None,
        tls: Certificates | None = None,
        host: str = "127.0.0.1",
        more: Sequence[str] = (),
    ) -> None:
        """`more` are lines of its configuration."""
        self.port = free_port()
        self.host = host
        self._folder = folder
        self._tls = tls
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"listener {self.port} {host}", "max_queued_messages 100000", "max_inflight_messages 100", "persistence false"]
        # Else a small answer behind another waits 40 ms for the kernel's delayed acknowledgement: an hour of virtual time stands by then.
        lines.append("set_tcp_nodelay true")
        if os.geteuid() == 0:
            # Else it gives up its rights and can't read the files of this test.
            lines.append("user root")
        if password is None:
            lines.append("allow_anonymous true")
        else:
            passwords = folder / "passwords"
            subprocess.run([program("mosquitto_passwd"), "-b", "-c", passwords, *password], check=True, capture_output=True)
            passwords.chmod(0o600)
            lines += ["allow_anonymous false", f"password_file {passwords}"]
        if tls is not None:
            lines += [f"certfile {tls.certificate}", f"keyfile {tls.key}"]
        lines += more
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        """Returns once it listens."""
        assert self._process is None
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([program("mosquitto"), "-c", self._configuration], stdout=log, stderr=log)
        end = time.monotonic() + _START_S
        while True:
            try:
                with socket.create_connection((self.host, self.port), 1):
                    return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > end:
                    pytest.fail(f"mosquitto did not start: {(self._folder / 'mosquitto.log').read_text()}")
                time.sleep(0.01)

    def kill(self) -> None:
        """As a power cut would: it keeps nothing, and says nothing to its clients."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """It takes connections and bytes, and does not answer."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait(10)
            self._process = None


@contextmanager
def mosquitto(
    folder: Path,
    *,
    password: tuple[str, str] | None = None,
    tls: Certificates | None = None,
    host: str = "127.0.0.1",
    more: Sequence[str] = (),
) -> Iterator[Mosquitto]:
    broker = Mosquitto(folder, password=password, tls=tls, host=host, more=more)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@dataclass(frozen=True, slots=True)
class Received:
    topic: str
    payload: str


class Subscriber:
    """mosquitto_sub: a program that is not ours, seeing what a platform sees. A batch counts as its events, one by one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._events: deque[Received] = deque()

    async def next(self, timeout_s: float = 15.0) -> Received:
        while not self._events:
            message = await self.message(timeout_s)
            if not message.payload.startswith("["):
                return message
            self._events += (Received(message.topic, json.dumps(event, separators=(",", ":"))) for event in json.loads(message.payload))
        return self._events.popleft()

    async def message(self, timeout_s: float = 15.0) -> Received:
        assert self._process.stdout is not None
        line = "Client"
        async with asyncio.timeout(timeout_s):
            while line.startswith("Client"):  # What -d tells of its packets.
                line = (await self._process.stdout.readline()).decode()
        assert line, "mosquitto_sub has ended"
        topic, _, payload = line.rstrip("\n").partition(" ")
        return Received(topic, payload)

    async def take(self, count: int, timeout_s: float = 15.0) -> list[Received]:
        return [await self.next(timeout_s) for _ in range(count)]


@asynccontextmanager
async def subscribed(broker: Mosquitto, topic: str, *options: str) -> AsyncIterator[Subscriber]:
    """Returns once the broker has granted the subscription."""
    # Line by line: it would keep back what it says until there is much of it.
    command = [
        "stdbuf",
        "-oL",
        program("mosquitto_sub"),
        "-h",
        broker.host,
        "-p",
        str(broker.port),
        "-t",
        topic,
        "-q",
        "1",
        "-v",
        "-d",
        *options,
    ]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    try:
        subscriber = Subscriber(process)
        assert process.stdout is not None
        while not (line := await process.stdout.readline()).startswith(b"Subscribed"):
            assert line, "mosquitto_sub could not subscribe"
        yield subscriber
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def make_certificates(folder: Path) -> Certificates:
    """By openssl, as an installer would make them."""
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*words: str | Path) -> None:
        subprocess.run([program("openssl"), *words], check=True, capture_output=True, cwd=folder)

    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN=test {name}")  # fmt: skip
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=broker")  # fmt: skip
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "server.pem")  # fmt: skip
    ssl.create_default_context(cafile=folder / "ca.pem")
    return Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key", folder / "other.pem")
