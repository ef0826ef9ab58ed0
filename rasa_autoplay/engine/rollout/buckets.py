"""Chance that is the same on every engine and after every restart: a hash instead of a random number."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["bucket", "weighted_choice"]

_SPACE = 2**64


def bucket(*parts: str) -> float:
    """Return a number from 0 to 1, below 1, that depends only on the parts.

    It is SHA-256 over the parts, each with its length before it, so that no two lists of parts are the same
    text. Among many users, the numbers are even, and those of other parts are independent of them.
    """
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    # A float has 53 bits, so all 64 could round up to 1.
    return (int.from_bytes(digest.digest()[:8], "big") >> 11) / (_SPACE >> 11)


def weighted_choice(place: float, weights: Sequence[float]) -> int:
    """Return the index of the weight at a place.

    Args:
        place: from 0 to 1, below 1.
        weights: all more than 0.
    """
    end = place * sum(weights)
    for index, weight in enumerate(weights):
        end -= weight
        if end < 0:
            return index
    return len(weights) - 1  # rounding
