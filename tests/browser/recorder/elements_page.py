"""A page in Chromium that has the functions of ``static/elements/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from support.processes import ROOT

from rasa_autoplay.gateway.routes.browser_script import as_elements_expression

__all__ = ["LIBRARIES", "PAGES", "STATIC", "ElementsPage"]

PAGES = Path(__file__).parent / "page"
STATIC = ROOT / "rasa_autoplay" / "gateway" / "static"
LIBRARIES = ROOT / "example_bot" / "host_app" / "node_modules"

#: So that pages have an address that posthog-js captures, too; no server is asked.
ORIGIN = "http://127.0.0.1:9"
_FIND = "const one = (s) => s.split('>>').reduce((r, p) => (r.shadowRoot || r).querySelector(p), document);"


class ElementsPage:
    """One tab whose content tests replace.

    Args:
        page: the tab.

    Attributes:
        is_shown: whether the tab has a page with the functions.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self._html = ""
        self.is_shown = False
        page.route(
            f"{ORIGIN}/**",
            lambda route: route.fulfill(body=self._html, content_type="text/html; charset=utf-8"),
        )

    def show(self, html: str, path: str = "/projects") -> None:
        """Load a page with this content; shadow roots are declared by templates."""
        self._html = f"<!doctype html><html lang=en><title>Pro Projects</title><body>{html}</body></html>"
        self.page.goto(f"{ORIGIN}{path}")
        self.is_shown = True
        self._load()

    def _load(self) -> None:
        self.page.evaluate(f"() => {{ window.elements = {as_elements_expression()}; }}")

    def replace(self, body: str) -> None:
        """Replace the page's content, and what the functions remember: quicker than a new page."""
        self.page.evaluate("(html) => document.body.setHTMLUnsafe(html)", body)
        self._load()

    def run(self, code: str, argument: object = None) -> Any:
        """Run code that may use ``elements``, ``one(selector)`` and ``argument``."""
        return self.page.evaluate(f"(argument) => {{ {_FIND} {code} }}", argument)

    def describe(self, selector: str) -> dict[str, Any]:
        """Describe the first element that a selector finds (``host >> inner`` in shadow roots)."""
        described: dict[str, Any] = self.run("return elements.describe(one(argument))", selector)
        return described

    def selectors(self, selector: str) -> list[dict[str, Any]]:
        """The ranked selectors of the first element that a selector finds."""
        ranked: list[dict[str, Any]] = self.run("return elements.rankedSelectors(one(argument))", selector)
        return ranked
