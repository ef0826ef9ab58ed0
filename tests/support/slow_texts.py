"""Texts that repeat pieces which patterns look for."""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["shape"]

_PIECES = [
    *(
        "a",
        "A",
        "1",
        "0",
        " ",
        "  ",
        "\n",
        "\t",
        ".",
        ",",
        "-",
        "_",
        "@",
        "=",
        ":",
        ";",
        "/",
        "\\",
        '"',
        "'",
        "&",
        "%",
    ),
    *(
        "?",
        "#",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "+",
        "*",
        "|",
        "→",
        "é",
        "ß",
        "中",
        "\u200b",
        "\ue000",
        "🚀",
    ),
    *(
        "%25",
        "%40",
        "%2540",
        "&amp;",
        "&#64;",
        "a@b.c",
        "4111",
        "key=",
        "token:",
        "Password: a1",
        "eyJ",
        "://",
        "PIN ",
    ),
    *(
        "click ",
        "Press ",
        "the ",
        "Save",
        "menu",
        "step 1 of ",
        "ctrl + ",
        "A > ",
        "](",
        "]:",
        'a="',
        ':text="',
        '\\"',
        "\\u00",
    ),
]


def shape(chance: random.Random) -> Callable[[int], str]:
    """Return a generator of texts of any length: a beginning, a repeated unit, an ending."""
    before, after = ("".join(chance.choices(_PIECES, k=chance.randint(0, 2))) for _ in range(2))
    unit = "".join(chance.choices(_PIECES, k=chance.randint(1, 5)))
    return lambda length: before + unit * (length // len(unit)) + after
