"""Real programs that tests run: found on the PATH, else the test is skipped with one line on how to install it.

Where KERBGATE_NO_SKIPS is set (CI), a program that is missing fails the test instead.
"""

import os
import shutil

import pytest

_PACKAGES = {
    "mosquitto": "mosquitto",
    "mosquitto_sub": "mosquitto-clients",
    "mosquitto_pub": "mosquitto-clients",
    "mosquitto_passwd": "mosquitto",
    "mbpoll": "mbpoll",
    "gcc": "gcc libmodbus-dev pkg-config",
    "openssl": "openssl",
    "nats-server": "nats-server",
    "rabbitmq-server": "rabbitmq-server",
    "epmd": "erlang-base",
    "strace": "strace",
    "unshare": "util-linux",
}


def program(name: str) -> str:
    """Its path. `/usr/sbin` is looked at too: Debian keeps brokers there and ordinary users do not have it on the PATH."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")
    if found is None:
        sentence = f"{name} is not installed; on Debian: apt-get install {_PACKAGES[name]}"
        if os.environ.get("KERBGATE_NO_SKIPS"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    return found
