"""``autoplay.js`` and ``tours.mjs``: the browser's part, joined from the modules under ``static/`` at start.

There is no build step. A module has its imports and exports on lines of their own, and all modules share one
scope when they stand one after the other in the order of :data:`MODULES`: joining them is leaving out the
import lines, the word ``export``, the comments that have lines of their own, and the indentation.

What shows tours is a script of its own: a page loads it with the first offer that has a tour.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty, raw

__all__ = ["MODULES", "TOUR_MODULES", "add_script_routes", "as_classic_script", "as_module", "as_tour_module"]

#: A module imports only from those before it; names at a module's top level are unique among all of them.
MODULES = (
    "options",
    "dom",
    "markdown",
    "api",
    "cross_tab",
    "outbox",
    "feed",
    "theme",
    "modals",
    "toast",
    "chat",
    "copilot",
)
#: Likewise; the first three are in both scripts.
TOUR_MODULES = (
    "dom",
    "markdown",
    "theme",
    "spotlight",
    "tour_steps",
    "page_tour",
    "provider_flow",
    "products",
    "providers",
    "touring",
)
_STATIC = Path(__file__).parents[1] / "static"
_IMPORT = re.compile(r'import \{ [\w, ]+ \} from "\./([a-z_]+)\.js";')
_HEADER = "/*! rasa_autoplay: toasts, tours and the first word in the chat, for Rasa bots. Apache-2.0 */"


def as_classic_script() -> str:
    """The script for one tag; its only global is ``rasaAutoplay``."""
    here = "const SCRIPT_URL = document.currentScript?.src;"
    body = _join((*MODULES, "tag"))
    return f'{_HEADER}\n(() => {{\n"use strict";\n{here}\n{body}\n}})();\n'


def as_module() -> str:
    """The same as an ES module: ``import { createCopilot } from "…/autoplay.mjs"``."""
    here = "const SCRIPT_URL = import.meta.url;"
    return f"{_HEADER}\n{here}\n{_join(MODULES)}\nexport {{ createCopilot }};\n"


def as_tour_module() -> str:
    """What shows tours, as an ES module: ``const { createTouring } = await import("…/tours.mjs")``."""
    return f"{_HEADER}\n{_join(TOUR_MODULES)}\nexport {{ createTouring }};\n"


def _join(names: Iterable[str]) -> str:
    lines: list[str] = []
    joined: set[str] = set()
    for name in names:
        for line in _code_lines((_STATIC / f"{name}.js").read_text("utf-8")):
            imported = _IMPORT.fullmatch(line)
            if imported is None:
                lines.append(line.removeprefix("export "))
            elif imported[1] not in joined:
                raise ValueError(f"static/{name}.js needs {imported[1]}.js before it")
        joined.add(name)
    return "\n".join(lines)


def _code_lines(text: str) -> Iterator[str]:
    """The lines of a module that are neither empty nor part of a comment that begins a line."""
    in_comment = False
    for line in map(str.strip, text.splitlines()):
        in_comment = in_comment or line.startswith("/*")
        if line and not in_comment and not line.startswith("//"):
            yield line
        if line.endswith("*/"):
            in_comment = False


def add_script_routes(blueprint: Blueprint) -> None:
    """Serve ``/autoplay.js`` (one tag installs it) and ``/autoplay.mjs`` (the same as an ES module).

    ``/autoplay.d.ts`` has the module's types. ``/tours.mjs`` is what either of them loads once there is a
    tour to show.
    """
    _add_route(blueprint, "autoplay.js", as_classic_script().encode())
    _add_route(blueprint, "autoplay.mjs", as_module().encode())
    _add_route(blueprint, "autoplay.d.ts", (_STATIC / "autoplay.d.ts").read_bytes(), "text/plain")
    _add_route(blueprint, "tours.mjs", as_tour_module().encode())


def _add_route(blueprint: Blueprint, name: str, body: bytes, kind: str = "text/javascript") -> None:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
        # A page that isolates itself (COEP) may still load it.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }

    async def serve(request: Request) -> HTTPResponse:
        known = re.findall(r'"[^"]*"', request.headers.get("if-none-match", ""))
        if etag in known:
            return empty(304, headers=headers)
        return raw(body, headers=headers, content_type=f"{kind}; charset=utf-8")

    blueprint.add_route(serve, f"/{name}", methods=["GET", "HEAD"], name=name.replace(".", "_"))
