"""What people type wrong in YAML files, done to good files at random places."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["DAMAGES", "Damaged", "damage_line"]


class Damaged(NamedTuple):
    """A damaged text.

    Args:
        text: the text.
        line: the number of the line that was damaged, from 1.
    """

    text: str
    line: int


#: Takes a line and a generator; returns the damaged line, or the same if it has nothing to damage.
_Damage = Callable[[str, random.Random], str]
_SETTING = re.compile(r"""(\s*(?:- )*)([\w.]+): +([^\s#\[{|>&*"'][^#]*?|"[^"]*"|'[^']*')\s*(?:#.*)?""")
_LEAD = re.compile(r"( *)(\S.*)")


def _setting(line: str, make: Callable[[str, str, str], str]) -> str:
    found = _SETTING.fullmatch(line)
    return make(found[1], found[2], found[3]) if found else line


def _free_text(line: str, make: Callable[[str], str]) -> str:
    """Change the value of a setting that is a text for people, which may be anything."""
    found = _SETTING.fullmatch(line)
    is_free = found is not None and found[2] in _FREE
    return f"{found[1]}{found[2]}: {make(_bare(found[3]))}" if found and is_free else line


def _bare(value: str) -> str:
    return value.strip("\"'")


def _unquoted_colon(line: str, _: random.Random) -> str:
    return _free_text(line, lambda text: f"Note: {text}")


def _equals(line: str, chance: random.Random) -> str:
    mark = chance.choice([" = ", "=", "= "])
    return _setting(line, lambda lead, key, value: f"{lead}{key}{mark}{value}")


def _no_blank(line: str, _: random.Random) -> str:
    return _setting(line, lambda lead, key, value: f"{lead}{key}:{value}")


def _no_colon(line: str, _: random.Random) -> str:
    return re.sub(r"^(\s*(?:- )*[\w.]+):(?= |$)", r"\1", line)


def _smart_quotes(line: str, chance: random.Random) -> str:
    begin, end = chance.choice([("“", "”"), ("„", "“"), ("«", "»"), ("‘", "’")])
    return _free_text(line, lambda text: f"{begin}Note: {text}{end}")


def _unclosed_quote(line: str, _: random.Random) -> str:
    return _setting(line, lambda lead, key, value: f'{lead}{key}: "{_bare(value)}')


def _unclosed_bracket(line: str, _: random.Random) -> str:
    return line.rstrip()[:-1] if line.rstrip().endswith(("]", "}")) else line


def _tab(line: str, _: random.Random) -> str:
    found = _LEAD.fullmatch(line)
    return f"{found[1][2:]}\t{found[2]}" if found and found[1] else line


def _indented(line: str, chance: random.Random) -> str:
    found = _LEAD.fullmatch(line)
    if not found:
        return line
    width = max(len(found[1]) + chance.choice([-3, -2, -1, 1, 2, 3]), 0)
    return " " * width + found[2]


def _no_dash(line: str, _: random.Random) -> str:
    return line.replace("- ", "  ", 1) if line.lstrip().startswith("- ") else line


def _tight_dash(line: str, _: random.Random) -> str:
    return line.replace("- ", "-", 1) if line.lstrip().startswith("- ") else line


def _misspelt(line: str, chance: random.Random) -> str:
    def swapped(lead: str, key: str, value: str) -> str:
        at = chance.randrange(1, max(len(key) - 1, 2))
        return f"{lead}{key[:at]}{key[at + 1 : at + 2]}{key[at : at + 1]}{key[at + 2 :]}: {value}"

    return _setting(line, swapped)


def _no_unit(line: str, _: random.Random) -> str:
    return re.sub(r"(?<=: )(\d+)[smhd]\b", r"\1", line, count=1)


def _twice(line: str, _: random.Random) -> str:
    return f"{line}\n{line}" if _SETTING.fullmatch(line) and not line.lstrip().startswith("- ") else line


def _leading_zero(line: str, _: random.Random) -> str:
    return _setting(line, lambda lead, key, value: f"{lead}{key}: 007" if key in _FREE else line)


def _truth(line: str, chance: random.Random) -> str:
    word = chance.choice(["true", "null", "1.10", "2026-01-01"])
    return _setting(line, lambda lead, key, value: f"{lead}{key}: {word}" if key in _FREE else line)


def _special(line: str, chance: random.Random) -> str:
    mark = chance.choice(["@", "%", "`", "*", "! ", "&", "[Save] "])
    return _free_text(line, lambda text: f"{mark}{text}")


#: Settings that hold texts for people.
_FREE = ("title", "text", "label", "body", "description", "tooltip")

DAMAGES: dict[str, _Damage] = {
    "unquoted colon": _unquoted_colon,
    "equals": _equals,
    "no blank": _no_blank,
    "no colon": _no_colon,
    "smart quotes": _smart_quotes,
    "unclosed quote": _unclosed_quote,
    "unclosed bracket": _unclosed_bracket,
    "tab": _tab,
    "indentation": _indented,
    "no dash": _no_dash,
    "tight dash": _tight_dash,
    "misspelt": _misspelt,
    "no unit": _no_unit,
    "twice": _twice,
    "leading zero": _leading_zero,
    "truth": _truth,
    "special": _special,
}


def damage_line(lines: Sequence[str], kind: str, chance: random.Random) -> Damaged | None:
    """Damage one line at random; None if no line can be damaged in this way."""
    places = list(range(len(lines)))
    chance.shuffle(places)
    for at in places:
        if not lines[at].strip() or lines[at].lstrip().startswith("#"):
            continue
        line = DAMAGES[kind](lines[at], chance)
        if line != lines[at]:
            second = 1 if "\n" in line else 0
            return Damaged("\n".join([*lines[:at], line, *lines[at + 1 :]]), at + 1 + second)
    return None
