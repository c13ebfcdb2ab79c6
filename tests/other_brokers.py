"""Brokers of other kinds than mosquitto under a test's control: strict about topics, without MQTT 5, and durable through SIGKILL."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.brokers import free_port
from tests.programs import program


class Broker:
    """Started by `command`; `port` speaks MQTT, and is stable from one start to the next."""

    start_s = 20.0

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.host = "127.0.0.1"
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> tuple[list[str], dict[str, str]]:
        """Words, and what the environment has beyond ours."""
        raise NotImplementedError

    def start(self) -> None:
        """Returns once it listens."""
        assert self._process is None
        words, more = self.command()
        with (self._folder / "broker.log").open("ab") as log:
            # A group of its own: what it starts is killed with it.
            self._process = subprocess.Popen(words, stdout=log, stderr=log, env=os.environ | more, start_new_session=True)
        end = time.monotonic() + self.start_s
        while True:
            if self._listens():
                return
            if self._process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{words[0]} did not start: {(self._folder / 'broker.log').read_text()[-2000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """Returns once nothing listens: what is killed in a group ends one after the other."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
            self._process = None
            while self._listens():
                time.sleep(0.01)

    def _listens(self) -> bool:
        try:
            socket.create_connection((self.host, self.port), 1).close()
        except OSError:
            return False
        return True


class Nats(Broker):
    """No MQTT 5 (refused by word), no QoS 2, no dots and spaces in topics; keeps what it acknowledged."""

    def command(self) -> tuple[list[str], dict[str, str]]:
        configuration = self._folder / "nats.conf"
        configuration.write_text(
            f'server_name: test\nlisten: "127.0.0.1:{free_port()}"\n'
            f'jetstream {{ store_dir: "{self._folder / "store"}" }}\nmqtt {{ listen: "127.0.0.1:{self.port}" }}\n'
        )
        return [program("nats-server"), "-c", str(configuration)], {}


class RabbitMq(Broker):
    """No MQTT 5 (closes without a CONNACK), topics rewritten; keeps what it acknowledged. Takes ten seconds to start."""

    start_s = 90.0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._names = free_port()
        self._ports = (free_port(), free_port())
        self._epmd: subprocess.Popen[bytes] | None = None

    def command(self) -> tuple[list[str], dict[str, str]]:
        server = program("rabbitmq-server")
        # Debian's own program changes the user; the one that it starts does not.
        inner = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
        amqp, distribution = self._ports
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{amqp}\nmqtt.listeners.tcp.1 = 127.0.0.1:{self.port}\nmqtt.allow_anonymous = true\n"
            "mqtt.default_user = guest\nmqtt.default_pass = guest\nmqtt.vhost = /\nmqtt.exchange = amq.topic\n"
            "mqtt.subscription_ttl = 604800000\nmqtt.prefetch = 100\n"
        )
        (self._folder / "plugins").write_text("[rabbitmq_mqtt].\n")
        # Its name server would otherwise be started once, for good, and by somebody else.
        if self._epmd is None:
            self._epmd = subprocess.Popen([program("epmd"), "-port", str(self._names)])
        more = {
            "HOME": str(self._folder),
            "ERL_EPMD_PORT": str(self._names),
            "RABBITMQ_NODENAME": f"test{self._names}@localhost",
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "mnesia"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            "RABBITMQ_DIST_PORT": str(distribution),
        }
        return [str(inner) if inner.exists() else server], more

    def end(self) -> None:
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait(10)


@contextmanager
def nats(folder: Path) -> Iterator[Nats]:
    broker = Nats(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@contextmanager
def rabbitmq(folder: Path) -> Iterator[RabbitMq]:
    broker = RabbitMq(folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()
        broker.end()
