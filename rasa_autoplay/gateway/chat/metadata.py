"""The user id in a chat message's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_autoplay.common.identity.canonical_ids import id_text
from rasa_autoplay.common.identity.ids import is_id

__all__ = ["user_of"]


def user_of(metadata: Mapping[str, Any] | None) -> str:
    """The widget's ``customData.userId``, else ``userId``; empty if neither is a valid id."""
    if not isinstance(metadata, Mapping):
        return ""
    custom = metadata.get("customData")
    candidates = [custom.get("userId")] if isinstance(custom, Mapping) else []
    named = (id_text(value) or "" for value in (*candidates, metadata.get("userId")))
    return next((text for text in named if is_id(text)), "")
