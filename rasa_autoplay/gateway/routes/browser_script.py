"""Serves the browser's scripts, which are joined from ``static/`` at the start.

There is no build step. A module has its imports and exports on lines of their own. The modules are joined in
the order of :data:`MODULES` into one scope, without import lines, the word ``export``, comments on lines of
their own, and indentation.

Most pages never show an offer. So what shows offers, toasts and tours has scripts of its own, which a page
loads with its first offer. ``tours.mjs`` imports what both need from ``toast.mjs``.

Only people who record a path load ``recorder.mjs``. It is made of two folders: ``recorder/`` and
``elements/``, which sees a page's elements as people and analytics do. ``chat.mjs`` is made of
``chat_window/``; ``rasa-widget.mjs`` is the adapter for Rasa's own chat widget. The modules of a folder are
joined in the order of their imports. The recorder may also import from the modules of ``toast.mjs`` and
``tours.mjs``; both chats need no other script.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sanic import Blueprint

from rasa_autoplay.gateway.routes.compressed_texts import add_text_route

__all__ = [
    "CHAT_MODULES",
    "CONSENT_MODULES",
    "MODULES",
    "OFFER_MODULES",
    "OWN_TOAST_MODULES",
    "RASA_WIDGET_MODULES",
    "TOAST_MODULES",
    "TOUR_MODULES",
    "add_script_routes",
    "as_chat_module",
    "as_classic_script",
    "as_consent_module",
    "as_elements_expression",
    "as_module",
    "as_offer_module",
    "as_own_toast_module",
    "as_rasa_widget_module",
    "as_recorder_module",
    "as_tip_module",
    "as_toast_module",
    "as_tour_module",
    "code_lines",
    "folder_modules",
]

#: A module imports only from earlier ones. Top-level names must be unique in all modules.
MODULES = (
    "options",
    "dom",
    "api",
    "record_link",
    "locks",
    "cross_tab",
    "outbox",
    "feed",
    "region",
    "texts",
    "lazy_offers",
    "lazy_chat",
    "consent",
    "webchat_session",
    "copilot",
)
#: The modules of ``offers.mjs``, which has copies of the few small ones that it needs.
OFFER_MODULES = ("dom", "api", "styles", "locks", "first_tab", "webchat", "offers")
#: The modules of ``posthog_consent.mjs``.
CONSENT_MODULES = ("dom", "posthog_consent")
#: The modules of ``toast.mjs``, in the same way.
TOAST_MODULES = (
    "dom",
    "find",
    "styles",
    "markdown",
    "theme",
    "modals",
    "help",
    "offer_card",
    "toast_times",
    "toast",
)
#: The modules of ``own_toast.mjs``, which a page loads that shows offers itself.
OWN_TOAST_MODULES = ("dom", "markdown", "modals", "help", "offer_card", "toast_times", "own_toast")
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
#: What the modules of ``chat.mjs`` import. A window that a page loads at its start brings all that it needs.
CHAT_MODULES = ("dom", "styles", "locks", "cross_tab", "markdown", "theme")
#: The modules of ``rasa-widget.mjs``.
RASA_WIDGET_MODULES = ("dom", "find", "rasa_widget")
#: The modules of ``tips.mjs``, which may also import from :data:`TOAST_MODULES`.
TIP_MODULES = ("tips/tip_texts", "tips/tip_styles", "tips/tip_items", "tips/tips")
#: What ``elements/`` gives to others.
ELEMENT_FUNCTIONS = (
    "capturedEvent",
    "describe",
    "findHits",
    "mostSimilar",
    "rankedSelectors",
    "stepOf",
)
_STATIC = Path(__file__).parents[1] / "static"
_IMPORT = re.compile(r'import \{ ([\w, ]+) \} from "(\.{1,2}/[a-z_/]+)\.js";')
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


def as_offer_module() -> str:
    """What shows offers, as an ES module: ``const { createOffers } = await import("…/offers.mjs")``."""
    return f"{_HEADER}\n{_join(OFFER_MODULES)}\n{_exports({'createOffers'})}\n"


def as_consent_module() -> str:
    """What follows posthog-js: ``const { followPosthog } = await import("…/posthog_consent.mjs")``."""
    return f"{_HEADER}\n{_join(CONSENT_MODULES)}\n{_exports({'followPosthog'})}\n"


def as_toast_module() -> str:
    """The toast as an ES module: ``const { createToast } = await import("…/toast.mjs")``."""
    others = (TOUR_MODULES, TIP_MODULES, _recorder_modules())
    shared = {name for modules in others for name in _imported(modules, TOAST_MODULES)}
    return f"{_HEADER}\n{_join(TOAST_MODULES)}\n{_exports({'createToast', *shared})}\n"


def as_own_toast_module() -> str:
    """What gives offers to a page's own toast, in place of ``toast.mjs``."""
    return f"{_HEADER}\n{_join(OWN_TOAST_MODULES)}\nexport {{ createOwnToast as createToast }};\n"


def as_tour_module() -> str:
    """The tours as an ES module: ``const { createTouring } = await import("…/tours.mjs")``."""
    body = f"{_import_line(TOUR_MODULES, TOAST_MODULES, 'toast')}{_join(TOUR_MODULES, TOAST_MODULES)}"
    shared = _imported(_recorder_modules(), TOUR_MODULES)
    return f"{_HEADER}\n{body}\n{_exports({'createTouring', *shared})}\n"


def as_chat_module() -> str:
    """The chat window as an ES module: ``import { createChatWindow } from "…/chat.mjs"``."""
    here = "const SCRIPT_URL = import.meta.url;"
    body = _join((*CHAT_MODULES, *folder_modules("chat_window")))
    return f"{_HEADER}\n{here}\n{body}\n{_chat_exports('createChatWindow')}\n"


def as_rasa_widget_module() -> str:
    """The adapter for Rasa's own chat widget, as an ES module: it exports ``createRasaWidgetChat``."""
    return f"{_HEADER}\n{_join(RASA_WIDGET_MODULES)}\n{_chat_exports('createRasaWidgetChat')}\n"


def as_tip_module() -> str:
    """The list of tips as an ES module: ``const { createTips } = await import("…/tips.mjs")``."""
    body = f"{_import_line(TIP_MODULES, TOAST_MODULES, 'toast')}{_join(TIP_MODULES, TOAST_MODULES)}"
    return f"{_HEADER}\n{body}\n{_exports({'createTips'})}\n"


def as_recorder_module() -> str:
    """The recorder as an ES module: ``const { startRecorder } = await import("…/recorder.mjs")``."""
    names = _recorder_modules()
    imports = _import_line(names, TOAST_MODULES, "toast") + _import_line(names, TOUR_MODULES, "tours")
    body = _join(names, (*TOAST_MODULES, *TOUR_MODULES))
    return f"{_HEADER}\n{imports}{body}\n{_exports({'startRecorder'})}\n"


def as_elements_expression() -> str:
    """The functions of ``elements/`` as a JavaScript expression: a tool that drives a browser evaluates it.

    Unlike a module, an expression needs no permission from the page's Content-Security-Policy.
    """
    body = _join(("dom", "find", *folder_modules("elements")))
    return f"(() => {{\n{body}\nreturn {{ {', '.join(ELEMENT_FUNCTIONS)} }};\n}})()"


def folder_modules(folder: str) -> list[str]:
    """The names of a folder's modules, each after those that it imports.

    Raises:
        ValueError: modules import each other in a circle.
    """
    ordered: list[str] = []
    files = sorted((_STATIC / folder).glob("*.js"))
    needs = {name: set(_imports(name)) for name in (f"{folder}/{file.stem}" for file in files)}
    while waiting := [name for name in needs if name not in ordered]:
        ready = [name for name in waiting if not needs[name].intersection(waiting)]
        if not ready:
            raise ValueError(f"static/{waiting[0]}.js imports itself by way of others")
        ordered += ready
    return ordered


def _recorder_modules() -> list[str]:
    """The modules of the recorder, and those of ``elements/`` that they need."""
    own = folder_modules("recorder")
    needed = set(own)
    for name in [*own, *reversed(folder_modules("elements"))]:
        if name in needed:
            needed.update(_imports(name))
    return [*(name for name in folder_modules("elements") if name in needed), *own]


def _imports(name: str) -> Iterator[str]:
    """The names of the modules that a module imports."""
    return (_origin(name, found[2]) for line in _lines_of(name) if (found := _IMPORT.fullmatch(line)))


def _origin(name: str, source: str) -> str:
    """The name of the module that the module ``name`` imports as ``source``."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), source))


def _imported(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """The names that modules import from the modules of another script."""
    found = {
        each
        for name in names
        for line in _lines_of(name)
        if (match := _IMPORT.fullmatch(line)) and _origin(name, match[2]) in others
        for each in match[1].split(", ")
    }
    return sorted(found)


def _import_line(names: Iterable[str], others: Iterable[str], script: str) -> str:
    """The line that imports what modules need of another script, or nothing."""
    shared = ", ".join(_imported(names, others))
    return f'import {{ {shared} }} from "./{script}.mjs";\n' if shared else ""


def _chat_exports(name: str) -> str:
    """A chat is exported under its own name, and under the one that ``lazy_chat.js`` knows for all chats."""
    return f"export {{ {name}, {name} as createChat }};"


def _exports(names: Iterable[str]) -> str:
    return f"export {{ {', '.join(sorted(names))} }};"


def _join(names: Iterable[str], imported: Iterable[str] = ()) -> str:
    """Join modules that import from each other and from the modules of another script."""
    lines: list[str] = []
    known = set(imported)
    for name in names:
        for line in _lines_of(name):
            found = _IMPORT.fullmatch(line)
            if found is None:
                lines.append(line.removeprefix("export "))
            elif (origin := _origin(name, found[2])) not in known:
                raise ValueError(f"static/{name}.js needs {origin}.js before it")
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


def add_script_routes(blueprint: Blueprint, saw_script: Callable[[], None]) -> None:
    """Serve ``/autoplay.js`` (for a script tag), ``/autoplay.mjs`` (the ES module) and its types.

    Either script loads ``/offers.mjs``, ``/toast.mjs`` and ``/tours.mjs`` when there is something to show,
    ``/recorder.mjs`` if an operator records a path, and ``/chat.mjs`` or
    ``/rasa-widget.mjs`` where the page names that chat.

    Args:
        blueprint: the blueprint to add the routes to.
        saw_script: is called when a page asks for one of the two.
    """
    types = (_STATIC / "autoplay.d.ts").read_text("utf-8")
    add_text_route(blueprint, "autoplay.js", as_classic_script(), "text/javascript", saw_script)
    add_text_route(blueprint, "autoplay.mjs", as_module(), "text/javascript", saw_script)
    add_text_route(blueprint, "autoplay.d.ts", types, "text/plain")
    add_text_route(blueprint, "offers.mjs", as_offer_module(), "text/javascript")
    add_text_route(blueprint, "posthog_consent.mjs", as_consent_module(), "text/javascript")
    add_text_route(blueprint, "toast.mjs", as_toast_module(), "text/javascript")
    add_text_route(blueprint, "own_toast.mjs", as_own_toast_module(), "text/javascript")
    add_text_route(blueprint, "chat.mjs", as_chat_module(), "text/javascript")
    add_text_route(blueprint, "rasa-widget.mjs", as_rasa_widget_module(), "text/javascript")
    add_text_route(blueprint, "tours.mjs", as_tour_module(), "text/javascript")
    add_text_route(blueprint, "tips.mjs", as_tip_module(), "text/javascript")
    add_text_route(blueprint, "recorder.mjs", as_recorder_module(), "text/javascript")
    for file in sorted((_STATIC / "texts").glob("*.json")):
        add_text_route(blueprint, f"texts/{file.name}", file.read_text("utf-8"), "application/json")
