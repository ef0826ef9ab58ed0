"""Notices a proxy that names its clients' addresses to a server that does not read them."""

from __future__ import annotations

import logging
from typing import Any

from sanic import Request

__all__ = ["ForwardedAddresses"]

logger = logging.getLogger(__name__)

_HEADERS = ("x-forwarded-for", "forwarded", "x-real-ip")
_FOUND = (
    "a proxy forwards requests, but the Rasa server does not read its clients' addresses, so they all share "
    "the proxy's rate limit"
)
_REMEDY = (
    "Set SANIC_PROXIES_COUNT for rasa run to the number of proxies before it, such as 1; the last one must "
    "append its client's address to X-Forwarded-For."
)


class ForwardedAddresses:
    """Warns once when a request carries its client's address, and Sanic is not configured to believe it."""

    def __init__(self) -> None:
        self._are_ignored = False
        self._forwarded = 0

    def observe(self, request: Request) -> None:
        """Look at a request; a middleware of the whole app, so that it sees the chat too."""
        if not any(name in request.headers for name in _HEADERS):
            return
        self._forwarded += 1
        if self._are_ignored or request.remote_addr:
            return
        self._are_ignored = True
        logger.warning("%s%s. %s", _FOUND[0].upper(), _FOUND[1:], _REMEDY)

    def health(self) -> dict[str, Any]:
        """How many requests a proxy has forwarded; if addresses are ignored, also the remedy."""
        if not self._are_ignored:
            return {"state": "ok", "forwarded": self._forwarded}
        return {
            "state": "addresses_ignored",
            "forwarded": self._forwarded,
            "error": _FOUND,
            "remedy": _REMEDY,
        }
