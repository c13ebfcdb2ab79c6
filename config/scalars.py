"""What a plain word of YAML means, by the core schema of YAML 1.2: `yes`, `no`, `on` and `off` are words, not booleans.

Source: YAML 1.2.2, section 10.3.2 (tag resolution of the core schema).
"""

import math
import re

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)

_LONGEST_NUMBER = 40


class NumberTooLargeError(ValueError):
    """No field of ours takes infinity, NaN, or a number of more than forty digits."""


def meaning(plain: str) -> str | int | float | bool | None:
    """The value of a scalar that was written without quotes."""
    if plain in _WORDS:
        return _WORDS[plain]
    if _NOT_FINITE.fullmatch(plain):
        raise NumberTooLargeError(plain)
    if not (plain[0].isdigit() or plain[0] in "+-."):
        return plain
    for form, base in ((_INTEGER, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if form.fullmatch(plain):
            if len(plain) > _LONGEST_NUMBER:
                raise NumberTooLargeError(plain)
            return int(plain[2:], base) if base != 10 else int(plain)
    if _FLOAT.fullmatch(plain):
        number = float(plain)
        if not math.isfinite(number):
            raise NumberTooLargeError(plain)
        return number
    return plain
