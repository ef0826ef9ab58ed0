"""Links that open a page of the app with the recorder: the page's URL with a token in its fragment.

A fragment never leaves the browser, so the token reaches no server's log and no ``Referer`` header.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from sanic import Request

from rasa_autoplay.common.http.responses import BadRequest
from rasa_autoplay.gateway.access.page_origins import is_host_of
from rasa_autoplay.settings.origins import AllowedOrigins, canonical_origin

__all__ = ["check_page", "link_to_page"]

_NAME = "autoplay-record"
_LONGEST_URL = 2_000
#: A token of an earlier link, which was copied with the page's URL.
_OLD_TOKEN = re.compile(rf"[?&]?{_NAME}=[\w.-]*$")


def check_page(request: Request, page: str, allowed: AllowedOrigins) -> str:
    """Return a page's URL if the copilot may run on it.

    Args:
        request: asks for the link; a page of its own server is allowed.
        page: the URL.
        allowed: ``allowed_origins`` of ``credentials.yml``.

    Raises:
        BadRequest: 400, it is not the URL of such a page.
    """
    page = page.strip()
    try:
        parts = urlsplit(page)
        origin = canonical_origin(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        origin = ""
    is_web = origin.startswith(("http://", "https://"))
    if not is_web or len(page) > _LONGEST_URL or not page.isprintable() or " " in page:
        raise BadRequest(
            "'page' must be the URL of a page",
            remedy="Copy it from the browser's address bar, such as http://localhost:3000/projects.",
        )
    if origin not in allowed and not is_host_of(request, parts.netloc.lower()):
        raise BadRequest(
            f"{origin} may not use the copilot",
            remedy=f"Add {origin} to allowed_origins in credentials.yml, and restart `rasa run`.",
        )
    return page


def link_to_page(page: str, token: str) -> str:
    """Return the URL of a page with the token at the end of its fragment.

    A fragment that is a route stays readable for the app's router: ``#/projects`` becomes
    ``#/projects?autoplay-record=…``.
    """
    parts = urlsplit(page)
    fragment = _OLD_TOKEN.sub("", parts.fragment)
    joint = "&" if fragment else ""
    if fragment.startswith(("/", "!")) and "?" not in fragment:
        joint = "?"
    return urlunsplit(parts._replace(fragment=f"{fragment}{joint}{_NAME}={token}"))
