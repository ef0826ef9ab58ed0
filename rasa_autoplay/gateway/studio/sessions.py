"""Sessions of the studio: a signed cookie that expires, and single-use tickets for the command line."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec
from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.gateway.studio.signed_values import SignedValues
from rasa_autoplay.settings.secret import Secret

__all__ = [
    "COOKIE",
    "LONGEST_TICKET_S",
    "STUDIO_HEADER",
    "TICKET_S",
    "StudioSession",
    "StudioSessions",
    "is_from_studio",
]

COOKIE = "autoplay_studio"
#: Pages of other origins cannot send this header without a preflight.
STUDIO_HEADER = "x-autoplay-studio"
#: Without activity, a session ends after this time.
_IDLE_S = 3600.0
#: Even with activity, a session ends after this time.
_LONGEST_S = 12 * 3600.0
#: How long a ticket can be used by default, and at most.
TICKET_S, LONGEST_TICKET_S = 60.0, 3600.0
#: How many ended sessions and used tickets are remembered; each is remembered until it would expire.
_MAX_ENDED = 10_000


class StudioSession(msgspec.Struct, frozen=True):
    """A signed-in browser.

    Args:
        session_id: random; identifies the session when it signs out.
        began_at: epoch seconds of the sign-in.
        until: epoch seconds; the session ends then.
        path: the path prefix of the gateway's routes, as the browser sees it.
    """

    session_id: str
    began_at: float
    until: float
    path: str


class _Ticket(msgspec.Struct, frozen=True):
    ticket_id: str
    until: float


class StudioSessions:
    """Signs browsers in and out.

    A cookie is a signed value, so every server with the same admin key accepts it. Only the server that
    signed a browser out refuses the ended session before it expires.

    Args:
        key: the admin key.
        clock: epoch seconds.
    """

    def __init__(self, key: Secret, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cookies = SignedValues(key, StudioSession)
        self._tickets = SignedValues(key, _Ticket)
        self._ended: BoundedDict[str, float] = BoundedDict(_MAX_ENDED)
        self._used_tickets: BoundedDict[str, float] = BoundedDict(_MAX_ENDED)

    def begin(self, path: str) -> StudioSession:
        """Begin a session, below a path prefix."""
        now = self._clock()
        return StudioSession(secrets.token_urlsafe(16), now, now + _IDLE_S, path)

    def renew(self, session: StudioSession) -> StudioSession:
        """Prolong a session that is in use."""
        until = min(self._clock() + _IDLE_S, session.began_at + _LONGEST_S)
        return msgspec.structs.replace(session, until=until)

    def end(self, session: StudioSession) -> None:
        """Refuse this session from now on."""
        self._ended[session.session_id] = session.until

    def find(self, request: Request) -> StudioSession | None:
        """Return the session of a request that the studio's own page sent; None if there is none."""
        text = request.cookies.get(COOKIE)
        if not text or not is_from_studio(request):
            return None
        session = self._cookies.decode(text)
        if session is None or session.until <= self._clock() or session.session_id in self._ended:
            return None
        return session

    def set_cookie(self, request: Request, response: HTTPResponse, session: StudioSession) -> None:
        """Give the browser the session's cookie."""
        max_age_s = max(math.ceil(session.until - self._clock()), 0)
        _set_cookie(request, response, self._cookies.encode(session), session.path, max_age_s)

    def clear_cookie(self, request: Request, response: HTTPResponse, path: str) -> None:
        """Make the browser delete the cookie."""
        _set_cookie(request, response, "", path, 0)

    def make_ticket(self, valid_s: float) -> str:
        """Make a text that signs one browser in, once, within ``valid_s`` seconds."""
        return self._tickets.encode(_Ticket(secrets.token_urlsafe(16), self._clock() + valid_s))

    def use_ticket(self, ticket: str) -> str:
        """Use a ticket up at this server; return its id, or an empty text if it is not valid."""
        found = self._tickets.decode(ticket)
        if found is None or found.until <= self._clock() or found.ticket_id in self._used_tickets:
            return ""
        self._used_tickets[found.ticket_id] = found.until
        return found.ticket_id


def is_from_studio(request: Request) -> bool:
    """Whether the page that sent this request has the server's own origin.

    Browsers send ``Sec-Fetch-Site`` to https and to this machine. Elsewhere, they send ``Origin`` with every
    request that a page of another origin can make with our header. ``X-Forwarded-Host`` is not read here,
    because the pages of allowed origins can set it.
    """
    if request.headers.get(STUDIO_HEADER) != "1":
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return bool(site == "same-origin")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "").lower()


def _set_cookie(request: Request, response: HTTPResponse, value: str, path: str, max_age_s: int) -> None:
    is_https = request.scheme == "https" or request.headers.get("origin", "").startswith("https://")
    parts = [f"{COOKIE}={value}", f"Path={path}", f"Max-Age={max_age_s}", "HttpOnly", "SameSite=Strict"]
    response.headers["Set-Cookie"] = "; ".join([*parts, *(["Secure"] if is_https else [])])
