"""The identifiers that say whose actions a context contains.

Session ids are unique only within a product, so the strict policy requires both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["ProactiveScope", "ScopePolicy", "validate_proactive_scope_fields"]


class ScopePolicy(Enum):
    """Which identifiers a context must have."""

    STRICT = "strict"
    """Product and session ids."""

    LENIENT = "lenient"
    """None."""


@dataclass(frozen=True)
class ProactiveScope:
    """One session of one product, and the chat that belongs to it."""

    product_id: str
    session_id: str
    conversation_id: str = ""

    def has_chat_surface(self) -> bool:
        """Whether there is a chat to send messages to."""
        return bool(self.conversation_id.strip())


def validate_proactive_scope_fields(
    *,
    product_id: str,
    session_id: str,
    conversation_id: str = "",
    require_conversation: bool = False,
    policy: ScopePolicy = ScopePolicy.STRICT,
) -> None:
    """Reject a scope with a blank identifier.

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
