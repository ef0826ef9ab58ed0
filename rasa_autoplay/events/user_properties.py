"""Properties of a user, whatever source states them, limited in number and size, and masked.

Segments need short names and values: a plan, a role, a number of seats. Properties that name a person or a
secret are not stored. Other texts are masked, like all texts of sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from rasa_autoplay.events.masking import is_article_number, is_of_article, mask_text, privacy_of

__all__ = ["PropertyValue", "merged_properties", "storable_properties"]

#: None stands for a removed property.
PropertyValue = str | int | float | bool | None

_MAX_PROPERTIES = 32
_MAX_NAME = 64
_MAX_TEXT = 200
_MAX_SCANNED = 2 * _MAX_TEXT
#: Larger numbers are not stored, because JSON may have integers of thousands of digits.
_LARGEST = 2.0**53


def storable_properties(properties: Mapping[str, Any]) -> dict[str, PropertyValue]:
    """Return the properties that may be stored: at most 32 short texts (masked), numbers and booleans."""
    return dict(_bounded(properties))


def merged_properties(
    before: Mapping[str, PropertyValue], now: Mapping[str, PropertyValue]
) -> dict[str, PropertyValue]:
    """Merge earlier and later properties, within the same limit; the later ones come first and count."""
    both = {**now, **{name: value for name, value in before.items() if name not in now}}
    return dict(list(both.items())[:_MAX_PROPERTIES])


def _bounded(properties: Mapping[str, Any]) -> Iterator[tuple[str, PropertyValue]]:
    count = 0
    for name, value in properties.items():
        if count == _MAX_PROPERTIES:
            return
        if not _is_storable(name) or not (value is None or isinstance(value, (str, int, float))):
            continue
        if isinstance(value, str):
            value = _masked(name, value[:_MAX_SCANNED])
        elif value is not None and not abs(value) <= _LARGEST:  # also skips NaN
            continue
        count += 1
        yield name, value


#: Some sources send all properties with each event.
@lru_cache(maxsize=4096)
def _masked(name: str, value: str) -> str:
    is_article = is_article_number(value) and is_of_article(name)
    return value if is_article else mask_text(value)[:_MAX_TEXT]


def _is_storable(name: object) -> bool:
    """Whether a name is short, is the app's own, and names neither personal data nor a secret."""
    if not isinstance(name, str) or not name or len(name) > _MAX_NAME or name.startswith("$"):
        return False
    return _is_neutral(name)


@lru_cache(maxsize=4096)
def _is_neutral(name: str) -> bool:
    return privacy_of(name) not in ("secret", "personal") and mask_text(name) == name
