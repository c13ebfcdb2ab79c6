"""One device profile, whole, for people: what is read where, what is written, and what is not certain."""

from collections.abc import Iterable, Sequence

import click

from config.profile import HealthRule, Identity, Point, Profile, Setting, Step, Table
from config.protocols import VOCABULARY
from config.sentences import say
from gateway.console.speech import language, tell


def show(profile: Profile, title: str, factory: str) -> None:
    modbus = not VOCABULARY[profile.protocol].fields
    limits = profile.limits
    tell("profiles.head", name=profile.profile, title=title)
    for sentence, said in (
        ("profiles.protocol", profile.protocol.value),
        ("profiles.factory", factory),
        ("profiles.source", profile.source),
    ):
        click.echo(f"  {say(sentence, language())}: {said}")
    _indented("profiles.polled", poll_s=profile.poll_s, answer_ms=limits.answer_ms, timeout_s=limits.timeout_s)
    if modbus:
        _indented("profiles.limits", registers=limits.registers_per_read, bits=limits.bits_per_read)
    _sub_units(profile)
    _list("profiles.points", [_point(point) for point in profile.points])
    _tags(profile)
    _list("profiles.health", [_rule(rule) for rule in profile.health])
    _list("profiles.before_read", [_step(step) for step in profile.before_read])
    _list("profiles.identity", [_compared(_register(each.table, each.address), each) for each in profile.identity])
    _list("profiles.settings", [line for setting in profile.settings for line in _setting(setting)])
    if profile.unverified:
        tell("profiles.not_confirmed", count=len(profile.unverified))
        for fact in profile.unverified:
            click.echo(f"  - {fact}")


def _indented(sentence: str, **values: object) -> None:
    click.echo("  " + say(sentence, language(), **values))


def _list(sentence: str, rows: Sequence[Iterable[str]]) -> None:
    """Cells that a line does not have are left out; columns are as wide as their widest cell."""
    if not rows:
        return
    click.echo(say(sentence, language()))
    cells = [list(row) for row in rows]
    widths = [max(len(row[at]) if at < len(row) else 0 for row in cells) for at in range(max(len(row) for row in cells))]
    for row in cells:
        click.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())


def _register(table: Table, address: int) -> str:
    return f"{table.value} {address} (0x{address:02X})"


def _place(each: Point | HealthRule) -> str:
    return each.field if each.field is not None else _register(each.table, each.address)


def _sub_units(profile: Profile) -> None:
    numbers = VOCABULARY[profile.protocol].sub_units
    if numbers is not None:
        _indented("profiles.sub_units", first=numbers[0], last=numbers[-1])
    elif (windows := profile.sub_units) is not None:
        _indented("profiles.sub_units", first=windows.first, last=windows.last)


def _tags(profile: Profile) -> None:
    tags = profile.tags
    if tags is not None:
        places = {"table": tags.table.value, "count_address": tags.count_address, "first_address": tags.first_address}
        tell("profiles.tags", entries=tags.entries, **places)
    elif VOCABULARY[profile.protocol].tags:
        tell("profiles.tags_of_the_answer")


def _point(point: Point) -> tuple[str, ...]:
    kind = point.type.value if point.bit is None else f"bit {point.bit}"
    if point.type.words > 1:
        kind += f" {point.word_order.value}"
    scale = "" if point.scale == 1 else f"× {point.scale:.9g}"
    if point.offset:
        scale += f" {point.offset:+g}"
    limits = "" if point.minimum is None and point.maximum is None else f"{_bound(point.minimum)} … {_bound(point.maximum)}"
    absent = "" if point.absent is None else f"≠ 0x{point.absent & 0xFFFF:04X}"
    # A field is a number of the answer's own kind.
    return point.key.value, _place(point), "" if point.field is not None else kind, scale, limits, absent


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _rule(rule: HealthRule) -> tuple[str, ...]:
    return (*_compared(_place(rule), rule), f"{rule.effect.value}: {rule.cause}")


def _compared(place: str, rule: HealthRule | Identity) -> tuple[str, str]:
    mask = "" if rule.mask == 0xFFFF else f"& 0x{rule.mask:04X} "
    return place, f"{mask}= {rule.equals} (0x{rule.equals:X})"


def _step(step: Step) -> tuple[str, ...]:
    return _register(step.table, step.address), f"← 0x{step.value:04X}", _waited(step.wait_ms)


def _waited(wait_ms: float) -> str:
    return say("profiles.wait", language(), wait_ms=wait_ms) if wait_ms else ""


def _setting(setting: Setting) -> Iterable[tuple[str, ...]]:
    """In the order of writing: keys that unlock, the setting itself, commands that save."""
    said = [_waited(setting.wait_ms)] if setting.wait_ms else []
    if setting.value is not None:
        said.append(say("profiles.value", language(), value=setting.value))
    if not setting.readable:
        said.append(say("profiles.not_readable", language()))
    limits = say("profiles.range", language(), minimum=setting.minimum, maximum=setting.maximum)
    yield from (("", *_step(step)) for step in setting.before)
    yield setting.name, _register(setting.table, setting.address), limits, "; ".join(said)
    yield from (("", *_step(step)) for step in setting.after)
