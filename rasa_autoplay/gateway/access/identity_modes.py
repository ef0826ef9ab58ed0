"""How strictly it is asked for whom a browser speaks: the channel's ``identity:``.

``none`` believes everybody, ``report_only`` counts whom it would refuse, ``required`` refuses.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from rasa_autoplay.common.identity.user_tokens import Caller, UserTokens
from rasa_autoplay.errors import IdentityRefused

__all__ = ["Identity", "ReportedIdentity", "RequiredIdentity", "UncheckedIdentity"]


class Identity(Protocol):
    """Tells whom a request speaks for, and what it may touch."""

    def caller(self, token: str, user_id: str) -> Caller:
        """Whom a request speaks for.

        Args:
            token: the signed token; empty without one.
            user_id: whom the request names; empty when it names nobody.

        Raises:
            IdentityRefused: there is no good token, or it is another user's.
        """
        ...

    def check_owner(self, caller: Caller, owner: str) -> None:
        """Whether the caller may use what belongs to somebody.

        Args:
            caller: whom the request speaks for.
            owner: the user id; empty for what belongs to nobody yet.

        Raises:
            IdentityRefused: it belongs to another user.
        """
        ...

    def is_verified(self, token: str) -> bool:
        """Whether a token proves who its user is; counts nothing."""
        ...

    def health(self) -> dict[str, Any]:
        """The mode, and counts by reason."""
        ...


class UncheckedIdentity:
    """``identity: none``: everybody is who they say they are."""

    def caller(self, token: str, user_id: str) -> Caller:
        """Whom the request names."""
        return Caller(user_id)

    def check_owner(self, caller: Caller, owner: str) -> None:
        """Nothing belongs to anybody."""

    def is_verified(self, token: str) -> bool:
        """Nobody is: no token is checked."""
        return False

    def health(self) -> dict[str, Any]:
        """The mode, and what it means."""
        return {
            "mode": "none",
            "remedy": "any browser may speak for any user, which is for trials only: sign users in with "
            '"identity: required" and a jwt_key.',
        }


class RequiredIdentity:
    """``identity: required``: a good token, and only for its own user.

    Args:
        tokens: checks them.
    """

    def __init__(self, tokens: UserTokens) -> None:
        self._tokens = tokens
        self._refused: Counter[str] = Counter()

    def caller(self, token: str, user_id: str) -> Caller:
        """Whom the token speaks for: the one whom the request names, if it names one."""
        try:
            caller = self._tokens.caller(token)
        except IdentityRefused as refusal:
            self._refused[refusal.reason] += 1
            raise
        self.check_owner(caller, user_id)
        return caller

    def check_owner(self, caller: Caller, owner: str) -> None:
        """Refuse what is another user's."""
        if owner and owner != caller.user_id:
            self._refused["wrong_user"] += 1
            raise IdentityRefused(
                "wrong_user",
                "the user token is another user's",
                "The host app, posthog-js and the chat must use one and the same user id, the token's sub.",
                kind="forbidden",
            )

    def is_verified(self, token: str) -> bool:
        """Whether a token is good."""
        try:
            self._tokens.caller(token)
        except IdentityRefused:
            return False
        return True

    def health(self) -> dict[str, Any]:
        """The mode, and how many were refused why."""
        return {"mode": "required", "refused": dict(self._refused)}


class ReportedIdentity:
    """``identity: report_only``: counts whom ``required`` would refuse, and refuses nobody.

    Args:
        tokens: checks them.
    """

    def __init__(self, tokens: UserTokens) -> None:
        self._required = RequiredIdentity(tokens)

    def caller(self, token: str, user_id: str) -> Caller:
        """Whom the request names; whom its token speaks for, where it names nobody."""
        try:
            return Caller(self._required.caller(token, user_id).user_id, is_verified=True)
        except IdentityRefused:
            return Caller(user_id)

    def check_owner(self, caller: Caller, owner: str) -> None:
        """Count what is another user's."""
        try:
            self._required.check_owner(caller, owner)
        except IdentityRefused:
            return

    def is_verified(self, token: str) -> bool:
        """Whether a token is good."""
        return self._required.is_verified(token)

    def health(self) -> dict[str, Any]:
        """The mode, and how many would be refused why."""
        return {"mode": "report_only", "would_be_refused": self._required.health()["refused"]}
