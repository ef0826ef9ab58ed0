"""Which site a request comes from, by the headers that pages cannot set."""

from __future__ import annotations

from urllib.parse import urlsplit

from sanic import Request

__all__ = ["is_host_of", "is_same_origin", "origin_of"]


def origin_of(request: Request) -> str:
    """The origin of the page that sent a request; empty if the header is missing."""
    return str(request.headers.get("origin", ""))


def is_same_origin(request: Request) -> bool:
    """Whether a request comes from a page of this server, or not from a page at all.

    Pages cannot set any of these headers. The scheme is not compared, because a server behind a proxy that
    terminates TLS does not know it.
    """
    origin = request.headers.get("origin")
    if not origin or request.headers.get("sec-fetch-site") == "same-origin":
        return True
    return is_host_of(request, urlsplit(origin).netloc)


def is_host_of(request: Request, host: str) -> bool:
    """Whether a host, with its port, is the one that a request was sent to."""
    stated = (request.headers.get("host", ""), request.headers.get("x-forwarded-host", ""))
    return bool(host) and host in [each.partition(",")[0].strip().lower() for each in stated]
