"""Who sends a capture request, and which users its events may name."""

from __future__ import annotations

from typing import Protocol

__all__ = ["ANY_SENDER", "AnySender", "Sender"]


class Sender(Protocol):
    """The sender of a request."""

    @property
    def user_id(self) -> str:
        """The user whose token came with the request; empty without a token."""
        ...

    def may_name(self, user_id: str) -> bool:
        """Whether an event of the request may name this user."""
        ...


class AnySender:
    """A sender without a token, who may name every user."""

    user_id = ""

    def may_name(self, user_id: str) -> bool:
        """Always True."""
        return True


ANY_SENDER = AnySender()
