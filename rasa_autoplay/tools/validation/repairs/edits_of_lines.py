"""The changes of single lines that may mend what people type wrong, the most specific first.

Each function yields edits of one line. None of them knows whether the file is valid afterwards; the search
tries them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rasa_autoplay.tools.validation.repairs.edit import Edit, indent_of, quoted, split_line

__all__ = ["LINE_EDITS", "LineEdits"]

#: Takes the lines of a file, and the index of one of them.
LineEdits = Callable[[Sequence[str], int], Iterator[Edit]]

_EQUALS = re.compile(r"(\s*(?:- +)*)([\w.]+)\s*=\s*(.*)")
_NO_BLANK = re.compile(r"(\s*(?:- +)*)([A-Za-z_]\w*):(\S.*)")
_TIGHT_DASH = re.compile(r"""(\s*)-([A-Za-z_{\["'].*)""")
_BARE_KEY = re.compile(r"\s*(?:- +)*[A-Za-z_][\w.]*")
#: Texts by language, or another section in braces: in quotes, it would be one text.
_MAPPING = re.compile(r"\{[\w-]+: .*\}")
_COMMENT = re.compile(r"(?<=\S)\s+# .*$")
_SMART = {
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u2018": "'",
    "\u2019": "'",
    "\u00ab": '"',
    "\u00bb": '"',
}
_BRACKETS = {"[": "]", "{": "}"}
#: How far around a line its indentation is looked for, in lines.
_NEAR = 6


def tabs(lines: Sequence[str], at: int) -> Iterator[Edit]:
    """A tab in the indentation, instead of blanks."""
    line = lines[at]
    blank = line[: indent_of(line)]
    if "\t" not in blank:
        return
    for width in _widths(lines, at):
        yield Edit(
            at,
            (" " * width + line.lstrip(" \t"),),
            "the line is indented by a tab, and YAML allows spaces only",
        )


def equals(lines: Sequence[str], at: int) -> Iterator[Edit]:
    """``key = value`` instead of ``key: value``."""
    if found := _EQUALS.fullmatch(lines[at]):
        for value in (found[3], quoted(found[3].strip())):
            yield Edit(at, (f"{found[1]}{found[2]}: {value}",), "a setting has a colon after its name, not =")


def no_blank(lines: Sequence[str], at: int) -> Iterator[Edit]:
    """``key:value`` instead of ``key: value``, and ``-key: value`` instead of ``- key: value``."""
    if found := _NO_BLANK.fullmatch(lines[at]):
        yield Edit(at, (f"{found[1]}{found[2]}: {found[3]}",), "a space is missing after the colon")
    if found := _TIGHT_DASH.fullmatch(lines[at]):
        yield Edit(at, (f"{found[1]}- {found[2]}",), "a space is missing after the dash")


def smart_quotes(lines: Sequence[str], at: int) -> Iterator[Edit]:
    """Quotes that a word processor has made round around a value."""
    entry = split_line(lines[at])
    value = entry.value
    if len(value) < 2 or not (value[0] in _SMART or value[-1] in _SMART):
        return
    inner = value.strip("\"'" + "".join(_SMART))
    yield Edit(
        at, (entry.with_value(quoted(inner)),), "the quotes are typographic ones, which YAML does not know"
    )


def unclosed(lines: Sequence[str], at: int) -> Iterator[Edit]:
    """A quote or a bracket that does not end."""
    entry = split_line(lines[at])
    value = entry.value + (entry.tail if "#" not in entry.tail else "")
    if value[:1] in ("'", '"'):
        mark = value[0]
        for text, comment in (_without_comment(value), (value.rstrip(), "")):
            yield Edit(
                at,
                (f"{entry.lead}{entry.key}{text}{mark}{comment}",),
                f"the text begins with {mark} and does not end with it",
            )
        if value.rstrip()[-1:] == mark:
            yield Edit(
                at,
                (entry.with_value(quoted(value.strip().strip(mark))),),
                "the text contains the quotes that it is in",
            )
    if value.rstrip()[-1:] in ("'", '"') and value[:1] != value.rstrip()[-1:]:
        mark = value.rstrip()[-1:]
        yield Edit(
            at,
            (f"{entry.lead}{entry.key}{mark}{value}",),
            f"the text ends with {mark} and does not begin with it",
        )
    line, comment = _without_comment(lines[at])
    missing = _missing_brackets(line)
    if missing:
        yield Edit(at, (f"{line}{missing}{comment}",), f"{missing} is missing at the end")


def _without_comment(text: str) -> tuple[str, str]:
    """Return a text without what may be a comment at its end, and that comment."""
    found = _COMMENT.search(text)
    return (text[: found.start()], found[0]) if found else (text.rstrip(), "")


def _missing_brackets(line: str) -> str:
    opened: list[str] = []
    for letter in line:
        if letter in _BRACKETS:
            opened.append(_BRACKETS[letter])
        elif opened and letter == opened[-1]:
            opened.pop()
    return "".join(reversed(opened))


def missing_colon(lines: Sequence[str], at: int) -> Iterator[Edit]:
    """The name of a section, or of a setting, without its colon."""
    line = lines[at].rstrip()
    if _BARE_KEY.fullmatch(line):
        yield Edit(at, (f"{line}:",), "the colon after the name is missing")
    elif found := re.fullmatch(r"(\s*(?:- +)*[A-Za-z_]\w*) +(\S.*)", line):
        yield Edit(at, (f"{found[1]}: {found[2]}",), "the colon after the name is missing")


def unquoted(lines: Sequence[str], at: int) -> Iterator[Edit]:
    """A text with a character that has a meaning in YAML, without quotes."""
    entry = split_line(lines[at])
    value = f"{entry.value}{entry.tail}".strip() if entry.value[:1] in "\"'" else entry.value
    if not value or value in "|>" or _MAPPING.fullmatch(value):
        return
    cause = "the text contains a character with a meaning in YAML, so it needs quotes"
    if ": " in value or value.endswith(":"):
        cause = "the text contains a colon, so it needs quotes"
    for whole in (entry, split_line(f"{lines[at][: len(entry.lead)]}x: {lines[at][len(entry.lead) :]}")):
        if whole is entry:
            yield Edit(at, (entry.with_value(quoted(value.strip("\"'"))),), cause)
        elif "- " in entry.lead:
            yield Edit(at, (f"{entry.lead}{quoted(f'{entry.key}{entry.value}')}{entry.tail}",), cause)


def dash(lines: Sequence[str], at: int) -> Iterator[Edit]:
    """An item of a list without its dash."""
    line = lines[at]
    text = line.lstrip(" ")
    width = len(line) - len(text)
    if text.startswith("- "):
        return
    cause = "the dash before the item of a list is missing"
    if width >= 2:
        yield Edit(at, (" " * (width - 2) + "- " + text,), cause)
    yield Edit(at, (" " * width + "- " + text,), cause)


def extra_dash(lines: Sequence[str], at: int) -> Iterator[Edit]:
    """A dash before a line that belongs to the item above."""
    line = lines[at]
    if line.lstrip(" ").startswith("- "):
        yield Edit(at, (line.replace("- ", "  ", 1),), "the dash begins a new item of the list")
        yield Edit(at, (line.replace("- ", "", 1),), "the dash makes a list of it")


def indentation(lines: Sequence[str], at: int) -> Iterator[Edit]:
    """A line that is indented by too few or too many blanks."""
    line = lines[at]
    own = indent_of(line)
    for width in sorted(_widths(lines, at), key=lambda width: abs(width - own)):
        if width != own:
            yield Edit(
                at, (" " * width + line.lstrip(" \t"),), "the line is indented by the wrong number of spaces"
            )


def _widths(lines: Sequence[str], at: int) -> list[int]:
    """Return the indentations that the line may have, by those of the lines around it."""
    near = [*lines[max(at - _NEAR, 0) : at], *lines[at + 1 : at + 1 + _NEAR]]
    widths: dict[int, None] = {}
    for line in (each for each in near if each.strip() and not each.lstrip().startswith("#")):
        width = indent_of(line.expandtabs(2))
        for each in (width, width + 2, width - 2, width + 4):
            if each >= 0:
                widths[each] = None
    return list(widths)


LINE_EDITS: tuple[LineEdits, ...] = (
    tabs,
    smart_quotes,
    equals,
    no_blank,
    unclosed,
    unquoted,
    missing_colon,
    indentation,
    dash,
    extra_dash,
)
