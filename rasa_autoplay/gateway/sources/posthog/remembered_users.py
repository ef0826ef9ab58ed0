"""Which users a source may read about, and remember between requests."""

from __future__ import annotations

from typing import Protocol

__all__ = ["EVERYBODY", "RememberedUsers"]


class RememberedUsers(Protocol):
    """Some users; an anonymous visitor is None."""

    def may_read(self, user_id: str | None) -> bool:
        """Whether an event of this user may be read."""
        ...

    def may_remember(self, user_id: str | None) -> bool:
        """Whether a source may remember something about this user between requests."""
        ...


class _Everybody:
    """All users, and anonymous visitors."""

    def may_read(self, user_id: str | None) -> bool:
        """True."""
        return True

    def may_remember(self, user_id: str | None) -> bool:
        """True."""
        return True


EVERYBODY: RememberedUsers = _Everybody()
