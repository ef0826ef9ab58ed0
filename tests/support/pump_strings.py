"""Texts that make a careless pattern backtrack, derived from the pattern itself.

For each repetition in a pattern there is a text that starts as the pattern requires, repeats that repetition
many times, and then fails to match. For twice the text, a pattern without nested or adjacent repetitions of
the same characters takes twice the time.
"""

from __future__ import annotations

import re
import sre_parse
import string
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product
from typing import Any

__all__ = ["attacks_on"]

#: A repetition with a smaller upper bound takes constant time.
_MANY = 9
_CHOICES = 3
_ENDINGS = ("", "\0", "!", "\n", "x", "@")
_SAMPLE = string.ascii_letters + string.digits + string.punctuation + " \n\té⋯»Ä"


def attacks_on(pattern: re.Pattern[Any], length: int) -> Iterator[str]:
    """Return texts of about ``length`` characters, at least one per repetition of the pattern."""
    seen: set[tuple[str, str]] = set()
    for before, repeated in _repetitions(sre_parse.parse(_source(pattern), pattern.flags), ""):
        for pump in islice(repeated, 6):
            if pump and (before, pump) not in seen:
                seen.add((before, pump))
                for ending in _ENDINGS:
                    yield before + pump * (length // len(pump)) + ending
    # Also restart the search at each position: repeat the pattern's beginning.
    for start in islice(_samples(sre_parse.parse(_source(pattern), pattern.flags)), 8):
        for cut in {start, start[:-1], start[: len(start) // 2 + 1]}:
            if cut:
                yield cut * (length // len(cut))


def _source(pattern: re.Pattern[Any]) -> str:
    return pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")


def _repetitions(parsed: Any, before: str) -> Iterator[tuple[str, Iterator[str]]]:
    """Return each unbounded (or wide) repetition: a text that leads to it, and what can be repeated."""
    for operator, argument in parsed:
        name = str(operator)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            _, high, inner = argument
            if int(high) >= _MANY:
                yield before, _samples(inner)
            yield from _repetitions(inner, before)
        elif name == "SUBPATTERN":
            yield from _repetitions(argument[3], before)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from _repetitions(branch, before)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _repetitions(argument[1], before)
        before += next(_of_node(operator, argument), "")


def _samples(parsed: Any) -> Iterator[str]:
    """Return a few texts that a part of a pattern matches."""
    parts = [list(islice(_of_node(operator, argument), _CHOICES)) or [""] for operator, argument in parsed]
    for chosen in islice(product(*parts), 24):
        yield "".join(chosen)


def _of_node(operator: Any, argument: Any) -> Iterator[str]:
    name = str(operator)
    if name in _LEAVES:
        yield from _LEAVES[name](argument)
    elif name in ("MAX_REPEAT", "MIN_REPEAT"):
        low, _, inner = argument
        yield from (sample * max(int(low), 1) for sample in _samples(inner))
    elif name == "SUBPATTERN":
        yield from _samples(argument[3])
    elif name == "BRANCH":
        for branch in argument[1]:
            yield from islice(_samples(branch), 1)
    else:  # anchors and references
        yield ""


def _of_set(members: Any) -> Iterator[str]:
    """Return characters of a class, of several kinds."""
    matches = re.compile(_as_pattern(members))
    found = [char for char in _SAMPLE if matches.match(char)]
    kinds: dict[str, str] = {}
    for char in found:
        kind = (
            "letter" if char.isalpha() else "digit" if char.isdigit() else "space" if char.isspace() else char
        )
        kinds.setdefault(kind, char)
    if kinds:
        yield from kinds.values()
    else:
        yield from (chr(value) for operator, value in members if str(operator) == "LITERAL")


_CATEGORIES = {
    "DIGIT": r"\d",
    "NOT_DIGIT": r"\D",
    "SPACE": r"\s",
    "NOT_SPACE": r"\S",
    "WORD": r"\w",
    "NOT_WORD": r"\W",
}


def _as_pattern(members: Any) -> str:
    parts = []
    for operator, value in members:
        name = str(operator)
        if name == "NEGATE":
            parts.append("^")
        elif name == "LITERAL":
            parts.append(re.escape(chr(value)))
        elif name == "RANGE":
            parts.append(f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}")
        else:
            parts.append(_CATEGORIES[str(value).removeprefix("CATEGORY_").removeprefix("UNI_")])
    return f"[{''.join(parts)}]"


_LEAVES: dict[str, Callable[[Any], Iterable[str]]] = {
    "LITERAL": lambda code: [chr(code)],
    "NOT_LITERAL": lambda code: [next(char for char in _SAMPLE if ord(char) != code)],
    "ANY": lambda _: 'a "',
    "IN": _of_set,
}
