"""Proofs by which the Rasa server vouches for a chat message, and the action server checks that it did.

Rasa passes metadata and entities on as they came, whichever channel they came through. So the action server
believes a user id, or a text that the bot is to say, only with a proof. A proof is a JWT that names one
conversation and one message (or one text): nobody can use it for another. Both servers derive its key from
the link's secret.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jwt

from rasa_autoplay.settings.secret import Secret

if TYPE_CHECKING:
    from jwt.types import Options

__all__ = ["PROOF_KEY", "MessageProofs"]

#: Where a proof lies in a message's metadata, and in the entity of a proactive text.
PROOF_KEY = "autoplay_proof"

_KEY_PURPOSE = b"rasa_autoplay message proofs, version 1"
_MESSAGE, _PROACTIVE = "autoplay:message", "autoplay:proactive"
#: A turn can wait for its conversation's lock and for slow actions; the two machines' clocks can differ.
_LIFETIME_S = 300.0
_MAX_PROOF_LENGTH = 8192
# The clock is ours, so the time is checked by us.
_OPTIONS: Options = {"require": ["exp"], "verify_exp": False, "verify_sub": False}


class MessageProofs:
    """Makes and checks proofs.

    Args:
        secret: the link's; without one, anybody who can call Rasa's own HTTP API can make a proof.
        clock: epoch seconds.
    """

    def __init__(self, secret: Secret, clock: Callable[[], float] = time.time) -> None:
        self._key = hmac.new(secret.reveal().encode(), _KEY_PURPOSE, hashlib.sha256).digest()
        self._clock = clock

    def for_message(self, user_id: str, sender_id: str, message_id: str) -> str:
        """Prove that a message is from a user.

        Args:
            user_id: whom the message is from.
            sender_id: the conversation.
            message_id: Rasa's own name for the message.
        """
        return self._sign(_MESSAGE, {"sub": user_id, "conversation": sender_id, "about": message_id})

    def user_of_message(self, proof: object, sender_id: str, message_id: str) -> str:
        """Whom a message is from; empty when the proof is missing, forged, old, or of another message."""
        claims = self._claims(_MESSAGE, proof, sender_id, message_id)
        return str(claims.get("sub") or "")

    def for_text(self, sender_id: str, text: str) -> str:
        """Prove that the copilot is to say a text in a conversation."""
        return self._sign(_PROACTIVE, {"conversation": sender_id, "about": _digest(text)})

    def covers_text(self, proof: object, sender_id: str, text: str) -> bool:
        """Whether the copilot is to say that text in that conversation."""
        return bool(self._claims(_PROACTIVE, proof, sender_id, _digest(text)))

    def _sign(self, purpose: str, claims: dict[str, Any]) -> str:
        expires_at = self._clock() + _LIFETIME_S
        return jwt.encode({**claims, "aud": purpose, "exp": int(expires_at)}, self._key, algorithm="HS256")

    def _claims(self, purpose: str, proof: object, sender_id: str, about: str) -> dict[str, Any]:
        """What a good proof says; nothing for any other."""
        if not isinstance(proof, str) or len(proof) > _MAX_PROOF_LENGTH:
            return {}
        try:
            claims: dict[str, Any] = jwt.decode(
                proof, self._key, algorithms=["HS256"], audience=purpose, options=_OPTIONS
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            return {}
        is_for_this = (claims.get("conversation"), claims.get("about")) == (sender_id, about)
        return claims if is_for_this and about and self._clock() < claims["exp"] else {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
