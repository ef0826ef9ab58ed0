"""Recognises generated DOM ids, which component libraries create anew on every page load."""

from __future__ import annotations

import re

__all__ = ["is_generated_id"]

_GENERATED_ID = re.compile(
    r"(?i):r\w*:|^(?:radix|headlessui|react-aria|mui|downshift|ember|chakra|mantine)\b"
)


def is_generated_id(name: str) -> bool:
    """Whether a component library generated the id; it names another element after the next page load."""
    return _GENERATED_ID.search(name) is not None
