"""Valid values with random damage, made by a seeded generator."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

__all__ = ["JUNK", "broken", "damaged", "encoded"]

JUNK: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        7,
        3.5,
        1e308,
        10**30,
        1_700_000_000_000,
        "",
        " ",
        "null",
        "undefined",
        "0",
        "1e999",
    ),
    *(
        "\u0000",
        "\ud83d",
        "\u202e",
        "é" * 600,
        "x" * 5_000,
        "</script>",
        "${jndi:x}",
        "'; DROP TABLE x",
        "%00",
    ),
    *([], [[]], {}, {"a": {"b": [None]}}, [1, "x", None], "2023-11-14T22:13:20Z", "http://[", "//", "?#"),
]


def damaged(value: Any, chance: random.Random) -> Any:
    """Return the value with one part replaced, omitted, duplicated or nested deeper."""
    made = copy.deepcopy(value)
    for _ in range(chance.randint(1, 3)):
        places = list(_places(made))
        if not places:
            return chance.choice(JUNK)
        holder, key = chance.choice(places)
        kind = chance.random()
        if kind < 0.6:
            holder[key] = copy.deepcopy(chance.choice(JUNK))
        elif kind < 0.8:
            del holder[key]
        elif kind < 0.9:
            holder[key] = [holder[key], holder[key]]
        else:
            holder[key] = {"value": holder[key]}
    return made


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Return every field and element of a value, with its container."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from _places(value[key])


def broken(content: bytes, chance: random.Random) -> bytes:
    """Return the bytes with some changed, removed or cut off."""
    made = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(made) or 1)
        if chance.random() < 0.5:
            made[at : at + 1] = bytes([chance.randrange(256)])
        else:
            del made[at : at + chance.randint(1, 20)]
    return bytes(made[: chance.randrange(len(made) + 1)] if chance.random() < 0.3 else made)


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()
