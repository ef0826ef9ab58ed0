"""Signatures with which the Rasa server vouches for chat messages to the action server.

Rasa forwards metadata and entities unchanged from every channel. Therefore the action server trusts a user
id, or a text that the bot should say, only with a proof. A proof is a JWT for one conversation and one
message or text, so it cannot be reused for another. Both servers derive the signing key from the link's
secret.
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

#: The key of a proof in a message's metadata and in the entity of a proactive text.
PROOF_KEY = "autoplay_proof"

_KEY_PURPOSE = b"rasa_autoplay message proofs, version 1"
_MESSAGE, _PROACTIVE = "autoplay:message", "autoplay:proactive"
#: A message can wait for its conversation's lock and for slow actions, and the machines' clocks can differ.
_LIFETIME_S = 300.0
_MAX_PROOF_LENGTH = 8192
# The time is checked below, because the clock is a parameter.
_OPTIONS: Options = {"require": ["exp"], "verify_exp": False, "verify_sub": False}


class MessageProofs:
    """Creates and verifies proofs.

    Args:
        secret: the link's secret. Without one, anyone who can call Rasa's HTTP API can forge a proof.
        clock: epoch seconds.
    """

    def __init__(self, secret: Secret, clock: Callable[[], float] = time.time) -> None:
        self._key = hmac.new(secret.reveal().encode(), _KEY_PURPOSE, hashlib.sha256).digest()
        self._clock = clock

    def for_message(self, user_id: str, sender_id: str, message_id: str) -> str:
        """Prove that a message is from a user.

        Args:
            user_id: the author of the message.
            sender_id: the conversation.
            message_id: Rasa's id of the message.
        """
        return self._sign(_MESSAGE, {"sub": user_id, "conversation": sender_id, "about": message_id})

    def user_of_message(self, proof: object, sender_id: str, message_id: str) -> str:
        """The author of a message; empty if the proof is missing, forged, expired or for another message."""
        claims = self._claims(_MESSAGE, proof, sender_id, message_id)
        return str(claims.get("sub") or "")

    def for_text(self, sender_id: str, text: str, button: str = "") -> str:
        """Prove that the copilot wants to say a text, with a button's payload, in a conversation."""
        return self._sign(_PROACTIVE, {"conversation": sender_id, "about": _digest(text, button)})

    def covers_text(self, proof: object, sender_id: str, text: str, button: str = "") -> bool:
        """Whether the proof covers this text, with this button's payload, in this conversation."""
        return bool(self._claims(_PROACTIVE, proof, sender_id, _digest(text, button)))

    def _sign(self, purpose: str, claims: dict[str, Any]) -> str:
        expires_at = self._clock() + _LIFETIME_S
        return jwt.encode({**claims, "aud": purpose, "exp": int(expires_at)}, self._key, algorithm="HS256")

    def _claims(self, purpose: str, proof: object, sender_id: str, about: str) -> dict[str, Any]:
        """The claims of a valid proof; empty for an invalid one."""
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


def _digest(*texts: str) -> str:
    digests = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts if text)
    return ".".join(digests)
