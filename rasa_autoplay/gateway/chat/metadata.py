"""Whom a chat message's metadata names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_autoplay.common.identity.ids import is_id

__all__ = ["user_of"]


def user_of(metadata: Mapping[str, Any] | None) -> str:
    """``customData.userId``, else ``userId``, of what the widget sent along; empty when neither is an id."""
    if not isinstance(metadata, Mapping):
        return ""
    custom = metadata.get("customData")
    candidates = [custom.get("userId")] if isinstance(custom, Mapping) else []
    return next((c for c in [*candidates, metadata.get("userId")] if isinstance(c, str) and is_id(c)), "")
