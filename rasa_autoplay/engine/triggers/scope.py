"""Whose actions may a trigger see? The identifiers that a context must carry.

Session ids are unique within a product only, so the strict policy asks for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["ProactiveScope", "ScopePolicy", "validate_proactive_scope_fields"]


class ScopePolicy(Enum):
    """How much of its scope a context must name."""

    STRICT = "strict"
    """Product and session."""

    LENIENT = "lenient"
    """Nothing."""


@dataclass(frozen=True)
class ProactiveScope:
    """One session of one product, and the chat that belongs to it."""

    product_id: str
    session_id: str
    conversation_id: str = ""

    def has_chat_surface(self) -> bool:
        """True when there is a chat to speak in."""
        return bool(self.conversation_id.strip())


def validate_proactive_scope_fields(
    *,
    product_id: str,
    session_id: str,
    conversation_id: str = "",
    require_conversation: bool = False,
    policy: ScopePolicy = ScopePolicy.STRICT,
) -> None:
    """Refuse a scope with holes in it.

    Raises:
        ValueError: the policy is strict and an identifier is blank.
    """
    if policy is not ScopePolicy.STRICT:
        return
    required = {"product_id": product_id, "session_id": session_id}
    if require_conversation:
        required["conversation_id"] = conversation_id
    for name, value in required.items():
        if not (value or "").strip():
            raise ValueError(
                f"a trigger's context needs a non-empty {name} (ScopePolicy.STRICT); "
                "pass it, or ScopePolicy.LENIENT where sessions cannot be confused"
            )
