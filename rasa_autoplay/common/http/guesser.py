"""Who guesses: the party whose wrong keys and tokens are counted together."""

from __future__ import annotations

from sanic import Request

from rasa_autoplay.common.http.responses import address_of

__all__ = ["guesser_of"]

#: Any of these headers shows that a proxy forwarded the request.
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


def guesser_of(request: Request) -> str:
    """Return the party whose wrong keys are counted together."""
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    return f"{'forwarded by ' if is_forwarded else ''}{address_of(request)}"
