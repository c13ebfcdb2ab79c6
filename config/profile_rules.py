"""What concerns two places of a profile at once, and would only show on the wire."""

from collections.abc import Iterator

from config.finding import Finding, finding
from config.nearest import nearest
from config.profile import HealthRule, Identity, Key, Point, Profile, Setting, Step, Table, WordOrder
from config.protocols import VOCABULARY, Protocol
from config.tree import Path

LAST_ADDRESS = 65535


def wrong_in_profile(profile: Profile, stem: str) -> Iterator[Finding]:
    """`stem` is the name of the file, which must be the profile's own, so that a name leads to its file."""
    if profile.profile != stem:
        yield finding(("profile",), "config.profile_file_name", name=profile.profile, stem=stem)
    yield from _wrong_places(profile)
    yield from _wrong_points(profile)
    yield from _wrong_health(profile)
    yield from _wrong_tags(profile)
    yield from _wrong_windows(profile)
    yield from _wrong_settings(profile)
    yield from _wrong_writes(profile)
    yield from _wrong_variants(profile)


_OF_MODBUS = ("tags", "before_read", "identity", "settings", "sub_units")


def _wrong_places(profile: Profile) -> Iterator[Finding]:
    """Modbus names a value by its address, every other protocol by its field."""
    modbus = profile.protocol is Protocol.MODBUS
    known = VOCABULARY[profile.protocol].fields
    places: list[tuple[Path, Point | HealthRule]] = []
    places += [(("points", index), point) for index, point in enumerate(profile.points)]
    places += [(("health", index), rule) for index, rule in enumerate(profile.health)]
    protocol, names = profile.protocol.value, ", ".join(known)
    for path, each in places:
        given = each.model_fields_set
        if modbus and "address" not in given:
            yield finding(path, "config.address_missing")
        if modbus and each.field is not None:
            yield finding((*path, "field"), "config.field_needless", at_key=True)
        if not modbus and each.field is None:
            yield finding(path, "config.field_missing", protocol=protocol, known=names)
        elif not modbus and each.field not in known:
            meant = nearest(str(each.field), known)
            hint = "config.did_you_mean" if meant else None
            yield finding(
                (*path, "field"), "config.field_unknown", hint=hint, field=each.field, protocol=protocol, known=names, nearest=meant
            )
        for key in ("address", "table", "bit", "word_order"):
            if not modbus and key in given:
                yield finding((*path, key), "config.only_modbus", at_key=True, key=key, protocol=profile.protocol.value)
    for key in _OF_MODBUS:
        if not modbus and key in profile.model_fields_set:
            yield finding((key,), "config.only_modbus", at_key=True, key=key, protocol=profile.protocol.value)


def _wrong_settings(profile: Profile) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, setting in enumerate(profile.settings):
        at = ("settings", index)
        if setting.name in first:
            yield finding((*at, "name"), "config.setting_twice", name=setting.name, other=("settings", first[setting.name], "name"))
        first.setdefault(setting.name, index)
        if setting.minimum > setting.maximum:
            yield finding((*at, "minimum"), "config.point_limits", minimum=setting.minimum, maximum=setting.maximum)
        elif setting.value is not None and not setting.minimum <= setting.value <= setting.maximum:
            yield finding(
                (*at, "value"), "config.setting_range", name=setting.name, value=setting.value, least=setting.minimum, most=setting.maximum
            )


def _wrong_writes(profile: Profile) -> Iterator[Finding]:
    """Modbus writes coils and holding registers only, and a coil takes no more than 1."""
    for path, written in _writes(profile):
        if written.table not in (Table.COIL, Table.HOLDING):
            yield finding((*path, "table"), "config.not_writable", table=written.table.value)
        most = written.maximum if isinstance(written, Setting) else written.value
        if written.table is Table.COIL and most > 1:
            at = "maximum" if isinstance(written, Setting) else "value"
            yield finding((*path, at), "config.coil_value", value=most)


def _writes(profile: Profile) -> Iterator[tuple[Path, Step | Setting]]:
    for index, step in enumerate(profile.before_read):
        yield ("before_read", index), step
    for index, setting in enumerate(profile.settings):
        yield ("settings", index), setting
        for key, steps in (("before", setting.before), ("after", setting.after)):
            yield from ((("settings", index, key, at), step) for at, step in enumerate(steps))


def _wrong_variants(profile: Profile) -> Iterator[Finding]:
    keys = {point.key for point in profile.points}
    first: dict[str, int] = {}
    for index, variant in enumerate(profile.variants):
        at = ("variants", index)
        if not variant.profile.startswith(profile.profile):
            yield finding((*at, "profile"), "config.variant_name", name=variant.profile, base=profile.profile)
        if variant.profile in first:
            yield finding(
                (*at, "profile"), "config.variant_twice", name=variant.profile, other=("variants", first[variant.profile], "profile")
            )
        first.setdefault(variant.profile, index)
        for key, scale in variant.scale.items():
            if key not in keys:
                yield finding((*at, "scale", key.value), "config.variant_key", at_key=True, key=key.value)
            elif scale == 0:
                yield finding((*at, "scale", key.value), "config.point_scale")


def _wrong_points(profile: Profile) -> Iterator[Finding]:
    first: dict[Key, int] = {}
    for index, point in enumerate(profile.points):
        at = ("points", index)
        if point.key in first:
            yield finding((*at, "key"), "config.point_twice", key=point.key.value, other=("points", first[point.key], "key"))
        first.setdefault(point.key, index)
        if point.table.is_bits != (point.type.value == "bit") and (point.table.is_bits or point.bit is None):
            yield finding((*at, "type"), "config.point_type_of_table", type=point.type.value, table=point.table.value)
        if point.bit is not None and (point.table.is_bits or point.type.words > 1):
            yield finding((*at, "bit"), "config.point_bit")
        if point.minimum is not None and point.maximum is not None and point.minimum >= point.maximum:
            yield finding((*at, "minimum"), "config.point_limits", minimum=point.minimum, maximum=point.maximum)
        if point.word_order is not WordOrder.BIG and point.type.words == 1:
            yield finding((*at, "word_order"), "config.word_order_needless", at_key=True, type=point.type.value)
        if point.scale == 0:
            yield finding((*at, "scale"), "config.point_scale")


def _wrong_health(profile: Profile) -> Iterator[Finding]:
    """A mark that no register can show would never be seen; for an identity, every device would be a stranger."""
    marks: list[tuple[Path, HealthRule | Identity]] = []
    marks += [(("health", index), rule) for index, rule in enumerate(profile.health)]
    marks += [(("identity", index), identity) for index, identity in enumerate(profile.identity)]
    for path, mark in marks:
        allowed = 1 if mark.table.is_bits else mark.mask
        if mark.equals & ~allowed:
            yield finding((*path, "equals"), "config.health_never", equals=f"0x{mark.equals:04X}", mask=f"0x{allowed:04X}")


def _wrong_tags(profile: Profile) -> Iterator[Finding]:
    tags = profile.tags
    if tags is None:
        return
    words = tags.entries * tags.stride
    if tags.table.is_bits:
        yield finding(("tags", "table"), "config.tags_in_bits", table=tags.table.value)
    if words > profile.limits.registers_per_read:
        yield finding(("tags", "entries"), "config.tags_too_long", words=words, most=profile.limits.registers_per_read)
    if tags.first_address <= tags.count_address < tags.first_address + words:
        yield finding(("tags", "count_address"), "config.tags_over_count")


def _wrong_windows(profile: Profile) -> Iterator[Finding]:
    windows = profile.sub_units
    last = 0
    if windows is not None:
        if windows.last < windows.first:
            yield finding(("sub_units", "last"), "config.windows_reversed", first=windows.first, last=windows.last)
            return
        last = (windows.last - windows.first) * windows.stride + windows.base
    for path, address, words in _spans(profile):
        if address + words > LAST_ADDRESS + 1 - last:
            yield finding(path, "config.address_too_high", address=address + last + words - 1)
        elif windows is not None and windows.last > windows.first and address + words > windows.stride:
            yield finding(path, "config.outside_the_window", address=address, stride=windows.stride)


def _spans(profile: Profile) -> Iterator[tuple[Path, int, int]]:
    for index, point in enumerate(profile.points):
        yield ("points", index, "address"), point.address, point.type.words
    for path, written in _writes(profile):
        yield (*path, "address"), written.address, 1
    for index, rule in enumerate(profile.health):
        yield ("health", index, "address"), rule.address, 1
    if profile.tags is not None:
        yield ("tags", "count_address"), profile.tags.count_address, 1
        yield ("tags", "first_address"), profile.tags.first_address, profile.tags.entries * profile.tags.stride
