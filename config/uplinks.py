"""Rules about uplinks: each has a name and a broker of its own, and a password stays between them."""

from collections.abc import Iterator

from config.finding import Finding, finding
from config.mistakes import shown
from config.parts import Parts, Placed
from config.site import Uplink


def wrong_uplinks(parts: Parts) -> Iterator[Finding]:
    if parts.uplink_twice:
        yield finding(("uplinks",), "config.uplink_and_uplinks", at_key=True)
    names: dict[str, Placed[Uplink]] = {}
    brokers: dict[tuple[str, int], Placed[Uplink]] = {}
    for placed in parts.uplinks:
        uplink = placed.item
        other = names.setdefault(uplink.name, placed)
        if other is not placed:
            at = "name" if "name" in uplink.model_fields_set else "host"
            yield finding((*placed.path, at), "config.uplink_name_twice", name=shown(uplink.name), other=other.path)
        broker = (uplink.host.lower(), port_of(uplink))
        other = brokers.setdefault(broker, placed)
        # One client id, which is the gateway's name: the second connection ends the first, for ever in turn.
        if other is not placed:
            yield finding((*placed.path, "host"), "config.uplink_broker_twice", host=shown(uplink.host), port=broker[1], other=other.path)


def port_of(uplink: Uplink) -> int:
    return uplink.port or (1883 if uplink.tls is None else 8883)


def worth_saying_of_uplink(placed: Placed[Uplink]) -> Iterator[Finding]:
    uplink = placed.item
    local = ("localhost", "127.0.0.1", "::1")
    if uplink.username is not None and uplink.tls is None and uplink.host not in local:
        yield finding((*placed.path, "username"), "config.password_in_clear", host=shown(uplink.host))
