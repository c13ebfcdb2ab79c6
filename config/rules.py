"""What concerns two places of a site at once, all of it: what is wrong, and what is allowed and yet hardly meant."""

from collections.abc import Iterator

from config.bindings import wrong_bindings
from config.finding import Finding
from config.lines import lonely, nearly_full, overloaded, shared_wires
from config.parts import Parts
from config.secret_files import open_to_all, wrong_files
from config.uplinks import worth_saying_of_uplink, wrong_uplinks


def wrong_in(parts: Parts) -> Iterator[Finding]:
    yield from wrong_bindings(parts)
    yield from shared_wires(parts)
    yield from overloaded(parts)
    yield from wrong_uplinks(parts)
    for uplink in parts.uplinks:
        yield from wrong_files(uplink)


def worth_saying(parts: Parts) -> Iterator[Finding]:
    """Advice: the site runs as it is."""
    yield from lonely(parts)
    yield from nearly_full(parts)
    for uplink in parts.uplinks:
        yield from worth_saying_of_uplink(uplink)
        yield from open_to_all(uplink)
