"""Serves the page of a host app for trials: ``demo_page`` in ``credentials.yml``."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import unquote

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, raw, redirect

from rasa_autoplay.common.http.responses import error
from rasa_autoplay.errors import ConfigError

__all__ = ["CONTENT_SECURITY_POLICY", "VENDOR_FILES", "add_demo_routes"]

INDEX = "index.html"

#: Files with other endings are not served, such as notes, package lists and backups of an editor.
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}

#: ``/demo/vendor/<name>`` → the file below ``node_modules``. Nothing else of that folder is served.
VENDOR_FILES = {
    "figtree.woff2": "@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2",
    # The build that never loads other scripts.
    "posthog.js": "posthog-js/dist/array.no-external.js",
    "rasa-webchat.js": "rasa-webchat/lib/index.js",
}

#: Only scripts from this server are allowed, and no inline scripts. ``<style>`` elements are allowed because
#: rasa-webchat uses 18 of them; the host app and the copilot work with ``style-src 'self'``. The web fonts
#: that rasa-webchat requests from another host are refused.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "style-src-attr 'none'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

# A part of a path: not empty, no dot at the beginning, no backslash, no control character.
_STEP = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_MAX_PATH = 512


def add_demo_routes(blueprint: Blueprint, folder: Path) -> None:
    """Serve a host app's folder under ``/demo/``.

    A path without a file ending is a page of the app; ``index.html`` is served for all of them.

    Args:
        blueprint: the gateway's blueprint.
        folder: contains ``index.html``, its files, and npm's ``node_modules``.

    Raises:
        ConfigError: the folder does not exist or has no ``index.html``.
    """
    page = _DemoPage(folder)

    async def demo_page(request: Request) -> HTTPResponse:
        query = f"?{request.query_string}" if request.query_string else ""
        # Relative, because the browser may see this path below a proxy's prefix.
        return redirect(f"demo/{query}")

    async def demo_file(request: Request, path: str) -> HTTPResponse:
        return await page.answer(request, path or INDEX)

    blueprint.add_route(demo_page, "/demo", methods=["GET", "HEAD"])
    blueprint.add_route(demo_file, "/demo/<path:path>", methods=["GET", "HEAD"])


class _DemoPage:
    def __init__(self, folder: Path) -> None:
        if not (folder / INDEX).is_file():
            missing = f"has no {INDEX}" if folder.is_dir() else "is not a folder"
            raise ConfigError(
                f"credentials.yml: demo_page: {str(folder)!r} {missing} (relative to {Path.cwd()}).",
                remedy="Name the folder of a page, as in example_bot/host_app, or leave demo_page out.",
            )
        self._folder = folder.resolve()

    async def answer(self, request: Request, path: str) -> HTTPResponse:
        steps = unquote(path).split("/")
        if steps[0] == "vendor" and len(steps) == 2 and steps[1] in VENDOR_FILES:
            file: Path | None = self._folder / "node_modules" / VENDOR_FILES[steps[1]]
            remedy = "It comes from npm: run `make web`."
        else:
            file, remedy = self._own_file(steps), ""
        found = await asyncio.get_running_loop().run_in_executor(None, _read, file) if file else None
        if file is None or found is None:
            return error(404, "the demo page has no such file", remedy)
        return _answer(request, _CONTENT_TYPES[file.suffix], *found)

    def _own_file(self, steps: list[str]) -> Path | None:
        """The file in the folder that a path names; None if it must not be served."""
        if sum(map(len, steps)) > _MAX_PATH or not all(map(_STEP.fullmatch, steps)):
            return None
        if "." not in steps[-1]:
            return self._folder / INDEX
        file = self._folder.joinpath(*steps)
        if file.suffix not in _CONTENT_TYPES or "node_modules" in steps:
            return None
        # A symbolic link may lead out of the folder.
        return file if file.resolve().is_relative_to(self._folder) else None


def _read(file: Path) -> tuple[bytes, str] | None:
    """A file's content and its ETag; None if there is no such file."""
    try:
        stat = file.stat()
        return file.read_bytes(), f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    except OSError:
        return None


def _answer(request: Request, content_type: str, content: bytes, etag: str) -> HTTPResponse:
    headers = {
        # Cached, but revalidated each time, so that a change of the page is visible after a reload.
        "Cache-Control": "no-cache",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "ETag": etag,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if etag in (name.strip() for name in request.headers.get("if-none-match", "").split(",")):
        return raw(b"", status=304, headers=headers, content_type=content_type)
    return raw(content, headers=headers, content_type=content_type)
