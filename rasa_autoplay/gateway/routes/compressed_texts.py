"""Serves a constant text, compressed with an encoding that the browser accepts."""

from __future__ import annotations

import contextlib
import functools
import gzip
import hashlib
import importlib
import importlib.util
import re
from collections.abc import Callable, Mapping

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty, raw

__all__ = ["CompressedText", "add_text_route"]

_HEADERS = {
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
# So that a page with cross-origin isolation (COEP) can load it.
_FOR_ALL_ORIGINS = {"Cross-Origin-Resource-Policy": "cross-origin"}


class CompressedText:
    """A text that is compressed once, with an ETag for each encoding.

    Args:
        body: the content.
        content_type: of the answers.
        headers: of each answer.
    """

    def __init__(self, body: bytes, content_type: str, headers: Mapping[str, str]) -> None:
        self._body = body
        self._content_type = content_type
        self._headers = {**_HEADERS, **headers}
        self._digest = hashlib.sha256(body).hexdigest()[:32]

    def answer(self, request: Request) -> HTTPResponse:
        """Return the text, or 304 if the client has it."""
        encoding = next((each for each in self._variants if _accepts(request, each)), "")
        etag = f'"{self._digest}-{encoding}"' if encoding else f'"{self._digest}"'
        headers = {**self._headers, "ETag": etag, **({"Content-Encoding": encoding} if encoding else {})}
        if etag in re.findall(r'"[^"]*"', request.headers.get("if-none-match", "")):
            return empty(304, headers=headers)
        body = self._variants.get(encoding, self._body)
        return raw(body, headers=headers, content_type=self._content_type)

    @functools.cached_property
    def _variants(self) -> dict[str, bytes]:
        return {name: compress(self._body) for name, compress in _compressors().items()}


def _nothing() -> None:
    """Do nothing."""


def add_text_route(
    blueprint: Blueprint, name: str, text: str, kind: str, on_request: Callable[[], None] = _nothing
) -> None:
    """Serve a text under ``/name``, with an ETag for each encoding.

    Args:
        blueprint: the blueprint to add the route to.
        name: the file's name, or its path.
        text: the content.
        kind: the media type.
        on_request: is called when it is asked for.
    """
    served = CompressedText(text.encode(), f"{kind}; charset=utf-8", _FOR_ALL_ORIGINS)

    async def serve(request: Request) -> HTTPResponse:
        on_request()
        return served.answer(request)

    blueprint.add_route(serve, f"/{name}", methods=["GET", "HEAD"], name=re.sub(r"\W", "_", name))


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
