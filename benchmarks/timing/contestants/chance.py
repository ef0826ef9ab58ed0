"""Chance that is the same in each run: a place from 0 to 1 for any text."""

from __future__ import annotations

import hashlib

__all__ = ["place_of"]


def place_of(*parts: object) -> float:
    """Return a place from 0 to 1, evenly spread over different parts."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
