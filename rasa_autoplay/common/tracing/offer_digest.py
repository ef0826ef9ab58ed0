"""What stands for an offer in traces: its id is a secret, with which anybody can answer it."""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["offer_digest"]


def offer_digest(offer_id: str) -> str:
    """A digest of an offer's id, from which the id cannot be found: 16 hexadecimal digits."""
    return blake2b(offer_id.encode(), digest_size=8).hexdigest()
