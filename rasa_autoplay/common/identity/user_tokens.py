"""Signed user tokens: JWTs with ``sub`` (the user id), ``exp`` and, optionally, ``product_id``.

Usertour and Rasa's ``jwt_key`` use the same format.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

from rasa_autoplay.common.identity.canonical_ids import InvalidId, canonical_id
from rasa_autoplay.common.identity.ids import ID_RULE
from rasa_autoplay.errors import IdentityRefused
from rasa_autoplay.settings.secret import Secret

if TYPE_CHECKING:
    from jwt.types import Options

__all__ = ["Caller", "UserTokens", "mint_token", "signing_method"]

#: The clocks of two machines may differ by this much.
_LEEWAY_S = 10.0
_MAX_TOKEN_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class Caller:
    """The user that a request acts for.

    Args:
        user_id: empty if the request does not name one and need not.
        until: when the token expires, in epoch seconds.
        is_verified: whether a token proves the user's identity.
    """

    user_id: str
    until: float = math.inf
    is_verified: bool = False


def signing_method(key: str) -> str:
    """The algorithm of a key: RS256 for a PEM key, otherwise HS256.

    A key works for one algorithm only. Otherwise anyone could use a public key as a shared secret.
    """
    return "RS256" if key.lstrip().startswith("-----BEGIN") else "HS256"


def mint_token(
    user_id: str | int,
    key: str,
    *,
    expires_in_s: float = 3600.0,
    product_id: str | None = None,
    now: float | None = None,
) -> str:
    """Sign a user's token. The host app's server calls this, because it knows who is signed in.

    Args:
        user_id: the same id that posthog-js and the chat use; 42 is the same as "42".
        key: a shared secret (HS256), or a private key in PEM form (RS256).
        expires_in_s: how long the token is valid.
        product_id: limits the token to one product.
        now: epoch seconds; by default, the current time.

    Raises:
        ValueError: the user id is not valid.
    """
    claims: dict[str, Any] = {
        "sub": canonical_id(user_id),
        "exp": int((time.time() if now is None else now) + expires_in_s),
    }
    if product_id is not None:
        claims["product_id"] = product_id
    return jwt.encode(claims, key, algorithm=signing_method(key))


class UserTokens:
    """Verifies tokens.

    Args:
        keys: the accepted keys; more than one during a key rotation.
        product_id: the channel's product.
        clock: epoch seconds.
    """

    def __init__(self, keys: Sequence[Secret], product_id: str, clock: Callable[[], float]) -> None:
        self._keys = [(key, signing_method(key.reveal())) for key in keys]
        self._product_id = product_id
        self._clock = clock

    def caller(self, token: str) -> Caller:
        """Verify a token and return its user.

        Raises:
            IdentityRefused: it is missing, forged, expired, or for another product.
        """
        if not token:
            raise IdentityRefused(
                "no_token",
                "a signed user token is required",
                'Send it as "Authorization: Bearer …" or as ?token=…',
            )
        claims = self._claims(token)
        user_id, until = claims["sub"], float(claims["exp"])
        if until + _LEEWAY_S <= self._clock():
            raise IdentityRefused(
                "expired", "the user token has expired", "Have the host app sign a new one."
            )
        if claims.get("product_id", self._product_id) != self._product_id:
            raise IdentityRefused(
                "wrong_product",
                "the user token is for another product",
                "product_id of the token and of credentials.yml must agree.",
                kind="forbidden",
            )
        return Caller(user_id, until, is_verified=True)

    def _claims(self, token: str) -> dict[str, Any]:
        # The times are checked here, because the clock is a parameter.
        options: Options = {
            "require": ["sub", "exp"],
            "verify_exp": False,
            "verify_aud": False,
            "verify_iat": False,
            # Numbers are ids too.
            "verify_sub": False,
        }
        for key, method in self._keys if len(token) <= _MAX_TOKEN_LENGTH else ():
            try:
                claims: dict[str, Any] = jwt.decode(token, key.reveal(), algorithms=[method], options=options)
            except (jwt.PyJWTError, ValueError, TypeError):
                continue
            with suppress(InvalidId):
                claims["sub"] = canonical_id(claims["sub"])
                if _is_timestamp(claims["exp"]):
                    return claims
        raise IdentityRefused(
            "invalid",
            "the user token is not valid",
            "It must be a JWT with sub and exp, signed with a key that jwt_key of credentials.yml names; "
            f"sub {ID_RULE}.",
        )


def _is_timestamp(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
