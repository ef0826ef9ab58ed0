"""Serves a constant text, compressed with an encoding that the browser accepts."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import importlib
import importlib.util
import re
from collections.abc import Callable

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty, raw

__all__ = ["add_text_route"]

_HEADERS = {
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    # So that a page with cross-origin isolation (COEP) can load it.
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def add_text_route(blueprint: Blueprint, name: str, text: str, kind: str) -> None:
    """Serve a text under ``/name``, with an ETag for each encoding.

    Args:
        blueprint: the blueprint to add the route to.
        name: the file's name.
        text: the content.
        kind: the media type.
    """
    body = text.encode()
    digest = hashlib.sha256(body).hexdigest()[:32]
    variants = {name: compress(body) for name, compress in _compressors().items()}

    async def serve(request: Request) -> HTTPResponse:
        encoding = next((each for each in variants if _accepts(request, each)), "")
        etag = f'"{digest}-{encoding}"' if encoding else f'"{digest}"'
        headers = {**_HEADERS, "ETag": etag, **({"Content-Encoding": encoding} if encoding else {})}
        if etag in re.findall(r'"[^"]*"', request.headers.get("if-none-match", "")):
            return empty(304, headers=headers)
        return raw(variants.get(encoding, body), headers=headers, content_type=f"{kind}; charset=utf-8")

    blueprint.add_route(serve, f"/{name}", methods=["GET", "HEAD"], name=name.replace(".", "_"))


def _compressors() -> dict[str, Callable[[bytes], bytes]]:
    """The encodings in order of preference. brotli is used if the package is installed."""
    compressors: dict[str, Callable[[bytes], bytes]] = {}
    if importlib.util.find_spec("brotli"):
        compressors["br"] = importlib.import_module("brotli").compress
    compressors["gzip"] = gzip.compress
    return compressors


def _accepts(request: Request, encoding: str) -> bool:
    """Whether ``Accept-Encoding`` names the encoding, or ``*``, with a weight above 0 (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = part.partition(";")
        with contextlib.suppress(ValueError):
            weights[name.strip()] = float(weight.strip().removeprefix("q=") or 1)
    return weights.get(encoding, weights.get("*", 0)) > 0
