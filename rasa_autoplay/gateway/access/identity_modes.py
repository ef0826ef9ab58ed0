"""The modes of the channel's ``identity:`` setting: must browsers prove which user they speak for?

``none`` checks nothing, ``report_only`` only counts the requests that ``required`` would refuse.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from rasa_autoplay.common.identity.user_tokens import Caller, UserTokens
from rasa_autoplay.errors import IdentityRefused

__all__ = ["Identity", "ReportedIdentity", "RequiredIdentity", "UncheckedIdentity"]


class Identity(Protocol):
    """Decides which user a request speaks for, and what that user may access."""

    def caller(self, token: str, user_id: str) -> Caller:
        """The user whom a request speaks for.

        Args:
            token: the signed token; empty without one.
            user_id: the user whom the request names; empty if it names nobody.

        Raises:
            IdentityRefused: there is no valid token, or it belongs to another user.
        """
        ...

    def check_owner(self, caller: Caller, owner: str) -> None:
        """Check that the caller may use something.

        Args:
            caller: the user whom the request speaks for.
            owner: the owner's user id; empty if it has no owner yet.

        Raises:
            IdentityRefused: it belongs to another user.
        """
        ...

    def is_verified(self, token: str) -> bool:
        """Whether a token is valid; counts nothing."""
        ...

    def health(self) -> dict[str, Any]:
        """The mode, and counts by reason."""
        ...


class UncheckedIdentity:
    """``identity: none``: every request is believed."""

    def caller(self, token: str, user_id: str) -> Caller:
        """The user whom the request names."""
        return Caller(user_id)

    def check_owner(self, caller: Caller, owner: str) -> None:
        """Allow everything."""

    def is_verified(self, token: str) -> bool:
        """False: no token is checked."""
        return False

    def health(self) -> dict[str, Any]:
        """The mode, and what it means."""
        return {
            "mode": "none",
            "remedy": "any browser may speak for any user, which is for trials only. Sign users in with "
            '"identity: required" and a jwt_key.',
        }


class RequiredIdentity:
    """``identity: required``: a request needs a valid token, and speaks only for the token's user.

    Args:
        tokens: verifies user tokens.
    """

    def __init__(self, tokens: UserTokens) -> None:
        self._tokens = tokens
        self._refused: Counter[str] = Counter()
        self._accepted = 0

    def caller(self, token: str, user_id: str) -> Caller:
        """The token's user, who must also be the one that the request names, if it names one."""
        try:
            caller = self._tokens.caller(token)
        except IdentityRefused as refusal:
            self._refused[refusal.reason] += 1
            raise
        self.check_owner(caller, user_id)
        self._accepted += 1
        return caller

    def check_owner(self, caller: Caller, owner: str) -> None:
        """Refuse what belongs to another user."""
        if owner and owner != caller.user_id:
            self._refused["wrong_user"] += 1
            raise IdentityRefused(
                "wrong_user",
                "the user token belongs to another user",
                "The host app, posthog-js and the chat must all use the same user id: the token's sub.",
                kind="forbidden",
            )

    def is_verified(self, token: str) -> bool:
        """Whether a token is valid."""
        try:
            self._tokens.caller(token)
        except IdentityRefused:
            return False
        return True

    def health(self) -> dict[str, Any]:
        """The mode, how many requests had a valid token, and the refused requests by reason."""
        return {"mode": "required", "accepted": self._accepted, "refused": dict(self._refused)}


class ReportedIdentity:
    """``identity: report_only``: counts the requests that ``required`` would refuse, and allows all.

    Args:
        tokens: verifies user tokens.
    """

    def __init__(self, tokens: UserTokens) -> None:
        self._required = RequiredIdentity(tokens)

    def caller(self, token: str, user_id: str) -> Caller:
        """The user whom the request names; the token's user if it names nobody."""
        try:
            return Caller(self._required.caller(token, user_id).user_id, is_verified=True)
        except IdentityRefused:
            return Caller(user_id)

    def check_owner(self, caller: Caller, owner: str) -> None:
        """Count what ``required`` would refuse."""
        try:
            self._required.check_owner(caller, owner)
        except IdentityRefused:
            return

    def is_verified(self, token: str) -> bool:
        """Whether a token is valid."""
        return self._required.is_verified(token)

    def health(self) -> dict[str, Any]:
        """The mode, how many requests had a valid token, and by reason how many ``required`` would refuse."""
        required = self._required.health()
        return {
            "mode": "report_only",
            "accepted": required["accepted"],
            "would_be_refused": required["refused"],
        }
