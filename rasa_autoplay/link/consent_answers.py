"""The engine's answers about the consent of users."""

from __future__ import annotations

import msgspec

__all__ = ["ConsentGiven", "ConsentsFound"]


class ConsentsFound(msgspec.Struct, frozen=True):
    """When users gave consent, epoch seconds, by user id; users who gave none are missing."""

    since: dict[str, float]


class ConsentGiven(msgspec.Struct, frozen=True):
    """When the user first gave consent, epoch seconds."""

    since: float
