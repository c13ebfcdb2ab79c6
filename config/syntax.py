"""Where a file is no YAML: the parser's complaint in words that help somebody who never read its grammar."""

from config.mistakes import Mistake, shown

UNCLOSED_QUOTE = "while scanning a quoted scalar"

_COMPLAINTS = (
    ("mapping values are not allowed here", "config.colon_here"),
    (UNCLOSED_QUOTE, "config.quote_not_closed"),
    ("unknown escape character", "config.unknown_escape"),
    ("while parsing a flow", "config.bracket_not_closed"),
    ("while parsing a block collection", "config.indentation"),
    ("while parsing a block mapping", "config.indentation"),
    ("could not find expected ':'", "config.colon_missing"),
    ("that cannot start any token", "config.quote_needed"),
    ("version 1.", "config.wrong_version"),
)


def broken(file: str, text: str, context: str, problem: str, line: int, column: int) -> list[Mistake]:
    """The mistake at this place (counted from 0); where tabs are to blame, one for each line that begins with one."""
    lines = text.splitlines()
    here = lines[line] if line < len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())] or "'\\t'" in problem:
        return _tabs(file, lines, line, column)
    complaint = f"{context} {problem}"
    sentence = next((sentence for words, sentence in _COMPLAINTS if words in complaint), "config.no_yaml")
    found = shown(here[column:].split(" ")[0]) if column < len(here) else ""
    return [Mistake(file, line + 1, column + 1, sentence, (("found", found),))]


def unreadable_character(file: str, text: str, position: int, character: object) -> Mistake:
    """A control character, which YAML has no place for."""
    before = text[:position]
    code = character if isinstance(character, int) else ord(str(character)[0])
    return Mistake(file, before.count("\n") + 1, position - before.rfind("\n"), "config.bad_character", (("code", f"U+{code:04X}"),))


def _tabs(file: str, lines: list[str], line: int, column: int) -> list[Mistake]:
    found = []
    for number, content in enumerate(lines):
        indent = content[: len(content) - len(content.lstrip())]
        if "\t" in indent and content.strip():
            found.append(Mistake(file, number + 1, indent.index("\t") + 1, "config.tab"))
    return found or [Mistake(file, line + 1, column + 1, "config.tab")]
