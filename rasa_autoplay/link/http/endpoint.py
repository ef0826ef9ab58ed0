"""Where the engine answers over HTTP, and what a proxy in front of it demands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import aiohttp

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.settings.secret import Secret

__all__ = [
    "ACTION_ENDPOINT",
    "LINK_HEADER",
    "LINK_PATH",
    "LINK_SECRET_HEADER",
    "LINK_URL",
    "TRACE_HEADER",
    "EngineEndpoint",
    "action_server_endpoint",
    "link_url_endpoint",
]

LINK_PATH = "/autoplay/link"
#: A web page in a browser on this machine can post to a local port, but it cannot set this header.
LINK_HEADER = "X-Autoplay-Link"
#: Carries the link's secret where a proxy uses the header Authorization, which has room for one credential.
LINK_SECRET_HEADER = "X-Autoplay-Link-Secret"  # noqa: S105 - the header's name
#: W3C trace context: the span that a request is a part of.
TRACE_HEADER = "traceparent"

#: The settings that name the engine's address, as remedies call them.
ACTION_ENDPOINT = "action_endpoint in endpoints.yml"
LINK_URL = "link in credentials.yml"


@dataclass(frozen=True)
class EngineEndpoint:
    """The engine's address, and what each request to it must carry.

    Attributes:
        base_url: the address before ``/autoplay/link``, without user, password and query.
        setting: the setting that names the address.
        ca_file: PEM file of the authorities that may have issued the server's certificate; empty for the
            system's authorities.
        headers: sent with each request; may contain secrets.
        params: added to each query; may contain secrets.
    """

    base_url: str
    setting: str = ACTION_ENDPOINT
    ca_file: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def link_url(self) -> str:
        """The address of the link's routes; safe to show."""
        return f"{self.base_url}{LINK_PATH}"

    @property
    def has_authorization(self) -> bool:
        """Whether the endpoint has a use of its own for the header Authorization."""
        return _has_authorization(self.headers)

    @property
    def may_be_proxied(self) -> bool:
        """Whether the address looks like a proxy's; Rasa's action server alone has neither path nor login."""
        address = urlsplit(self.base_url)
        return bool(address.scheme == "https" or address.path or self.headers or self.params)

    def headers_with(self, secret: Secret) -> dict[str, str]:
        """Return the headers of a request, with the link's secret if there is one."""
        headers = {**self.headers, LINK_HEADER: "1"}
        if secret and self.has_authorization:
            headers[LINK_SECRET_HEADER] = secret.reveal()
        elif secret:
            headers["Authorization"] = f"Bearer {secret.reveal()}"
        return headers


def action_server_endpoint(configured: Any) -> EngineEndpoint | None:
    """Find the engine beside the actions: ``…/actions/webhook`` → ``…/actions/autoplay/link``.

    Args:
        configured: Rasa's ``EndpointConfig`` of ``action_endpoint``, or None.

    Returns:
        None if it names no address.

    Raises:
        EngineUnreachable: it cannot be used.
    """
    text = str(getattr(configured, "url", None) or "")
    if not text:
        return None
    url = _split(text, ACTION_ENDPOINT, "http://localhost:5055/webhook")
    path = url.path[:-1] if url.path.endswith("/webhook/") else url.path
    params = dict(parse_qsl(url.query)) | {
        str(name): str(value) for name, value in (getattr(configured, "params", None) or {}).items()
    }
    if token := getattr(configured, "token", None):
        params[str(getattr(configured, "token_name", None) or "token")] = str(token)
    return EngineEndpoint(
        _base_url(url, path.rpartition("/")[0]),
        ACTION_ENDPOINT,
        str(getattr(configured, "cafile", None) or ""),
        _headers(url, configured),
        params,
    )


def link_url_endpoint(url: str, ca_file: str) -> EngineEndpoint:
    """Name an engine that is not beside the actions.

    Args:
        url: the engine's address, with the path that a proxy puts before ``/autoplay/link``.
        ca_file: see :class:`EngineEndpoint`.
    """
    address = urlsplit(url)
    return EngineEndpoint(_base_url(address, address.path), LINK_URL, ca_file)


def _split(text: str, setting: str, example: str) -> SplitResult:
    try:
        url = urlsplit(text)
        is_address = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        # The text is not shown: it may contain a password.
        raise EngineUnreachable(
            f"The url of {setting} is not an HTTP address.", remedy=f"Write it as {example}."
        )
    return url


def _base_url(url: SplitResult, path: str) -> str:
    """Return an address without user, password, query and final slash."""
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{path.rstrip('/')}"


def _headers(url: SplitResult, configured: Any) -> dict[str, str]:
    """Return the endpoint's own headers, with a login as the header Authorization."""
    given = getattr(configured, "headers", None) or {}
    headers = {str(name): str(value) for name, value in given.items()}
    if any(not (name + value).replace("\t", " ").isprintable() for name, value in headers.items()):
        raise EngineUnreachable(
            f"A header of {ACTION_ENDPOINT} has a control character.", remedy="Remove its line break."
        )
    login = _login(url, getattr(configured, "basic_auth", None) or {})
    if login is None:
        return headers
    if _has_authorization(headers):
        raise EngineUnreachable(
            f"{ACTION_ENDPOINT} has both a login and a header Authorization.", remedy="Keep one of them."
        )
    return {**headers, "Authorization": login}


def _has_authorization(headers: Mapping[str, str]) -> bool:
    return any(name.lower() == "authorization" for name in headers)


def _login(url: SplitResult, basic_auth: Mapping[str, Any]) -> str | None:
    if basic_auth:
        user, password = basic_auth.get("username"), basic_auth.get("password")
    elif url.username is not None:
        user, password = unquote(url.username), unquote(url.password or "")
    else:
        return None
    if user is None or password is None:
        raise EngineUnreachable(
            f"basic_auth of {ACTION_ENDPOINT} is not complete.",
            remedy="Write basic_auth: {username: …, password: …}.",
        )
    try:
        return aiohttp.BasicAuth(str(user), str(password)).encode()
    except ValueError:
        # A colon in the user's name, or a character that Rasa's HTTP client cannot send either.
        raise EngineUnreachable(
            f"The user name or password of {ACTION_ENDPOINT} has a character that cannot be sent.",
            remedy="Use Latin letters, and no colon in the name.",
        ) from None
