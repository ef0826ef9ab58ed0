"""Signs webhooks as the specification Standard Webhooks says: https://www.standardwebhooks.com."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from rasa_autoplay.settings.secret import Secret

__all__ = ["MAKE_SECRET", "read_secrets", "signed_headers"]

_PREFIX = "whsec_"
#: The specification asks for 24 to 64 bytes.
_FEWEST_BYTES, _MOST_BYTES = 24, 64
#: The old secret and the new one, while receivers change over.
_MOST_SECRETS = 2
MAKE_SECRET = "make one with: echo whsec_$(openssl rand -base64 32)"  # noqa: S105 - how to make a secret


def read_secrets(text: str) -> list[Secret]:
    """Read one secret, or two during a rotation, separated by a space.

    Args:
        text: each secret is ``whsec_`` and the base64 of 24 to 64 random bytes.

    Returns:
        The keys as :class:`Secret` in base64, without the prefix.

    Raises:
        ValueError: that is not such a secret. The error contains no part of it.
    """
    parts = text.split()
    if len(parts) > _MOST_SECRETS:
        raise ValueError(
            f"has {len(parts)} secrets; at most {_MOST_SECRETS}, during a rotation, are signed with"
        )
    return [_read(part) for part in parts]


def _read(part: str) -> Secret:
    if not part.startswith(_PREFIX):
        raise ValueError(f"must begin with {_PREFIX}: {MAKE_SECRET}")
    encoded = part.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"must be base64 after {_PREFIX}: {MAKE_SECRET}") from None
    if not _FEWEST_BYTES <= len(key) <= _MOST_BYTES:
        raise ValueError(f"must have {_FEWEST_BYTES} to {_MOST_BYTES} bytes: {MAKE_SECRET}")
    return Secret(base64.b64encode(key).decode())


def signed_headers(secrets: Sequence[Secret], message_id: str, sent_at: float, body: bytes) -> dict[str, str]:
    """Return the headers with which a receiver checks who sent a message, and when.

    Args:
        secrets: from :func:`read_secrets`; each makes one signature.
        message_id: the same in every repetition.
        sent_at: the time of this attempt, epoch seconds. Receivers reject old ones.
        body: what is sent.
    """
    timestamp = str(int(sent_at))
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = (
        base64.b64encode(hmac.new(base64.b64decode(each.reveal()), content, hashlib.sha256).digest()).decode()
        for each in secrets
    )
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }
