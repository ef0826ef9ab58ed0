"""What an app says of its user (``$set``): kept as far as it may be kept, bounded and masked.

A segment is told by short names and values: a plan, a role, a number of seats. What names the person, and
what is called like a secret, is not taken; other texts are masked by their form, like all that sources tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_autoplay.events.masking import is_article_number, is_of_article, mask_text, privacy_of

__all__ = ["PropertyValue", "joined", "kept_properties", "told_properties"]

#: None stands for a property that was taken back.
PropertyValue = str | int | float | bool | None

_MAX_PROPERTIES = 32
_MAX_NAME = 64
_MAX_TEXT = 200
_MAX_SCANNED = 2 * _MAX_TEXT
#: More than any number that a segment is told by; JSON may hold integers of thousands of digits.
_LARGEST = 2.0**53


def told_properties(event: Mapping[str, Any]) -> dict[str, Any]:
    """What an event of posthog-js says of its user, as it says it.

    Args:
        event: its properties. ``$set`` counts, and ``$unset`` takes back; ``$set_once`` does not, which
            is for things such as the first referrer.
    """
    stated, taken_back = event.get("$set"), event.get("$unset")
    told: dict[str, Any] = {}
    if isinstance(taken_back, list):
        told.update((name, None) for name in taken_back if isinstance(name, str))
    if isinstance(stated, dict):
        told.update(stated)
    return told


def kept_properties(told: Mapping[str, Any]) -> dict[str, PropertyValue]:
    """Of what was told the part that is kept: at most 32 short texts, numbers and truths, masked."""
    return dict(_bounded(told))


def joined(before: Mapping[str, PropertyValue], now: Mapping[str, PropertyValue]) -> dict[str, PropertyValue]:
    """Both, what was told last first, within the same bound."""
    both = {**now, **{name: value for name, value in before.items() if name not in now}}
    return dict(list(both.items())[:_MAX_PROPERTIES])


def _bounded(told: Mapping[str, Any]) -> Iterator[tuple[str, PropertyValue]]:
    count = 0
    for name, value in told.items():
        if count == _MAX_PROPERTIES:
            return
        if not _is_storable(name) or not (value is None or isinstance(value, (str, int, float))):
            continue
        if isinstance(value, str):
            value = _masked(name, value)
        elif value is not None and not abs(value) <= _LARGEST:  # which is not so of NaN either
            continue
        count += 1
        yield name, value


def _masked(name: str, value: str) -> str:
    is_article = is_article_number(value) and is_of_article(name)
    return value if is_article else mask_text(value[:_MAX_SCANNED])[:_MAX_TEXT]


def _is_storable(name: object) -> bool:
    """Whether a name is short, the app's own, and promises neither a person nor a secret."""
    if not isinstance(name, str) or not name or len(name) > _MAX_NAME or name.startswith("$"):
        return False
    return privacy_of(name) not in ("secret", "personal") and mask_text(name) == name
