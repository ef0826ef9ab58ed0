"""Serves ``autoplay.js``, ``toast.mjs`` and ``tours.mjs``, which are joined from ``static/`` at the start.

There is no build step. A module has its imports and exports on lines of their own. The modules are joined in
the order of :data:`MODULES` into one scope, without import lines, the word ``export``, comments on lines of
their own, and indentation.

Most pages never show an offer. So toasts and tours have scripts of their own, which a page loads with its
first offer. ``tours.mjs`` imports what both need from ``toast.mjs``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sanic import Blueprint

from rasa_autoplay.gateway.routes.compressed_texts import add_text_route

__all__ = [
    "MODULES",
    "TOAST_MODULES",
    "TOUR_MODULES",
    "add_script_routes",
    "as_classic_script",
    "as_module",
    "as_toast_module",
    "as_tour_module",
    "code_lines",
]

#: A module imports only from earlier ones. Top-level names must be unique in all modules.
MODULES = (
    "options",
    "dom",
    "api",
    "cross_tab",
    "outbox",
    "feed",
    "lazy_toast",
    "chat",
    "copilot",
)
#: The modules of ``toast.mjs``, in the same way.
TOAST_MODULES = ("dom", "markdown", "theme", "modals", "help", "offer_card", "toast")
#: The modules of ``tours.mjs``, which may also import from :data:`TOAST_MODULES`.
TOUR_MODULES = (
    "spotlight",
    "tour_steps",
    "page_tour",
    "provider_flow",
    "products",
    "providers",
    "step_aside",
    "touring",
)
_STATIC = Path(__file__).parents[1] / "static"
_IMPORT = re.compile(r'import \{ ([\w, ]+) \} from "\./([a-z_]+)\.js";')
_HEADER = "/*! rasa_autoplay, Apache-2.0 */"


def as_classic_script() -> str:
    """The script for a script tag; its only global is ``rasaAutoplay``."""
    here = "const SCRIPT_URL = document.currentScript?.src;"
    body = _join((*MODULES, "tag"))
    return f'{_HEADER}\n(() => {{\n"use strict";\n{here}\n{body}\n}})();\n'


def as_module() -> str:
    """The script as an ES module: ``import { createCopilot } from "…/autoplay.mjs"``."""
    here = "const SCRIPT_URL = import.meta.url;"
    return f"{_HEADER}\n{here}\n{_join(MODULES)}\nexport {{ createCopilot }};\n"


def as_toast_module() -> str:
    """The toast as an ES module: ``const { createToast } = await import("…/toast.mjs")``."""
    exported = ", ".join(["createToast", *_shared_names()])
    return f"{_HEADER}\n{_join(TOAST_MODULES)}\nexport {{ {exported} }};\n"


def as_tour_module() -> str:
    """The tours as an ES module: ``const { createTouring } = await import("…/tours.mjs")``."""
    shared = f'import {{ {", ".join(_shared_names())} }} from "./toast.mjs";'
    return f"{_HEADER}\n{shared}\n{_join(TOUR_MODULES, TOAST_MODULES)}\nexport {{ createTouring }};\n"


def _shared_names() -> list[str]:
    """The names that ``tours.mjs`` imports from ``toast.mjs``."""
    imports = [
        found for name in TOUR_MODULES for line in _lines_of(name) if (found := _IMPORT.fullmatch(line))
    ]
    return sorted(
        {
            name
            for names, origin in map(re.Match.groups, imports)
            if origin in TOAST_MODULES
            for name in names.split(", ")
        }
    )


def _join(names: Iterable[str], imported: Iterable[str] = ()) -> str:
    """Join modules that import from each other and from the modules of another script."""
    lines: list[str] = []
    known = set(imported)
    for name in names:
        for line in _lines_of(name):
            found = _IMPORT.fullmatch(line)
            if found is None:
                lines.append(line.removeprefix("export "))
            elif found[2] not in known:
                raise ValueError(f"static/{name}.js needs {found[2]}.js before it")
        known.add(name)
    return "\n".join(lines)


def _lines_of(name: str) -> Iterator[str]:
    return code_lines((_STATIC / f"{name}.js").read_text("utf-8"))


def code_lines(text: str) -> Iterator[str]:
    """The lines of a module, without empty lines and comments on lines of their own."""
    in_comment = False
    for line in map(str.strip, text.splitlines()):
        in_comment = in_comment or line.startswith("/*")
        if line and not in_comment and not line.startswith("//"):
            yield line
        if line.endswith("*/"):
            in_comment = False


def add_script_routes(blueprint: Blueprint) -> None:
    """Serve ``/autoplay.js`` (for a script tag), ``/autoplay.mjs`` (the ES module) and its types.

    Either script loads ``/toast.mjs`` and ``/tours.mjs`` when there is a toast or a tour to show.
    """
    types = (_STATIC / "autoplay.d.ts").read_text("utf-8")
    add_text_route(blueprint, "autoplay.js", as_classic_script(), "text/javascript")
    add_text_route(blueprint, "autoplay.mjs", as_module(), "text/javascript")
    add_text_route(blueprint, "autoplay.d.ts", types, "text/plain")
    add_text_route(blueprint, "toast.mjs", as_toast_module(), "text/javascript")
    add_text_route(blueprint, "tours.mjs", as_tour_module(), "text/javascript")
