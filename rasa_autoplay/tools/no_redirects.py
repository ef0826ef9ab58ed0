"""An HTTP client that follows no redirect, because another server would receive the key or token."""

from __future__ import annotations

import urllib.request
from typing import Any

__all__ = ["NoRedirects"]


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to the caller, as errors with their status."""

    def redirect_request(self, *_: Any) -> None:
        """Return no request for the new address."""
