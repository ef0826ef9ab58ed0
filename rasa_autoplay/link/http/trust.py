"""Decides who may use the engine over HTTP: holders of the secret, else programs on this machine."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from sanic import Request

from rasa_autoplay.link.http.endpoint import LINK_HEADER, LINK_SECRET_HEADER
from rasa_autoplay.link.messages import Refusal
from rasa_autoplay.settings.link_secret import LINK_SECRET_VARIABLE
from rasa_autoplay.settings.secret import Secret

__all__ = ["refusal_of"]

#: Headers, or prefixes of headers, that proxies add. A request with one of them was forwarded.
_FORWARDER_HEADERS = (
    "cdn-loop",
    "cf-",
    "client-ip",
    "fastly-",
    "fly-",
    "forwarded",
    "proxy-",
    "true-client-ip",
    "via",
    "x-amz",
    "x-appengine-",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-envoy-",
    "x-forwarded",
    "x-original-",
    "x-proxyuser-ip",
    "x-real-ip",
)
#: Headers that browsers add to the requests of pages; pages cannot remove them.
_BROWSER_HEADERS = ("origin", "sec-fetch-")
_SET_SECRET = (
    f"Set link.secret in credentials.yml, and {LINK_SECRET_VARIABLE} of the action server to the same secret."
)


def refusal_of(request: Request, secret: Secret) -> Refusal | None:
    """Return why a request to the link is refused; None if it is allowed.

    Args:
        request: the request, whose body has not been read.
        secret: the secret shared with the Rasa server; empty if none is set.
    """
    if LINK_HEADER not in request.headers:
        return Refusal(
            "unauthorized",
            "this is the link between two servers",
            "Browsers and other clients must use the Rasa server.",
        )
    presented = _presented_secret(request)
    if secret:
        if presented and secret.matches(presented):
            return None
        return Refusal(
            "unauthorized",
            f"the link's secret is {'wrong' if presented else 'missing'}",
            f"link.secret in credentials.yml and {LINK_SECRET_VARIABLE} of the action server must agree.",
        )
    if presented:
        return Refusal(
            "unauthorized",
            "the Rasa server has a link.secret, but the action server does not",
            f"Set {LINK_SECRET_VARIABLE} for the action server to the same secret, and restart it.",
        )
    return _refusal_without_secret(request)


def _presented_secret(request: Request) -> str:
    """Return the secret of a request; the header Authorization may hold a proxy's credential instead."""
    if presented := request.headers.get(LINK_SECRET_HEADER, ""):
        return str(presented)
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    return presented if scheme == "Bearer" else ""


def _refusal_without_secret(request: Request) -> Refusal | None:
    """Without a secret, only programs on this machine are allowed, and no proxies or browsers."""
    if not _is_loopback_address(request.ip or ""):
        return Refusal(
            "unauthorized", "without a secret, only programs on this machine are allowed", _SET_SECRET
        )
    if not _is_loopback_name(_host_name(request.headers.get("host", ""))):
        return Refusal(
            "unauthorized", "without a secret, the Host must be localhost or a loopback address", _SET_SECRET
        )
    if "authorization" in request.headers:
        return Refusal(
            "unauthorized", "without a secret, a request with a proxy's credential is refused", _SET_SECRET
        )
    for name in request.headers:
        if name.lower().startswith(_FORWARDER_HEADERS):
            return Refusal(
                "unauthorized",
                f"without a secret, a forwarded request is refused ({name.lower()})",
                _SET_SECRET,
            )
        if name.lower().startswith(_BROWSER_HEADERS):
            return Refusal("unauthorized", "without a secret, a browser's request is refused", _SET_SECRET)
    return None


def _host_name(host: str) -> str:
    """Return the name in a ``Host`` header, without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _is_loopback_name(name: str) -> bool:
    return name == "localhost" or _is_loopback_address(name)


# The gateway has the same address and names the same host in each request.
@lru_cache(maxsize=64)
def _is_loopback_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    # A server that also listens on IPv6 sees IPv4 peers as ::ffff:127.0.0.1.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
